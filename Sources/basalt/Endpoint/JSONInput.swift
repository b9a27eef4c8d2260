import ArgumentParser
import Terminal
import Wire

/// JSON that somebody gives as an argument, in a file, or on the standard input.
enum JSONInput {
    /// The most bytes that are read at once.
    private static let byteCountMax = 64 << 20

    /// The value of an option like `--names`.
    static func option(_ name: String, _ text: String?) throws -> JSONValue? {
        guard let text else { return nil }
        guard let value = try? JSONValue(parsing: Array(text.utf8)) else {
            throw ValidationError("\(name) is no JSON: \(text)")
        }
        return value
    }

    /// The text of `-` (the standard input), or of a file.
    static func text(of path: String) throws -> [UInt8] {
        if path == "-" {
            return try TextFile.bytes(of: 0, "standard input", max: byteCountMax)
        }
        return try TextFile.bytes(path, max: byteCountMax)
    }

    /// The objects of a text: one, an array of them, or one to a line.
    static func objects(_ text: [UInt8], name: String) throws -> [JSONValue] {
        if let value = try? JSONValue(parsing: text) {
            return value.elements ?? [value]
        }
        var objects: [JSONValue] = []
        for (index, line) in text.split(separator: 0x0A).enumerated() {
            guard !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) else { continue }
            guard let value = try? JSONValue(parsing: Array(line)) else {
                throw CommandFailure("\(name): line \(index + 1) is no JSON")
            }
            objects.append(value)
        }
        return objects
    }
}
