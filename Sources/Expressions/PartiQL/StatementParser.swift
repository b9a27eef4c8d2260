package import Items

extension PartiQLStatement {
    /// Parses a statement and puts its parameters in, with the service's messages.
    ///
    /// - Parameter parameters: the values of the statement's `?`, in order.
    package static func parse(
        _ text: String, parameters: [ItemValue]
    ) throws(ExpressionError) -> PartiQLStatement {
        var parser = try StatementParser(text, parameters: parameters)
        let statement = try parser.parseStatement()
        guard parser.parameterCount == parameters.count else {
            throw ExpressionError(
                "Number of parameters in request and statement don't match.")
        }
        return statement
    }
}

/// Parses one PartiQL statement: the tokens, and what all statements share.
///
/// Recursive descent; the depth is bounded, so that no text can exhaust the stack.
struct StatementParser {
    /// Open parentheses, brackets, braces, functions and NOTs around one term.
    static let depthMax = 100
    /// Operators of one chain of sums and differences.
    static let arithmeticCountMax = 100

    let text: [UInt8]
    let tokens: [StatementToken]
    let parameters: [ItemValue]
    var position = 0
    var depth = 0
    /// How many `?` were met.
    private(set) var parameterCount = 0

    init(_ text: String, parameters: [ItemValue]) throws(ExpressionError) {
        self.text = Array(text.utf8)
        self.parameters = parameters
        tokens = try StatementLexer.tokens(of: self.text)
    }

    // MARK: Tokens

    var current: StatementToken { tokens[position] }

    /// The token after the current; `end` at the end.
    var following: StatementToken { tokens[min(position + 1, tokens.count - 1)] }

    mutating func advance() {
        if position < tokens.count - 1 { position += 1 }
    }

    mutating func accept(_ kind: StatementToken.Kind) -> Bool {
        guard current.kind == kind else { return false }
        advance()
        return true
    }

    mutating func accept(_ keyword: String) -> Bool {
        guard current.isKeyword(keyword) else { return false }
        advance()
        return true
    }

    mutating func expect(
        _ kind: StatementToken.Kind, _ name: String
    ) throws(ExpressionError) {
        guard accept(kind) else { throw .malformed("Expected \(name)") }
    }

    mutating func expect(_ keyword: String) throws(ExpressionError) {
        guard accept(keyword) else { throw .malformed("Expected \(keyword.uppercased()) keyword") }
    }

    /// Where a token is: line, column and length.
    func place(_ token: StatementToken) -> String {
        "\(StatementLexer.position(of: token.start, in: text)):\(token.end - token.start)"
    }

    func string(_ token: StatementToken) -> String {
        String(decoding: text[token.start..<token.end], as: UTF8.self)
    }

    /// The fault of a token that no term can begin with.
    func unexpected() -> ExpressionError {
        switch current.kind {
        case .keyword: .malformed("Unexpected keyword")
        case .otherOperator, .plus, .minus, .comparator: .malformed("Unexpected operator")
        default: .malformed("Unexpected term")
        }
    }

    /// The value of the `?` at hand.
    mutating func takeParameter() -> ItemValue {
        advance()
        parameterCount += 1
        // The counts are compared when the whole statement is known to be well formed.
        return parameterCount <= parameters.count
            ? parameters[parameterCount - 1] : ItemValue(.null)
    }

    /// Parses something that is nested one level deeper.
    mutating func nested<Result>(
        _ content: (inout StatementParser) throws(ExpressionError) -> Result
    ) throws(ExpressionError) -> Result {
        depth += 1
        guard depth <= Self.depthMax else {
            throw .malformed("Nesting Levels have exceeded supported limits")
        }
        let result = try content(&self)
        depth -= 1
        return result
    }

    // MARK: Statements

    mutating func parseStatement() throws(ExpressionError) -> PartiQLStatement {
        let statement: PartiQLStatement
        switch (current.kind, current.text) {
        case (.keyword, "select"):
            statement = .select(try parseSelect())
        case (.keyword, "insert"):
            statement = .insert(try parseInsert())
        case (.keyword, "update"):
            statement = .update(try parseUpdate())
        case (.keyword, "delete"):
            statement = .delete(try parseDelete())
        case (.keyword, "exists"):
            advance()
            try expect(.leftParenthesis, "LEFT_PAREN")
            statement = .exists(try parseSelect())
            try expect(.rightParenthesis, "RIGHT_PAREN")
        case (.identifier, _), (.quotedIdentifier, _):
            throw .malformed("Unexpected token after expression")
        default:
            throw unexpected()
        }
        _ = accept(.semicolon)
        guard current.kind == .end else { throw unexpectedClause() }
        return statement
    }

    /// Clauses of PartiQL that the service doesn't have.
    private static let unsupportedClauses: Set<String> = [
        "group", "having", "limit", "offset", "let", "join", "inner", "left", "right", "full",
        "cross", "union", "intersect", "except", "at", "on",
    ]

    /// The fault of what follows a whole statement.
    func unexpectedClause() -> ExpressionError {
        let isOffset = current.kind == .identifier && current.text.lowercased() == "offset"
        if isOffset || current.kind == .keyword && Self.unsupportedClauses.contains(current.text) {
            return ExpressionError(
                "Unsupported clause: \(string(current).uppercased()) at \(place(current))")
        }
        return .malformed("Unexpected token after expression")
    }

    static let noSimplePath = ExpressionError.malformed("Expected identifier for simple path")

    /// `table` or `table.index`, for which names without quotes may have no other characters.
    mutating func parseSource(
        allowsIndex: Bool
    ) throws(ExpressionError) -> (table: String, index: String?) {
        guard let table = acceptName() else {
            guard allowsIndex else { throw Self.noSimplePath }
            switch current.kind {
            case .string, .number, .leftParenthesis, .leftBracket, .leftBrace, .leftAngles,
                .parameter:
                throw .malformed("Unexpected from source")
            default: throw unexpected()
            }
        }
        var index: String?
        if accept(.dot) {
            let token = current
            guard let name = acceptName() else { throw .malformed("Invalid path dot expression") }
            guard allowsIndex else {
                throw ExpressionError("Unexpected path component at \(place(token))")
            }
            index = name
        }
        switch current.kind {
        case .dot, .leftBracket:
            throw ExpressionError("Unexpected path component at \(place(following))")
        case .minus, .plus, .otherOperator, .star, .comma:
            throw .malformed("Unexpected from source")
        default:
            return (table, index)
        }
    }

    /// A name with or without quotes; nil, and nothing taken, where there is none.
    mutating func acceptName() -> String? {
        guard current.kind == .identifier || current.kind == .quotedIdentifier else { return nil }
        let name = current.text
        advance()
        return name
    }

    /// WHERE and its condition; nil where there is none.
    mutating func parseWhere() throws(ExpressionError) -> StatementFilter? {
        guard accept("where") else { return nil }
        return StatementFilter(term: try parseTerm())
    }
}
