package import Operations

extension JSONValue {
    /// Reads a whole text, whatever its top is.
    ///
    /// - Throws: a SerializationException without a message for what is not JSON.
    package init(parsing bytes: [UInt8]) throws(ServiceError) {
        let result = bytes.withUnsafeBytes { bytes -> JSONValue? in
            do throws(JSONFault) {
                var reader = JSONReader(bytes)
                let value = try JSONValue(reading: &reader)
                try reader.finish()
                return value
            } catch {
                return nil
            }
        }
        guard let result else { throw .serialization(nil) }
        self = result
    }

    /// The value as JSON without spaces.
    package var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }

    /// The text of a string.
    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// A number that is whole and within Int.
    package var integer: Int? {
        if case .number(let text) = self { Int(text) } else { nil }
    }

    package var elements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    package var members: [(String, JSONValue)]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// An object of the members that are there.
    package static func object(present members: [(String, JSONValue?)]) -> JSONValue {
        .object(members.compactMap { name, value in value.map { (name, $0) } })
    }
}

extension JSONValue: Hashable {
    /// Objects are equal whatever the order of their members; numbers by their text.
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)):
            left.count == right.count && left.allSatisfy { right.contains(member: $0) }
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .number(let text), .string(let text): hasher.combine(text)
        case .array(let elements): hasher.combine(elements)
        case .object(let members): hasher.combine(members.count)
        }
    }
}

extension [(String, JSONValue)] {
    fileprivate func contains(member: (String, JSONValue)) -> Bool {
        contains { $0.0.utf8.elementsEqual(member.0.utf8) && $0.1 == member.1 }
    }
}
