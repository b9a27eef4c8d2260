internal import Operations

/// Reads filter patterns.
struct FilterParser {
    private let bytes: [UInt8]
    private var index = 0
    /// How many brackets are open; their number is bounded.
    private var depth = 0

    private static let depthMax = 32

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    private var fault: ServiceError {
        .invalidParameter("Invalid filter pattern")
    }

    mutating func pattern() throws(ServiceError) -> FilterPattern.Kind {
        skipSpaces()
        switch peek {
        case nil: return .everything
        case UInt8(ascii: "{"):
            index += 1
            let condition = try anyOf(endingWith: UInt8(ascii: "}"), isJSON: true)
            try take("}")
            skipSpaces()
            guard peek == nil else { throw fault }
            return .json(condition)
        case UInt8(ascii: "["): return .words(try words())
        default: return try terms()
        }
    }

    // MARK: Terms

    private mutating func terms() throws(ServiceError) -> FilterPattern.Kind {
        var included: [String] = []
        var any: [String] = []
        var excluded: [String] = []
        while let first = peek {
            if first == UInt8(ascii: "?") || first == UInt8(ascii: "-") { index += 1 }
            let term = try term()
            switch first {
            case UInt8(ascii: "?"): any.append(term)
            case UInt8(ascii: "-"): excluded.append(term)
            default: included.append(term)
            }
            skipSpaces()
        }
        // Optional terms count for nothing beside others.
        if !included.isEmpty || !excluded.isEmpty { any = [] }
        return .terms(included: included, any: any, excluded: excluded)
    }

    private mutating func term() throws(ServiceError) -> String {
        if peek == UInt8(ascii: "\"") { return try quoted() }
        // A term between percent signs is a regular expression.
        guard peek != UInt8(ascii: "%") else { throw fault }
        let start = index
        while let byte = peek, !Self.isSpace(byte) {
            // Other characters than these must be quoted.
            guard Self.isTermByte(byte) else { throw fault }
            index += 1
        }
        guard start < index else { throw fault }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func quoted() throws(ServiceError) -> String {
        index += 1
        var text: [UInt8] = []
        while let byte = peek {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = peek else { throw fault }
                index += 1
                text.append(escaped)
            default: text.append(byte)
            }
        }
        throw fault
    }

    // MARK: Conditions

