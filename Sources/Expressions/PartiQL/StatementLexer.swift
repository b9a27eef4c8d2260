internal import Items

/// Cuts a PartiQL statement into tokens; the last is always `end`.
struct StatementLexer {
    private let text: [UInt8]
    private var offset = 0

    static func tokens(of text: [UInt8]) throws(ExpressionError) -> [StatementToken] {
        var lexer = StatementLexer(text: text)
        var tokens: [StatementToken] = []
        tokens.reserveCapacity(text.count / 4 + 2)
        while let token = try lexer.next() { tokens.append(token) }
        tokens.append(StatementToken(kind: .end, start: text.count, end: text.count))
        return tokens
    }

    private init(text: [UInt8]) { self.text = text }

    private func byte(_ distance: Int) -> UInt8? {
        offset + distance < text.count ? text[offset + distance] : nil
    }

    /// The next token; nil at the end of the text.
    private mutating func next() throws(ExpressionError) -> StatementToken? {
        try skipSpaceAndComments()
        guard let first = byte(0) else { return nil }
        if Self.isWordStart(first) { return word() }
        if Self.isDigit(first) || first == UInt8(ascii: "."), let number = try number() {
            return number
        }
        switch first {
        case UInt8(ascii: "'"): return try quoted(.string)
        case UInt8(ascii: "\""): return try quoted(.quotedIdentifier)
        default: return try symbol(first)
        }
    }

