package import Items

/// Which attributes an expression names, for those who decide what a request may touch.
package enum NamedAttributes {
    /// The attributes at the top that an expression's paths begin with.
    ///
    /// A placeholder without a name counts as none: such a request is refused anyway.
    ///
    /// - Parameter names: ExpressionAttributeNames.
    /// - Returns: nil for a text that is no such expression.
    package static func of(
        _ text: String, kind: ExpressionKind, names: [String: String]?
    ) -> Set<String>? {
        guard let syntax = try? SyntaxCache.syntax(of: text, kind: kind) else { return nil }
        var found: Set<String> = []
        func add(_ path: PathSyntax) {
            switch path.elements.first {
            case .name(let name): found.insert(name)
            case .placeholder(let placeholder):
                if let name = names?[placeholder] { found.insert(name) }
            case .index, nil: break
            }
        }
        for path in syntax.paths { add(path) }
        for action in syntax.actions { add(action.path) }
        for operand in syntax.operands {
            if case .path(let path) = operand { add(path) }
        }
        return found
    }
}

extension PartiQLStatement {
    /// The attributes at the top that the statement names, without those of `*` and of RETURNING.
    package var namedAttributes: Set<String> {
        switch self {
        case .select(let statement), .exists(let statement):
            (statement.projection?.topLevelAttributes ?? [])
                .union(statement.filter?.namedAttributes ?? [])
                .union(statement.order.map(\.attribute))
        case .insert(let statement):
            Set(statement.item.names)
        case .update(let statement):
            Set(statement.update.topLevelAttributes)
                .union(statement.update.sourceAttributes)
                .union(statement.filter?.namedAttributes ?? [])
        case .delete(let statement):
            statement.filter?.namedAttributes ?? []
        }
    }

    /// The condition of the statement; nil where it has none.
    package var filter: StatementFilter? {
        switch self {
        case .select(let statement), .exists(let statement): statement.filter
        case .insert: nil
        case .update(let statement): statement.filter
        case .delete(let statement): statement.filter
        }
    }
}

extension StatementFilter {
    /// The attributes at the top that the filter names.
    package var namedAttributes: Set<String> {
        var found: Set<String> = []
        term.collectAttributes(into: &found)
        return found
    }
}

extension StatementTerm {
    /// Depth is bounded by the parser.
    fileprivate func collectAttributes(into found: inout Set<String>) {
        let parts: [StatementTerm]
        switch self {
        case .value, .missing: return
        case .path(let path):
            found.insert(path.attribute)
            return
        case .call(_, let arguments): parts = arguments
        case .sum(let left, let right), .difference(let left, let right): parts = [left, right]
        case .all(let terms), .any(let terms): parts = terms
        case .not(let term), .isMissing(let term), .isNull(let term): parts = [term]
        case .comparison(_, let left, let right): parts = [left, right]
        case .between(let middle, let lower, let upper): parts = [middle, lower, upper]
        case .membership(let member, let candidates): parts = [member] + candidates
        }
        for part in parts { part.collectAttributes(into: &found) }
    }
}

extension Update {
    /// The attributes at the top that the right sides of SET read.
    fileprivate var sourceAttributes: Set<String> {
        var found: Set<String> = []
        func collect(_ operand: Operand) {
            switch operand {
            case .path(let path): found.insert(path.attribute)
            case .value: break
            case .ifNotExists(let path, let other):
                found.insert(path.attribute)
                collect(other)
            case .listAppend(let left, let right), .sum(let left, let right),
                .difference(let left, let right):
                collect(left)
                collect(right)
            }
        }
        for case .set(let operand) in actions { collect(operand) }
        return found
    }
}

extension KeyCondition {
    /// The value that an attribute must equal; nil where the condition leaves it open.
    package func equalValue(of attribute: String) -> ItemValue? {
        for test in tests where test.attribute == attribute {
            if case .equal(let value) = test.test { return value }
        }
        return nil
    }
}
