/// A word of an expression: its kind, and where it is in the text's UTF-8.
struct Token: Sendable {
    enum Kind: UInt8, Sendable {
        case identifier, name, value, number
        case leftParenthesis, rightParenthesis, leftBracket, rightBracket, dot, comma
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, plus, minus
        /// A character that no expression has.
        case invalid
        case end
    }

    /// The words of the grammars, in any case; an identifier may be one.
    enum Keyword: String, Sendable, CaseIterable {
        case and = "AND"
        case or = "OR"
        case not = "NOT"
        case between = "BETWEEN"
        case `in` = "IN"
        case set = "SET"
        case remove = "REMOVE"
        case add = "ADD"
        case delete = "DELETE"
    }

    var kind: Kind
    var start: Int
    var end: Int
    var keyword: Keyword?
}

/// Cuts an expression's text into tokens; the last is always `end`.
enum ExpressionLexer {
    private static let keywords: [(word: [UInt8], keyword: Token.Keyword)] =
        Token.Keyword.allCases.map { (Array($0.rawValue.utf8), $0) }

    static func tokens(of text: [UInt8]) -> [Token] {
        var tokens: [Token] = []
        tokens.reserveCapacity(text.count / 3 + 2)
        var offset = 0
        while offset < text.count {
            if isSpace(text[offset]) {
                offset += 1
                continue
            }
            let token = token(in: text, at: offset)
            tokens.append(token)
            offset = token.end
        }
        tokens.append(Token(kind: .end, start: text.count, end: text.count))
        return tokens
    }

    static func isNamePart(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_")
    }

    private static func token(in text: [UInt8], at start: Int) -> Token {
        func run(from offset: Int, while isIncluded: (UInt8) -> Bool) -> Int {
            var end = offset
            while end < text.count, isIncluded(text[end]) { end += 1 }
            return end
        }
        func single(_ kind: Token.Kind) -> Token {
            Token(kind: kind, start: start, end: start + 1)
        }
        let byte = text[start]
        if isLetter(byte) {
            let end = run(from: start + 1, while: isNamePart)
            return Token(
                kind: .identifier, start: start, end: end, keyword: keyword(text[start..<end]))
        }
        if isDigit(byte) {
            return Token(kind: .number, start: start, end: run(from: start + 1, while: isDigit))
        }
        switch byte {
        case UInt8(ascii: "#"), UInt8(ascii: ":"):
            let end = run(from: start + 1, while: isNamePart)
            guard end > start + 1 else { return single(.invalid) }
            return Token(
                kind: byte == UInt8(ascii: "#") ? .name : .value, start: start, end: end)
        case UInt8(ascii: "("): return single(.leftParenthesis)
        case UInt8(ascii: ")"): return single(.rightParenthesis)
        case UInt8(ascii: "["): return single(.leftBracket)
        case UInt8(ascii: "]"): return single(.rightBracket)
        case UInt8(ascii: "."): return single(.dot)
        case UInt8(ascii: ","): return single(.comma)
        case UInt8(ascii: "="): return single(.equal)
        case UInt8(ascii: "+"): return single(.plus)
        case UInt8(ascii: "-"): return single(.minus)
        case UInt8(ascii: "<"), UInt8(ascii: ">"):
            return angle(in: text, at: start)
        default:
            // The whole of a character of several bytes.
            let end = run(from: start + 1) { $0 & 0xC0 == 0x80 }
            return Token(kind: .invalid, start: start, end: byte < 0x80 ? start + 1 : end)
        }
    }

    private static func angle(in text: [UInt8], at start: Int) -> Token {
        let isLess = text[start] == UInt8(ascii: "<")
        let next = start + 1 < text.count ? text[start + 1] : 0
        if next == UInt8(ascii: "=") {
            return Token(
                kind: isLess ? .lessOrEqual : .greaterOrEqual, start: start, end: start + 2)
        }
        if isLess, next == UInt8(ascii: ">") {
            return Token(kind: .notEqual, start: start, end: start + 2)
        }
        return Token(kind: isLess ? .less : .greater, start: start, end: start + 1)
    }

    private static func keyword(_ word: ArraySlice<UInt8>) -> Token.Keyword? {
        guard word.count <= 7 else { return nil }
        for (candidate, keyword) in keywords
        where candidate.count == word.count
            && zip(word, candidate).allSatisfy({ $0 & 0xDF == $1 })
        {
            return keyword
        }
        return nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte >= 0x09 && byte <= 0x0D
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        let folded = byte | 0x20
        return folded >= UInt8(ascii: "a") && folded <= UInt8(ascii: "z")
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}
