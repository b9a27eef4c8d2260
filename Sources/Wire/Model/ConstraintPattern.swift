internal import Synchronization

/// The regular expressions of the service models.
///
/// DynamoDB's nine are matched by hand: a regular expression engine would cost more than they do,
/// and reads some of Java's syntax differently. Lambda's, of the control plane, are left to the
/// engine. As in Java, the whole string must match.
enum ConstraintPattern {
    /// Whether a string matches; nil for an expression that isn't understood.
    static func matches(_ pattern: String, _ string: String) -> Bool? {
        switch pattern {
        case "[a-zA-Z0-9_.-]+":
            return !string.isEmpty && string.utf8.allSatisfy { isWord($0) || isDotOrDash($0) }
        case #"\p{Print}+"#:
            return !string.isEmpty && string.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        case #"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*"#:
            return string.unicodeScalars.allSatisfy(isText)
        case #"^[^\$]+$"#:
            return !string.isEmpty && !string.utf8.contains(UInt8(ascii: "$"))
        case #"[,;:|\t ]"#:
            return string.utf8.count == 1 && string.utf8.allSatisfy(",;:|\t ".utf8.contains)
        case #"[\x20-\x21\x23-\x2B\x2D-\x7E]*"#:
            return string.utf8.allSatisfy {
                (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: ",")
            }
        case "([0-9a-f]{16})+":
            return !string.isEmpty && string.utf8.count % 16 == 0
                && string.utf8.allSatisfy { isDigit($0) || (0x61...0x66).contains($0) }
        case #"^[a-z0-9A-Z]+[\.\-\w]*[a-z0-9A-Z]+$"#:
            guard string.utf8.count >= 2, let first = string.utf8.first,
                let last = string.utf8.last
            else { return false }
            return isAlphanumeric(first) && isAlphanumeric(last)
                && string.utf8.allSatisfy { isWord($0) || isDotOrDash($0) }
        case "[0-9]{12}":
            return string.utf8.count == 12 && string.utf8.allSatisfy(isDigit)
        case #"[0-9A-Za-z\.\-_]*(?<!\.)"#:
            return !string.hasSuffix(".")
                && string.utf8.allSatisfy { isWord($0) || isDotOrDash($0) }
        default:
            return matchesByEngine(pattern, string)
        }
    }

    /// The most bytes of a string that the engine looks at; Lambda's patterns are of names.
    private static let engineBytesMax = 8_192

    private static let expressions = Mutex<[String: Regex<AnyRegexOutput>]>([:])

    private static func matchesByEngine(_ pattern: String, _ string: String) -> Bool? {
        guard string.utf8.count <= engineBytesMax else { return false }
        return expressions.withLock { expressions in
            if expressions[pattern] == nil {
                expressions[pattern] = (try? Regex(pattern))?.matchingSemantics(.unicodeScalar)
            }
            guard let expression = expressions[pattern] else { return nil }
            do {
                return try expression.wholeMatch(in: string) != nil
            } catch {
                return nil
            }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x61...0x7A).contains(byte | 0x20)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "_")
    }

    private static func isDotOrDash(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
    }

    private static func isText(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D: true
        case 0..<0x20, 0xFFFE, 0xFFFF: false
        default: true
        }
    }
}
