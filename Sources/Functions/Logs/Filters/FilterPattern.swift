package import Operations
internal import Wire

/// A filter pattern of CloudWatch Logs: which messages are wanted.
///
/// - `ERROR timeout`: messages with both; `"two words"`: with the phrase; `-debug`: without;
///   `?WARN ?ERROR`: with any of them, unless there are terms that must be there or must not.
/// - `{ $.level = "ERROR" && $.ms > 100 }`: messages that are JSON and satisfy a condition.
/// - `[ip, user, ..., status = 4*, bytes > 1000]`: messages of words between spaces.
///
/// Terms are found anywhere in a message, in their own case.
package struct FilterPattern: Sendable {
    enum Kind: Sendable {
        case everything
        case terms(included: [String], any: [String], excluded: [String])
        case json(FilterCondition)
        case words(WordPattern)
    }

    let kind: Kind

    package static let everything = FilterPattern(kind: .everything)

    init(kind: Kind) { self.kind = kind }

    /// - Throws: InvalidParameterException for what is no pattern.
    package init(_ text: String) throws(ServiceError) {
        var parser = FilterParser(text)
        kind = try parser.pattern()
    }

    /// Whether a message is wanted.
    package func matches(_ message: String) -> Bool {
        switch kind {
        case .everything: return true
        case .terms(let included, let any, let excluded):
            let bytes = Array(message.utf8)
            func has(_ term: String) -> Bool { bytes.contains(run: Array(term.utf8)) }
            return included.allSatisfy(has) && !excluded.contains(where: has)
                && (any.isEmpty || any.contains(where: has))
        case .json(let condition):
            guard let value = try? JSONValue(parsing: Array(message.utf8)) else { return false }
            return condition.holds { $0.value(in: value) }
        case .words(let pattern):
            return pattern.matches(message)
        }
    }
}

/// A condition on values that are found in a message.
indirect enum FilterCondition: Sendable {
    case all([FilterCondition])
    case any([FilterCondition])
    case compare(FilterPath, FilterOperator, FilterOperand)
    case isNull(FilterPath)
    case isBool(FilterPath, Bool)
    case exists(FilterPath, Bool)

    /// - Parameter values: the values at a path, none where there is nothing.
    func holds(_ values: (FilterPath) -> [JSONValue]) -> Bool {
        switch self {
        case .all(let parts): parts.allSatisfy { $0.holds(values) }
        case .any(let parts): parts.contains { $0.holds(values) }
        case .compare(let path, let comparison, let operand):
            values(path).contains { operand.compare($0, comparison) }
        case .isNull(let path): values(path).contains { $0.isNull }
        case .isBool(let path, let flag): values(path).contains { $0.bool == flag }
        case .exists(let path, let wanted): values(path).isEmpty != wanted
        }
    }
}

enum FilterOperator: String, Sendable, CaseIterable {
    // Longer ones first: a parser takes the first that fits.
    case notEqual = "!="
    case atLeast = ">="
    case atMost = "<="
    case equal = "="
    case greater = ">"
    case less = "<"
}

/// Where a value stands: `$.request.headers[0].name`, or the name of a word.
struct FilterPath: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        case member(String)
        case element(Int)
        case everyElement
    }

    var steps: [Step]

    func value(in value: JSONValue) -> [JSONValue] {
        var found = [value]
        for step in steps {
            switch step {
            case .member(let name): found = found.compactMap { $0[name] }
            case .element(let index):
                found = found.compactMap { value in
                    guard let elements = value.elements, elements.indices.contains(index) else {
                        return nil
                    }
                    return elements[index]
                }
            case .everyElement: found = found.flatMap { $0.elements ?? [] }
            }
        }
        return found
    }
}

/// What a value is compared with: a number, or a text in which `*` stands for anything.
enum FilterOperand: Sendable {
    case number(Double)
    case text(String)

