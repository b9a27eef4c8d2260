import Items

@testable import Wire

/// An answer's JSON as scripts show it: members in the wire's order, on one line where they fit.
enum AnswerText {
    private static let columnsMax = 96

    /// The lines of an answer: the status, and the body exactly as on the wire.
    ///
    /// An error's `__type` and message have lines of their own.
    static func lines(status: Int, body: [UInt8]) -> [String] {
        if body.isEmpty { return ["\(status) (no body)"] }
        guard let value = parse(body) else {
            return ["\(status) not JSON: \(String(decoding: body, as: UTF8.self))"]
        }
        guard case .object(let members) = value,
            case .string(let type)? = members.first(where: { $0.0 == "__type" })?.1
        else { return lines(value, prefix: "\(status) ") }
        var lines = ["\(status) \(type)"]
        for (name, member) in members where name != "__type" {
            if name.lowercased() == "message", case .string(let text) = member {
                lines.append("\(name): \(ScriptMacros.shorten(text))")
            } else {
                lines += self.lines(member, prefix: "\(name): ")
            }
        }
        return lines
    }

    static func parse(_ body: [UInt8]) -> JSONValue? {
        body.withUnsafeBytes { bytes in
            var reader = JSONReader(bytes)
            guard let value = try? JSONValue(reading: &reader) else { return nil }
            guard (try? reader.finish()) != nil else { return nil }
            return value
        }
    }

    private static func lines(
        _ value: JSONValue, prefix: String, indent: String = "", suffix: String = ""
    ) -> [String] {
        let line = indent + prefix + compact(value) + suffix
        if line.count <= columnsMax { return [line] }
        let inner = indent + "  "
        switch value {
        case .object(let members) where !members.isEmpty:
            var lines = [indent + prefix + "{"]
            for (place, (name, member)) in members.enumerated() {
                lines += self.lines(
                    member, prefix: quoted(name) + ": ", indent: inner,
                    suffix: place == members.count - 1 ? "" : ",")
            }
            return lines + [indent + "}" + suffix]
        case .array(let elements) where !elements.isEmpty:
            var lines = [indent + prefix + "["]
            for (place, element) in elements.enumerated() {
                lines += self.lines(
                    element, prefix: "", indent: inner,
                    suffix: place == elements.count - 1 ? "" : ",")
            }
            return lines + [indent + "]" + suffix]
        default:
            return [line]
        }
    }

    private static func compact(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let text): text
        case .string(let text): quoted(text)
        case .array(let elements): "[" + elements.map(compact).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { quoted($0.0) + ": " + compact($0.1) }.joined(separator: ", ") + "}"
        }
    }

    /// A text in quotes, escaped, with long runs written short.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in ScriptMacros.shorten(text).unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case _ where scalar.value < 0x20:
                result +=
                    "\\u00" + (scalar.value < 16 ? "0" : "")
                    + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
