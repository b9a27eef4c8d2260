internal import Items

/// Terms, from the loosest operator to the tightest: OR, AND, NOT, comparisons, + and -.
extension StatementParser {
    mutating func parseTerm() throws(ExpressionError) -> StatementTerm {
        try nested { parser throws(ExpressionError) in try parser.parseOr() }
    }

    private mutating func parseOr() throws(ExpressionError) -> StatementTerm {
        var parts = [try parseAnd()]
        while accept("or") { parts.append(try parseAnd()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func parseAnd() throws(ExpressionError) -> StatementTerm {
        var parts = [try parseNot()]
        while accept("and") { parts.append(try parseNot()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func parseNot() throws(ExpressionError) -> StatementTerm {
        guard accept("not") else { return try parseComparison() }
        return .not(try nested { parser throws(ExpressionError) in try parser.parseNot() })
    }

    private mutating func parseComparison() throws(ExpressionError) -> StatementTerm {
        let left = try parseSum()
        if case .comparator(let comparator) = current.kind {
            advance()
            return .comparison(comparator, left, try parseSum())
        }
        let negates = current.isKeyword("not")
        guard current.kind == .keyword else { return left }
        switch negates ? following.text : current.text {
        case "between":
            if negates { advance() }
            advance()
            let lower = try parseSum()
            try expect("and")
            return negated(negates, .between(left, lower: lower, upper: try parseSum()))
        case "in":
            if negates { advance() }
            advance()
            return negated(negates, .membership(left, in: try parseMembers()))
        case "is" where !negates:
            advance()
            let negates = accept("not")
            if accept("missing") { return negated(negates, .isMissing(left)) }
            if accept("null") { return negated(negates, .isNull(left)) }
            guard current.kind == .keyword || current.kind == .identifier else {
                throw .malformed("Expected type name")
            }
            throw ExpressionError(
                "Unsupported token in expression: \(string(current)) at \(place(current))")
        case "like":
            if negates { advance() }
            throw ExpressionError(
                "Unsupported operator: \(string(current)) at \(place(current))")
        default:
            return left
        }
    }

    private func negated(_ negates: Bool, _ term: StatementTerm) -> StatementTerm {
        negates ? .not(term) : term
    }

    /// The list of IN: in brackets, in parentheses, or one value that is a list or a set.
    private mutating func parseMembers() throws(ExpressionError) -> [StatementTerm] {
        let isBracketed = current.kind == .leftBracket
        guard isBracketed || current.kind == .leftParenthesis else {
            guard case .value(let value) = try parsePrimary() else {
                throw .malformed("Expected a list of values")
            }
            if value.tag == .list { return value.elements.map { .value($0) } }
            if value.tag.isSet { return value.memberValues.map { .value($0) } }
            throw .malformed("Expected a list of values")
        }
        advance()
        let close: StatementToken.Kind = isBracketed ? .rightBracket : .rightParenthesis
        var members: [StatementTerm] = []
        if accept(close) { return members }
        repeat { members.append(try parseSum()) } while accept(.comma)
        try expect(close, isBracketed ? "RIGHT_BRACKET" : "RIGHT_PAREN")
        return members
    }

    /// A chain of + and -.
    mutating func parseSum() throws(ExpressionError) -> StatementTerm {
        var result = try parseSigned()
        var count = 0
        while current.kind == .plus || current.kind == .minus {
            count += 1
            guard count <= Self.arithmeticCountMax else {
                throw .malformed("Expression contains too many operators")
            }
            let isSum = current.kind == .plus
            advance()
            let right = try parseSigned()
            result = isSum ? .sum(result, right) : .difference(result, right)
        }
        if current.kind == .star || current.kind == .otherOperator {
            throw ExpressionError(
                "Unsupported operator: \(string(current)) at \(place(current))")
        }
        return result
    }

    /// A number with a sign, or any primary without.
    private mutating func parseSigned() throws(ExpressionError) -> StatementTerm {
        guard current.kind == .plus || current.kind == .minus else { return try parsePrimary() }
        let isNegative = current.kind == .minus
        advance()
        guard case .number(let number) = current.kind else { throw unexpected() }
        advance()
        return .value(ItemValue(.number(isNegative ? number.negated : number)))
    }

    private mutating func parsePrimary() throws(ExpressionError) -> StatementTerm {
        switch current.kind {
        case .parameter:
            return .value(takeParameter())
        case .string:
            let text = current.text
            advance()
            return .value(ItemValue(.string(text)))
        case .number(let number):
            advance()
            return .value(ItemValue(.number(number)))
        case .leftParenthesis:
            advance()
            let term = try parseTerm()
            try expect(.rightParenthesis, "RIGHT_PAREN")
            return term
        case .leftBracket, .leftBrace, .leftAngles:
            return .value(
                try nested { parser throws(ExpressionError) in
                    try parser.parseContainer()
                })
        case .identifier where following.kind == .leftParenthesis:
            return try parseCall()
        case .identifier, .quotedIdentifier:
            return .path(try parsePath())
        case .keyword:
            return try parseKeyword()
        default:
            throw unexpected()
        }
    }

    private mutating func parseKeyword() throws(ExpressionError) -> StatementTerm {
        switch current.text {
        case "true", "false":
            let isTrue = current.text == "true"
            advance()
            return .value(ItemValue(.bool(isTrue)))
        case "null":
            advance()
            return .value(ItemValue(.null))
        case "missing":
            advance()
            return .missing
        case "exists" where following.kind == .leftParenthesis:
            throw ExpressionError(
                "Unsupported token in expression: EXISTS at \(place(current))")
        default:
            guard following.kind == .leftParenthesis else { throw unexpected() }
            return try parseCall()
        }
    }

    private mutating func parseCall() throws(ExpressionError) -> StatementTerm {
        let name = current.text.lowercased()
        guard StatementFunctions.all.contains(name) else {
            throw ExpressionError(
                "Unsupported function: \(string(current)) at \(place(current))")
        }
        advance()
        advance()
        let arguments = try nested { parser throws(ExpressionError) in
            var arguments: [StatementTerm] = []
            if parser.accept(.rightParenthesis) { return arguments }
            repeat { arguments.append(try parser.parseSum()) } while parser.accept(.comma)
            try parser.expect(.rightParenthesis, "RIGHT_PAREN")
            return arguments
        }
        return .call(name, arguments)
    }

    // MARK: Paths

    /// A path: `name (. name | [index] | ['name'])*`.
    ///
    /// - Parameter isTarget: whether SET or REMOVE changes what it leads to.
    mutating func parsePath(isTarget: Bool = false) throws(ExpressionError) -> DocumentPath {
        guard let name = acceptName() else { throw isTarget ? Self.noSimplePath : unexpected() }
        var path = DocumentPath(attribute: name)
        while true {
            if accept(.dot) {
                guard let name = acceptName() else {
                    throw .malformed("Invalid path dot expression")
                }
                path.elements.append(.name(Array(name.utf8)))
            } else if accept(.leftBracket) {
                path.elements.append(try parsePathIndex())
                try expect(.rightBracket, "RIGHT_BRACKET")
            } else {
                break
            }
        }
        guard path.elements.count <= ExpressionLimits.pathElementCountMax else {
            throw ExpressionError(
                "The document path has too many nesting elements; "
                    + "nesting levels: \(path.elements.count)")
        }
        return path
    }

    private mutating func parsePathIndex() throws(ExpressionError) -> DocumentPath.Element {
        let token = current
        switch token.kind {
        case .string:
            advance()
            return .name(Array(token.text.utf8))
        case .number(let number):
            guard let index = number.integer, index >= 0,
                index <= ExpressionLimits.listIndexMax
            else {
                throw ExpressionError(
                    "List index is not within the allowable range; index: [\(string(token))]")
            }
            advance()
            return .index(index)
        default:
            throw ExpressionError("Unexpected path component at \(place(token))")
        }
    }
}

/// The functions that a statement may call.
enum StatementFunctions {
    /// Conditions, and `size`, which is a value.
    static let conditions: Set<String> = ["attribute_type", "begins_with", "contains", "size"]
    /// Right sides of SET.
    static let updates: Set<String> = ["list_append", "set_add", "set_delete"]
    static let all = conditions.union(updates)
}
