import Foundation
import Items

/// Stored values in short: `{pk: "a", n: 1, on: true, raw: b"AQ==", tags: <<"x", "y">>}`.
enum ValueText {
    static func of(_ item: ItemBytes) -> String {
        var members: [String] = []
        item.forEachAttribute { name, value in
            members.append(member(String(decoding: item.bytes[name], as: UTF8.self), value))
        }
        return "{" + members.joined(separator: ", ") + "}"
    }

    static func of(_ value: AttributeValue) -> String { of(ItemValue(value)) }

    static func of(_ value: ItemValue) -> String {
        switch value.tag {
        case .string: return AnswerText.quoted(String(decoding: value.scalar, as: UTF8.self))
        case .number: return ScriptMacros.shorten(value.number?.description ?? "?")
        case .binary: return binary(value.scalar)
        case .boolFalse: return "false"
        case .boolTrue: return "true"
        case .null: return "null"
        case .map:
            var members: [String] = []
            value.forEachMember { name, inner in
                members.append(member(String(decoding: value.bytes[name], as: UTF8.self), inner))
            }
            return "{" + members.joined(separator: ", ") + "}"
        case .list: return "[" + value.elements.map(of).joined(separator: ", ") + "]"
        case .stringSet:
            return set(value) { AnswerText.quoted(String(decoding: $0, as: UTF8.self)) }
        case .numberSet:
            return set(value) { DecimalNumber(encoded: $0)?.description ?? "?" }
        case .binarySet:
            return set(value, binary)
        }
    }

    private static func member(_ name: String, _ value: ItemValue) -> String {
        let isPlain = name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } && !name.isEmpty
        return (isPlain ? ScriptMacros.shorten(name) : AnswerText.quoted(name)) + ": " + of(value)
    }

    private static func set(
        _ value: ItemValue, _ text: (ArraySlice<UInt8>) -> String
    ) -> String {
        "<<" + value.setMembers.map(text).joined(separator: ", ") + ">>"
    }

    private static func binary(_ bytes: ArraySlice<UInt8>) -> String {
        "b\"" + ScriptMacros.shorten(Data(bytes).base64EncodedString()) + "\""
    }
}
