internal import Items
internal import Wire

/// Reads conditions: `total > 100 and contains(tags, "x") and not (a.b[0] = null)`.
///
/// The grammar is that of DynamoDB's expressions, with values written in place: JSON, or strings in
/// single quotes. Names need no placeholders; one with other characters than letters, digits, `_`
/// and `-` stands in backquotes.
struct WordParser {
    private let tokens: [WordToken]
    private var position = 0
    private var depth = 0
    private static let depthMax = 64
    private static let comparators: Set<String> = ["=", "<>", "<", "<=", ">", ">="]
    /// The functions that are conditions, with their count of operands.
    static let conditionFunctions: [String: Int] = [
        "attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2, "begins_with": 2,
        "contains": 2,
    ]

    init(_ text: String) throws(ValueFault) { tokens = try WordToken.tokens(of: text) }

    static func condition(_ text: String) throws(ValueFault) -> WrittenCondition {
        var parser = try WordParser(text)
        let condition = try parser.disjunction()
        try parser.end()
        return condition
    }

    static func path(_ text: String) throws(ValueFault) -> WrittenPath {
        var parser = try WordParser(text)
        let path = try parser.path()
        try parser.end()
        return path
    }

    // MARK: Tokens

    var peek: WordToken? { position < tokens.count ? tokens[position] : nil }

    mutating func accept(_ symbol: String) -> Bool {
        guard peek == .symbol(symbol) else { return false }
        position += 1
        return true
    }

    mutating func accept(keyword: String) -> Bool {
        guard case .name(let name)? = peek, name.lowercased() == keyword else { return false }
        position += 1
        return true
    }

    mutating func expect(_ symbol: String) throws(ValueFault) {
        guard accept(symbol) else {
            throw ValueFault("expected '\(symbol)' \(place)")
        }
    }

    mutating func end() throws(ValueFault) {
        if let rest = peek { throw ValueFault("'\(rest.told)' is not expected \(place)") }
    }

    /// Where the parser is, for errors.
    var place: String {
        if position == 0 { return peek.map { "at '\($0.told)'" } ?? "where nothing is" }
        return "after '\(tokens[min(position, tokens.count) - 1].told)'"
    }

    // MARK: Conditions

    private mutating func disjunction() throws(ValueFault) -> WrittenCondition {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthMax else { throw ValueFault("the condition is nested too deep") }
        var parts = [try conjunction()]
        while accept(keyword: "or") { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction() throws(ValueFault) -> WrittenCondition {
        var parts = [try negation()]
        while accept(keyword: "and") { parts.append(try negation()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func negation() throws(ValueFault) -> WrittenCondition {
        var isNegated = false
        while accept(keyword: "not") { isNegated.toggle() }
        let condition = try simple()
        return isNegated ? .not(condition) : condition
    }

    private mutating func simple() throws(ValueFault) -> WrittenCondition {
        if accept("(") {
            let inner = try disjunction()
            try expect(")")
            return inner
        }
        if case .name(let name)? = peek, position + 1 < tokens.count,
            tokens[position + 1] == .symbol("("), name.lowercased() != "size"
        {
            return try function(name.lowercased())
        }
        let left = try operand()
        if accept(keyword: "between") {
            let low = try operand()
            guard accept(keyword: "and") else { throw ValueFault("expected 'and' \(place)") }
            return .between(left, low, try operand())
        }
        if accept(keyword: "in") {
            try expect("(")
            var list = [try operand()]
            while accept(",") { list.append(try operand()) }
            try expect(")")
            return .oneOf(left, list)
        }
        guard case .symbol(let symbol)? = peek, Self.comparators.contains(symbol) else {
            throw ValueFault("expected =, <>, <, <=, >, >=, between or in \(place)")
        }
        position += 1
        return .comparison(left, symbol, try operand())
    }

    private mutating func function(_ name: String) throws(ValueFault) -> WrittenCondition {
        guard let count = Self.conditionFunctions[name] else {
            let known = Self.conditionFunctions.keys.sorted().joined(separator: ", ")
            throw ValueFault("there is no function \(name): there are \(known) and size")
        }
        position += 1
        try expect("(")
        var operands = [try operand()]
        while accept(",") { operands.append(try operand()) }
        try expect(")")
        guard operands.count == count else {
            throw ValueFault("\(name) takes \(count) operand\(count == 1 ? "" : "s")")
        }
        return .function(name, operands)
    }

    // MARK: Operands

    mutating func operand() throws(ValueFault) -> WrittenOperand {
        switch peek {
        case .literal(let value)?:
            position += 1
            return .literal(value)
        case .valuePlaceholder(let name)?:
            position += 1
            return .placeholder(name)
        case .name(let name)?:
            let next = position + 1 < tokens.count ? tokens[position + 1] : nil
            if name.lowercased() == "size", next == .symbol("(") {
                position += 2
                let inner = try path()
                try expect(")")
                return .size(inner)
            }
            guard let constant = Self.constant(name), next != .symbol("."), next != .symbol("[")
            else { return .path(try path()) }
            position += 1
            return .literal(constant)
        case .quotedName?, .namePlaceholder?: return .path(try path())
        case .symbol?, nil: throw ValueFault("a name or value is missing \(place)")
        }
    }

    private static func constant(_ name: String) -> JSONValue? {
        switch name {
        case "true": .bool(true)
        case "false": .bool(false)
        case "null": .null
        default: nil
        }
    }

    mutating func path() throws(ValueFault) -> WrittenPath {
        var steps = [try step()]
        while true {
            if accept(".") {
                steps.append(try step())
            } else if accept("[") {
                guard case .literal(.number(let text))? = peek, let index = Int(text), index >= 0
                else { throw ValueFault("an index is a number \(place)") }
                position += 1
                try expect("]")
                steps.append(.index(index))
            } else {
                return WrittenPath(steps)
            }
        }
    }

    private mutating func step() throws(ValueFault) -> WrittenPath.Step {
        switch peek {
        case .name(let name)?, .quotedName(let name)?:
            position += 1
            return .name(name)
        case .namePlaceholder(let name)?:
            position += 1
            return .placeholder(name)
        default: throw ValueFault("a name is missing \(place)")
        }
    }

    /// Paths apart by commas: `id,total,a.b[0]`.
    static func paths(_ text: String) throws(ValueFault) -> [WrittenPath] {
        var parser = try WordParser(text)
        var paths = [try parser.path()]
        while parser.accept(",") { paths.append(try parser.path()) }
        try parser.end()
        return paths
    }
}
