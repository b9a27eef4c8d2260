/// Parses the text of one expression: the tokens, and what all grammars share.
///
/// Recursive descent; the depth is bounded by `ExpressionLimits.parserDepthMax`, so that no text
/// can exhaust the stack. Faults of syntax are thrown at once; others wait in the findings, since
/// the service tells them only where the whole expression has a right syntax.
struct ExpressionParser {
    let kind: ExpressionKind
    let text: [UInt8]
    let tokens: [Token]
    var position = 0
    var depth = 0
    var syntax = ExpressionSyntax()
    /// The tokens of the parentheses that were closed last.
    private var lastGroup = (open: -1, close: -1)

    /// - Throws: an error where the text is empty or too long.
    init(_ text: String, kind: ExpressionKind) throws(ExpressionError) {
        self.kind = kind
        self.text = Array(text.utf8)
        guard self.text.count <= ExpressionLimits.byteCountMax else {
            throw kind.error(
                "Expression size has exceeded the maximum allowed size; "
                    + "expression size: \(self.text.count)")
        }
        tokens = ExpressionLexer.tokens(of: self.text)
        if tokens.count == 1 { throw kind.error("The expression can not be empty;") }
    }

    /// The syntax of a text, parsed by the grammar of its kind.
    static func parse(
        _ text: String, kind: ExpressionKind
    ) throws(ExpressionError) -> ExpressionSyntax {
        var parser = try ExpressionParser(text, kind: kind)
        switch kind {
        case .condition, .filter, .keyCondition: try parser.parseWholeCondition()
        case .projection: try parser.parseProjection()
        case .update: try parser.parseUpdate()
        }
        if parser.syntax.operatorCount > ExpressionLimits.operatorCountMax {
            let message = parser.tooManyOperators
            parser.syntax.findings.record(.limit, message)
        }
        return parser.syntax
    }

    // MARK: Tokens

    var current: Token { tokens[position] }

    /// The token after the current; `end` at the end.
    var following: Token { tokens[min(position + 1, tokens.count - 1)] }

    mutating func advance() {
        if position < tokens.count - 1 { position += 1 }
    }

    mutating func accept(_ kind: Token.Kind) -> Bool {
        guard current.kind == kind else { return false }
        advance()
        return true
    }

    mutating func accept(_ keyword: Token.Keyword) -> Bool {
        guard current.keyword == keyword else { return false }
        advance()
        return true
    }

    mutating func expect(_ kind: Token.Kind) throws(ExpressionError) {
        guard accept(kind) else { throw syntaxError() }
    }

    mutating func expect(_ keyword: Token.Keyword) throws(ExpressionError) {
        guard accept(keyword) else { throw syntaxError() }
    }

    func string(_ token: Token) -> String {
        String(decoding: text[token.start..<token.end], as: UTF8.self)
    }

    /// The service's words for a token that cannot stand where it does: the token, and the text
    /// from the token before it to the token after it.
    func syntaxError() -> ExpressionError {
        let token = current.kind == .end ? "<EOF>" : string(current)
        let start = position > 0 ? tokens[position - 1].start : 0
        let near = String(decoding: text[start..<following.end], as: UTF8.self)
        return kind.error("Syntax error; token: \"\(token)\", near: \"\(near)\"")
    }

    // MARK: Bounds

    var tooManyOperators: String {
        "Expression contains too many operators; operator count: \(syntax.operatorCount)"
    }

    /// Enters a level of NOT or of a function.
    mutating func enter() throws(ExpressionError) {
        depth += 1
        if depth > ExpressionLimits.parserDepthMax {
            throw syntax.operatorCount > ExpressionLimits.operatorCountMax
                ? kind.error(tooManyOperators) : redundantParentheses
        }
    }

    private var redundantParentheses: ExpressionError {
        kind.error("The expression has redundant parentheses;")
    }

    /// Parses `( … )` around anything, and notes parentheses directly within parentheses.
    mutating func parseGroup<Result>(
        _ content: (inout ExpressionParser) throws(ExpressionError) -> Result
    ) throws(ExpressionError) -> Result {
        let open = position
        try expect(.leftParenthesis)
        try enter()
        let result = try content(&self)
        depth -= 1
        let close = position
        try expect(.rightParenthesis)
        if lastGroup == (open: open + 1, close: close - 1) {
            syntax.findings.record(.parentheses, "The expression has redundant parentheses;")
        }
        lastGroup = (open, close)
        return result
    }

    // MARK: Paths and operands

    mutating func addOperand(_ operand: OperandSyntax) -> Int {
        syntax.operands.append(operand)
        return syntax.operands.count - 1
    }

    /// Whether an identifier is a word of this grammar, which no path may begin with.
    func isReservedHere(_ keyword: Token.Keyword?) -> Bool {
        switch keyword {
        case nil: false
        case .and, .or, .not, .between, .in: kind != .update && kind != .projection
        case .set, .remove, .add, .delete: kind == .update
        }
    }

    /// `name (. name | [index])*`, a name being an identifier or `#placeholder`.
    mutating func parsePath() throws(ExpressionError) -> PathSyntax {
        var path = PathSyntax(elements: [try parsePathName()])
        while true {
            if accept(.dot) {
                path.elements.append(try parsePathName())
            } else if accept(.leftBracket) {
                let token = current
                try expect(.number)
                try expect(.rightBracket)
                path.elements.append(.index(listIndex(token)))
            } else {
                break
            }
        }
        if path.elements.count > ExpressionLimits.pathElementCountMax {
            syntax.findings.record(
                .limit,
                "The document path has too many nesting elements; "
                    + "nesting levels: \(path.elements.count)")
        }
        return path
    }

    private mutating func parsePathName() throws(ExpressionError) -> PathSyntax.Element {
        let token = current
        switch token.kind {
        case .identifier where !isReservedHere(token.keyword):
            advance()
            let name = string(token)
            if ReservedWords.contains(name) {
                syntax.findings.record(
                    .reserved,
                    "Attribute name is a reserved keyword; reserved keyword: \(name)")
            }
            return .name(name)
        case .name:
            advance()
            return .placeholder(string(token))
        default:
            throw syntaxError()
        }
    }

    private mutating func listIndex(_ token: Token) -> Int {
        let digits = string(token)
        guard let index = Int(digits), index <= ExpressionLimits.listIndexMax else {
            syntax.findings.record(
                .limit, "List index is not within the allowable range; index: [\(digits)]")
            return 0
        }
        return index
    }

    /// A path, a value, a function, or one of them in parentheses.
    mutating func parseOperand() throws(ExpressionError) -> Int {
        switch current.kind {
        case .value:
            let name = string(current)
            advance()
            return addOperand(.value(name))
        case .leftParenthesis:
            return try parseGroup { parser throws(ExpressionError) in
                parser.kind == .update
                    ? try parser.parseUpdateValue() : try parser.parseOperand()
            }
        case .identifier
        where following.kind == .leftParenthesis && !isReservedHere(current.keyword):
            return try parseFunction()
        default:
            return addOperand(.path(try parsePath()))
        }
    }

    private mutating func parseFunction() throws(ExpressionError) -> Int {
        let name = string(current)
        syntax.operatorCount += 1
        try enter()
        advance()
        try expect(.leftParenthesis)
        var arguments = [try parseOperand()]
        while accept(.comma) { arguments.append(try parseOperand()) }
        try expect(.rightParenthesis)
        depth -= 1
        return addOperand(.function(name: name, arguments: arguments))
    }
}
