package import Items

/// The actions of an update, checked and bound to the request's names and values.
package struct Update: Sendable {
    /// A right side of SET.
    indirect enum Operand: Sendable {
        case path(DocumentPath)
        case value(ItemValue)
        case ifNotExists(DocumentPath, Operand)
        case listAppend(Operand, Operand)
        case sum(Operand, Operand)
        case difference(Operand, Operand)
    }

    enum Action: Sendable {
        case set(Operand)
        case remove
        /// ADD; a legacy one may also append to a list, and has a message of its own.
        case add(ItemValue, isLegacy: Bool)
        case delete(ItemValue, isLegacy: Bool)
    }

    /// The targets, in the order of the request.
    let paths: [DocumentPath]
    /// One per path.
    let actions: [Action]
    /// The targets as a tree; the leaves are indices into `paths`.
    let tree: PathTree

    init(paths: [DocumentPath], actions: [Action], tree: PathTree) {
        self.paths = paths
        self.actions = actions
        self.tree = tree
    }

    /// Parses an UpdateExpression and checks it, with the service's messages.
    package static func parse(
        _ text: String, scope: inout ExpressionScope
    ) throws(ExpressionError) -> Update {
        let syntax = try SyntaxCache.syntax(of: text, kind: .update)
        var binder = UpdateBinder(syntax: syntax, scope: scope)
        defer { scope = binder.scope }
        return try binder.bind()
    }

    /// The attributes that the targets begin with, in the order of the request, each once.
    package var topLevelAttributes: [String] {
        var seen: Set<String> = []
        return paths.map(\.attribute).filter { seen.insert($0).inserted }
    }

    /// The whole attributes that get a value whose type the update alone tells.
    package var immediateTypes: [(attribute: String, tag: ValueTag)] {
        zip(paths, actions).compactMap { path, action in
            guard path.elements.count == 1 else { return nil }
            let tag: ValueTag? =
                switch action {
                case .set(let operand): operand.immediateTag
                case .add(let value, _): value.tag
                case .remove, .delete: nil
                }
            return tag.map { (path.attribute, $0) }
        }
    }

    /// SET and ADD actions.
    package var writingActionCount: Int { actions.count - clearingActionCount }

    /// Whether there are REMOVE and DELETE actions alone.
    package var onlyClears: Bool { !actions.isEmpty && writingActionCount == 0 }

    /// REMOVE and DELETE actions.
    package var clearingActionCount: Int {
        actions.count { action in
            switch action {
            case .set, .add: false
            case .remove, .delete: true
            }
        }
    }
}

/// What an update made of an item.
package struct UpdateOutcome: Sendable {
    /// The item after the update.
    package var item: ItemBytes
    private let original: ItemBytes
    private let touched: [DocumentPath]
    private let written: [DocumentPath]

    /// - Parameters:
    ///   - touched: the targets, in the item before the update.
    ///   - written: the targets that were not removed, in the item after the update, where
    ///     elements of lists may have another index.
    init(
        item: ItemBytes, original: ItemBytes, touched: [DocumentPath], written: [DocumentPath]
    ) {
        self.item = item
        self.original = original
        self.touched = touched
        self.written = written
    }

    /// The answer to UPDATED_OLD: the touched paths as they were, within just their parents.
    package var updatedOld: ItemBytes { ProjectionPaths(touched).apply(to: original) }

    /// The answer to UPDATED_NEW: the touched paths as they are, within just their parents.
    package var updatedNew: ItemBytes { ProjectionPaths(written).apply(to: item) }
}
