internal import Items

/// A condition or filter, compiled: flat arrays that evaluation walks without allocating.
///
/// Names and values lie in one pool of bytes, in the encoding of items, so that scalars compare
/// by their payload bytes wherever they come from.
package struct Condition: Sendable {
    /// Numbers are indices into `nodes` and `operands`; ranges into `links`.
    enum Node: Sendable {
        case all(Range<Int>)
        case any(Range<Int>)
        case not(Int)
        case comparison(Comparator, Int, Int)
        case between(Int, lower: Int, upper: Int)
        /// The operand's equal is among the operands that the links tell.
        case membership(Int, in: Range<Int>)
        case exists(Int)
        /// The operand's type is one of these: bit n for the tag with raw value n.
        case type(Int, tags: UInt16)
        case beginsWith(Int, Int)
        case contains(Int, Int)
    }

    enum Operand: Sendable {
        /// A range of `steps`.
        case path(Range<Int>)
        /// An encoded value: a range of `pool`.
        case value(Range<Int>)
        /// The size of an operand's value.
        case size(Int)
    }

    enum Step: Sendable {
        /// A name: a range of `pool`.
        case name(start: Int, end: Int)
        case index(Int)
    }

    private(set) var nodes: [Node] = []
    private(set) var operands: [Operand] = []
    private(set) var steps: [Step] = []
    private(set) var links: [Int] = []
    private(set) var pool: [UInt8] = []
    /// The node of the whole condition.
    private(set) var root = 0

    /// The attributes at the top that the condition reads.
    package private(set) var topLevelAttributes: Set<String> = []

    init() {}

    /// Parses a condition or filter and checks it, with the service's messages.
    ///
    /// - Parameters:
    ///   - kind: the parameter that the text came in; its name is in the messages.
    ///   - scope: the request's names and values; those used are marked.
    package static func parse(
        _ text: String, as kind: ExpressionKind, scope: inout ExpressionScope
    ) throws(ExpressionError) -> Condition {
        let syntax = try SyntaxCache.syntax(of: text, kind: kind)
        var binder = ConditionBinder(syntax: syntax, scope: scope)
        defer { scope = binder.scope }
        try binder.check(kind)
        return binder.compile()
    }

    // MARK: Building

    mutating func add(_ node: Node) -> Int {
        nodes.append(node)
        root = nodes.count - 1
        return root
    }

    mutating func add(_ path: DocumentPath) -> Int {
        topLevelAttributes.insert(path.attribute)
        let start = steps.count
        for element in path.elements {
            switch element {
            case .name(let name):
                let nameStart = pool.count
                pool.append(contentsOf: name)
                steps.append(.name(start: nameStart, end: pool.count))
            case .index(let index):
                steps.append(.index(index))
            }
        }
        operands.append(.path(start..<steps.count))
        return operands.count - 1
    }

    mutating func add(_ value: ItemValue) -> Int {
        let start = pool.count
        pool.append(contentsOf: value.encoded)
        operands.append(.value(start..<pool.count))
        return operands.count - 1
    }

    mutating func addSize(of operand: Int) -> Int {
        operands.append(.size(operand))
        return operands.count - 1
    }

    mutating func addLinks(_ targets: [Int]) -> Range<Int> {
        links.append(contentsOf: targets)
        return (links.count - targets.count)..<links.count
    }
}
