internal import Operations

/// The texts of SerializationException for JSON of a wrong type.
enum SerializationText {
    static let unexpectedField = "Unexpected field type"
    static let unexpectedValue = "Unexpected value type in payload"
    static let unexpectedObject = "Start of structure or map found where not expected"
    static let unexpectedToken = "Unexpected token received from parser"
    static let notBase64 = "only base-64-encoded strings are convertible to bytes"
    /// A scalar where a list or map stands in another collection: Java's own words.
    static let notACollection =
        "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to "
        + "class java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl "
        + "and java.lang.Class are in module java.base of loader 'bootstrap')"

    static func conversion(_ token: String, to type: String) -> String {
        "\(token) cannot be converted to \(type)"
    }
    static func unexpectedArray(_ type: String) -> String {
        "Unrecognized collection type \(type)"
    }

    /// The parser's name of a scalar; nil for null, arrays and objects.
    static func token(_ value: JSONValue) -> String? {
        switch value {
        case .bool(let flag): flag ? "TRUE_VALUE" : "FALSE_VALUE"
        case .string: "STRING_VALUE"
        case .number(let text):
            text.utf8.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }
                ? "DECIMAL_VALUE" : "NUMBER_VALUE"
        case .null, .array, .object: nil
        }
    }

    /// What is wrong with a text that should be base64; nil where nothing is.
    static func base64Fault(_ text: some Collection<UInt8>) -> String? {
        let count = text.count
        guard count % 4 == 0 else {
            return "Base64 encoded length is expected a multiple of 4 bytes but found: \(count)"
        }
        let tail = text.suffix(3)
        let padding = UInt8(ascii: "=")
        var pads = 0
        for byte in tail.reversed() where pads < 2 {
            guard byte == padding else { break }
            pads += 1
        }
        // The bits of the last character that reach beyond the last byte must be zero.
        if pads > 0, let last = tail.dropLast(pads).last, let bits = base64Digit(last),
            bits & (pads == 1 ? 0b11 : 0b1111) != 0
        {
            return "Invalid last non-pad Base64 character dectected"
        }
        for byte in text.prefix(count - pads) where base64Digit(byte) == nil {
            return
                "Invalid Base64 character: '\(String(decoding: CollectionOfOne(byte), as: UTF8.self))'"
        }
        return nil
    }

    private static func base64Digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