    private mutating func anyOf(
        endingWith end: UInt8, isJSON: Bool
    ) throws(ServiceError) -> FilterCondition {
        var parts = [try allOf(endingWith: end, isJSON: isJSON)]
        while takeIf("||") { parts.append(try allOf(endingWith: end, isJSON: isJSON)) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func allOf(
        endingWith end: UInt8, isJSON: Bool
    ) throws(ServiceError) -> FilterCondition {
        var parts = [try condition(endingWith: end, isJSON: isJSON)]
        while takeIf("&&") { parts.append(try condition(endingWith: end, isJSON: isJSON)) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func condition(
        endingWith end: UInt8, isJSON: Bool
    ) throws(ServiceError) -> FilterCondition {
        skipSpaces()
        if takeIf("(") {
            depth += 1
            guard depth <= Self.depthMax else { throw fault }
            let inner = try anyOf(endingWith: UInt8(ascii: ")"), isJSON: isJSON)
            try take(")")
            depth -= 1
            return inner
        }
        let path = isJSON ? try jsonPath() : FilterPath(steps: [.member(try name())])
        return try comparison(of: path, endingWith: end)
    }

    private mutating func comparison(
        of path: FilterPath, endingWith end: UInt8
    ) throws(ServiceError) -> FilterCondition {
        skipSpaces()
        if takeWord("IS") {
            skipSpaces()
            if takeWord("NULL") { return .isNull(path) }
            if takeWord("TRUE") { return .isBool(path, true) }
            if takeWord("FALSE") { return .isBool(path, false) }
            throw fault
        }
        if takeWord("NOT") {
            skipSpaces()
            guard takeWord("EXISTS") else { throw fault }
            return .exists(path, false)
        }
        if takeWord("EXISTS") { return .exists(path, true) }
        guard let comparison = FilterOperator.allCases.first(where: { takeIf($0.rawValue) }) else {
            throw fault
        }
        skipSpaces()
        let operand = try operand(endingWith: end)
        if case .text = operand, comparison != .equal, comparison != .notEqual { throw fault }
        return .compare(path, comparison, operand)
    }

    private mutating func operand(endingWith end: UInt8) throws(ServiceError) -> FilterOperand {
        if peek == UInt8(ascii: "\"") { return .text(try quoted()) }
        guard peek != UInt8(ascii: "%") else { throw fault }
        let start = index
        let ends = [end] + Array(",()&|".utf8)
        while let byte = peek, !Self.isSpace(byte), !ends.contains(byte) { index += 1 }
        guard start < index else { throw fault }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        // Double reads "nan" and "infinity", too.
        if text.utf8.contains(where: { (0x30...0x39).contains($0) }), let number = Double(text) {
            return .number(number)
        }
        return .text(text)
    }

    /// `$.a.b[0]["a name"][*]`.
    private mutating func jsonPath() throws(ServiceError) -> FilterPath {
        try take("$")
        var steps: [FilterPath.Step] = []
        while let byte = peek {
            if byte == UInt8(ascii: ".") {
                index += 1
                steps.append(.member(try name()))
            } else if byte == UInt8(ascii: "[") {
                index += 1
                skipSpaces()
                if peek == UInt8(ascii: "\"") {
                    steps.append(.member(try quoted()))
                } else if takeIf("*") {
                    steps.append(.everyElement)
                } else {
                    guard let number = Int(try name()), number >= 0 else { throw fault }
                    steps.append(.element(number))
                }
                try take("]")
            } else {
                break
            }
        }
        guard !steps.isEmpty else { throw fault }
        return FilterPath(steps: steps)
    }

    private mutating func name() throws(ServiceError) -> String {
        skipSpaces()
        let start = index
        while let byte = peek, Self.isNameByte(byte) { index += 1 }
        guard start < index else { throw fault }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    // MARK: Words

    private mutating func words() throws(ServiceError) -> WordPattern {
        index += 1
        var pattern = WordPattern(places: [], conditions: [])
        var hasRest = false
        skipSpaces()
        repeat {
            skipSpaces()
            if takeIf("...") {
                guard !hasRest else { throw fault }
                hasRest = true
                pattern.places.append(.rest)
                continue
            }
            let start = index
            let name = try name()
            skipSpaces()
            pattern.places.append(.word(name: name))
            if peek != UInt8(ascii: ","), peek != UInt8(ascii: "]") {
                index = start
                pattern.conditions.append(try anyOf(endingWith: UInt8(ascii: "]"), isJSON: false))
            }
        } while takeIf(",")
        try take("]")
        skipSpaces()
        guard peek == nil else { throw fault }
        return pattern
    }

    // MARK: Bytes

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpaces() {
        while let byte = peek, Self.isSpace(byte) { index += 1 }
    }

    private mutating func takeIf(_ token: String) -> Bool {
        skipSpaces()
        guard bytes[index...].starts(with: token.utf8) else { return false }
        index += token.utf8.count
        return true
    }

    private mutating func take(_ token: String) throws(ServiceError) {
        guard takeIf(token) else { throw fault }
    }

    /// A word in any case, after which no letter comes.
    private mutating func takeWord(_ word: String) -> Bool {
        let end = index + word.utf8.count
        guard end <= bytes.count,
            String(decoding: bytes[index..<end], as: UTF8.self).uppercased() == word,
            end == bytes.count || !Self.isNameByte(bytes[end])
        else { return false }
        index = end
        return true
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "@"), 0x80...:
            true
        default: false
        }
    }

    private static func isTermByte(_ byte: UInt8) -> Bool {
        byte != UInt8(ascii: "\"") && byte > 0x20
    }
}
