internal import Items

/// A word of a PartiQL statement, and where it is in the text's UTF-8.
struct StatementToken: Sendable {
    enum Kind: Sendable, Equatable {
        /// A reserved word; its text is in lower case.
        case keyword
        /// A name without quotes.
        case identifier
        /// A name in double quotes.
        case quotedIdentifier
        case string
        case number(DecimalNumber)
        /// `?`
        case parameter
        case comparator(Comparator)
        case leftParenthesis, rightParenthesis, leftBracket, rightBracket, leftBrace, rightBrace
        case leftAngles, rightAngles
        case comma, dot, colon, semicolon, star, plus, minus
        /// An operator that PartiQL has and the service has not: `||`, `/`, `%`, `@`.
        case otherOperator
        case end
    }

    var kind: Kind
    /// A keyword in lower case, a name or string without quotes and escapes.
    var text = ""
    var start: Int
    var end: Int

    /// Whether this is the keyword; it is given in lower case.
    func isKeyword(_ word: String) -> Bool { kind == .keyword && text == word }
}

extension ExpressionError {
    /// A statement that is no PartiQL.
    static func malformed(_ reason: String) -> ExpressionError {
        ExpressionError("Statement wasn't well formed, can't be processed: \(reason)")
    }
}