    func compare(_ value: JSONValue, _ comparison: FilterOperator) -> Bool {
        switch self {
        case .number(let wanted):
            let number: Double? =
                switch value {
                case .number(let text): Double(text)
                // A word of a message is a text that may be a number.
                case .string(let text): Double(text)
                default: nil
                }
            guard let number else { return comparison == .notEqual }
            return switch comparison {
            case .equal: number == wanted
            case .notEqual: number != wanted
            case .greater: number > wanted
            case .less: number < wanted
            case .atLeast: number >= wanted
            case .atMost: number <= wanted
            }
        case .text(let pattern):
            let text: String? =
                switch value {
                case .string(let text), .number(let text): text
                case .bool(let flag): String(flag)
                default: nil
                }
            let isEqual = text.map { Self.matches(Array($0.utf8), Array(pattern.utf8)) } ?? false
            return switch comparison {
            case .equal: isEqual
            case .notEqual: !isEqual
            default: false
            }
        }
    }

    /// Whether a text fits a pattern with `*`; takes time in proportion to the product of lengths.
    static func matches(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
        let star = UInt8(ascii: "*")
        var textIndex = 0
        var patternIndex = 0
        /// Where the last star stood, and from where in the text what comes after it was tried.
        var retry: (pattern: Int, text: Int)?
        while textIndex < text.count {
            if patternIndex < pattern.count, pattern[patternIndex] == star {
                retry = (patternIndex + 1, textIndex)
                patternIndex += 1
            } else if patternIndex < pattern.count, pattern[patternIndex] == text[textIndex] {
                patternIndex += 1
                textIndex += 1
            } else if let last = retry {
                retry = (last.pattern, last.text + 1)
                patternIndex = last.pattern
                textIndex = last.text + 1
            } else {
                return false
            }
        }
        return pattern[patternIndex...].allSatisfy { $0 == star }
    }
}

/// `[ip, user, ..., status = 4*]`: words by their place.
struct WordPattern: Sendable {
    enum Place: Sendable {
        case word(name: String)
        /// `...`: any number of words; at most one stands in a pattern.
        case rest
    }

    var places: [Place]
    var conditions: [FilterCondition]

    func matches(_ message: String) -> Bool {
        let words = Self.words(message)
        let rest = places.firstIndex { if case .rest = $0 { true } else { false } }
        guard rest == nil ? words.count == places.count : words.count >= places.count - 1 else {
            return false
        }
        var named: [String: String] = [:]
        for (index, place) in places.enumerated() {
            guard case .word(let name) = place else { continue }
            let isAfterRest = rest.map { index > $0 } ?? false
            named[name] = words[isAfterRest ? words.count - places.count + index : index]
        }
        return conditions.allSatisfy { condition in
            condition.holds { path in
                guard case .member(let name)? = path.steps.first, let word = named[name] else {
                    return []
                }
                return [.string(word)]
            }
        }
    }

    /// The words of a message: between spaces; what stands in brackets or quotes is one.
    static func words(_ message: String) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var closing: UInt8?
        var isOpen = false
        for byte in message.utf8 {
            if let end = closing {
                if byte == end { closing = nil } else { word.append(byte) }
                continue
            }
            switch byte {
            case UInt8(ascii: "["):
                closing = UInt8(ascii: "]")
                isOpen = true
            case UInt8(ascii: "\""):
                closing = UInt8(ascii: "\"")
                isOpen = true
            case 0x20, 0x09, 0x0A, 0x0D:
                if isOpen { words.append(String(decoding: word, as: UTF8.self)) }
                word = []
                isOpen = false
            default:
                word.append(byte)
                isOpen = true
            }
        }
        if isOpen { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }
}

extension [UInt8] {
    /// Whether bytes stand in these one after another.
    fileprivate func contains(run: [UInt8]) -> Bool {
        guard let first = run.first else { return true }
        guard run.count <= count else { return false }
        return (0...(count - run.count)).contains { start in
            self[start] == first && self[start..<(start + run.count)].elementsEqual(run)
        }
    }
}