    private mutating func skipSpaceAndComments() throws(ExpressionError) {
        while let first = byte(0) {
            if first == 0x20 || (0x09...0x0D).contains(first) {
                offset += 1
            } else if first == UInt8(ascii: "-"), byte(1) == UInt8(ascii: "-") {
                while offset < text.count, text[offset] != 0x0A { offset += 1 }
            } else if first == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
                offset += 2
                while byte(0) != UInt8(ascii: "*") || byte(1) != UInt8(ascii: "/") {
                    guard byte(0) != nil else { throw .malformed("Unexpected end of comment") }
                    offset += 1
                }
                offset += 2
            } else {
                return
            }
        }
    }

    private mutating func word() -> StatementToken {
        let start = offset
        while offset < text.count,
            Self.isWordStart(text[offset]) || Self.isDigit(text[offset])
        {
            offset += 1
        }
        let word = String(decoding: text[start..<offset], as: UTF8.self)
        let lowercase = word.lowercased()
        if StatementKeywords.all.contains(lowercase) {
            return StatementToken(kind: .keyword, text: lowercase, start: start, end: offset)
        }
        return StatementToken(kind: .identifier, text: word, start: start, end: offset)
    }

    /// A string or name up to its closing quote; two quotes stand for one.
    private mutating func quoted(
        _ kind: StatementToken.Kind
    ) throws(ExpressionError) -> StatementToken {
        let start = offset
        let quote = text[offset]
        offset += 1
        var content: [UInt8] = []
        while let next = byte(0) {
            offset += 1
            if next == quote {
                guard byte(0) == quote else {
                    return StatementToken(
                        kind: kind, text: String(decoding: content, as: UTF8.self), start: start,
                        end: offset)
                }
                offset += 1
            }
            content.append(next)
        }
        throw .malformed("Unexpected end of quoted text at \(position(start))")
    }

    /// Digits with a point and an exponent; nil for a point that no digit follows.
    private mutating func number() throws(ExpressionError) -> StatementToken? {
        let start = offset
        var end = offset
        func skipDigits() -> Bool {
            let before = end
            while end < text.count, Self.isDigit(text[end]) { end += 1 }
            return end > before
        }
        var hasDigits = skipDigits()
        if end < text.count, text[end] == UInt8(ascii: ".") {
            end += 1
            if skipDigits() { hasDigits = true }
        }
        guard hasDigits else { return nil }
        if end < text.count, text[end] | 0x20 == UInt8(ascii: "e") {
            end += 1
            if end < text.count, text[end] == UInt8(ascii: "+") || text[end] == UInt8(ascii: "-") {
                end += 1
            }
            guard skipDigits() else { throw .malformed("Invalid literal at \(position(start))") }
        }
        if end < text.count, Self.isWordStart(text[end]) {
            throw .malformed("Invalid literal at \(position(start))")
        }
        do throws(NumberFault) {
            let number = try DecimalNumber(String(decoding: text[start..<end], as: UTF8.self))
            offset = end
            return StatementToken(kind: .number(number), start: start, end: end)
        } catch {
            throw ExpressionError(error.message)
        }
    }

    private mutating func symbol(_ first: UInt8) throws(ExpressionError) -> StatementToken {
        let start = offset
        let (kind, length) = symbolKind(first)
        guard let kind else {
            throw .malformed("Invalid character at \(position(start))")
        }
        offset += length
        return StatementToken(
            kind: kind, text: String(decoding: text[start..<offset], as: UTF8.self), start: start,
            end: offset)
    }

    private func symbolKind(_ first: UInt8) -> (StatementToken.Kind?, length: Int) {
        let second = byte(1) ?? 0
        switch (first, second) {
        case (UInt8(ascii: "<"), UInt8(ascii: "<")): return (.leftAngles, 2)
        case (UInt8(ascii: ">"), UInt8(ascii: ">")): return (.rightAngles, 2)
        case (UInt8(ascii: "<"), UInt8(ascii: "=")): return (.comparator(.lessOrEqual), 2)
        case (UInt8(ascii: ">"), UInt8(ascii: "=")): return (.comparator(.greaterOrEqual), 2)
        case (UInt8(ascii: "<"), UInt8(ascii: ">")), (UInt8(ascii: "!"), UInt8(ascii: "=")):
            return (.comparator(.notEqual), 2)
        case (UInt8(ascii: "|"), UInt8(ascii: "|")): return (.otherOperator, 2)
        default: break
        }
        switch first {
        case UInt8(ascii: "="): return (.comparator(.equal), 1)
        case UInt8(ascii: "<"): return (.comparator(.less), 1)
        case UInt8(ascii: ">"): return (.comparator(.greater), 1)
        case UInt8(ascii: "?"): return (.parameter, 1)
        case UInt8(ascii: "("): return (.leftParenthesis, 1)
        case UInt8(ascii: ")"): return (.rightParenthesis, 1)
        case UInt8(ascii: "["): return (.leftBracket, 1)
        case UInt8(ascii: "]"): return (.rightBracket, 1)
        case UInt8(ascii: "{"): return (.leftBrace, 1)
        case UInt8(ascii: "}"): return (.rightBrace, 1)
        case UInt8(ascii: ","): return (.comma, 1)
        case UInt8(ascii: "."): return (.dot, 1)
        case UInt8(ascii: ":"): return (.colon, 1)
        case UInt8(ascii: ";"): return (.semicolon, 1)
        case UInt8(ascii: "*"): return (.star, 1)
        case UInt8(ascii: "+"): return (.plus, 1)
        case UInt8(ascii: "-"): return (.minus, 1)
        case UInt8(ascii: "/"), UInt8(ascii: "%"), UInt8(ascii: "@"): return (.otherOperator, 1)
        default: return (nil, 1)
        }
    }

    private func position(_ start: Int) -> String { Self.position(of: start, in: text) }

    /// Line and column of an offset, both from 1: `1:8`.
    static func position(of offset: Int, in text: [UInt8]) -> String {
        var line = 1
        var column = 1
        for byte in text[..<min(offset, text.count)] {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return "\(line):\(column)"
    }

    private static func isWordStart(_ byte: UInt8) -> Bool {
        let folded = byte | 0x20
        return folded >= UInt8(ascii: "a") && folded <= UInt8(ascii: "z")
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}
