package import Operations

/// A JSON value as a tree: for the control plane, and for what the streaming decoder refuses.
///
/// Numbers keep their text. Member names of an object are unique: of equal names (byte by byte)
/// the last wins, in the place of the first.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([(String, JSONValue)])

    /// Reads a body, whose top must be an object.
    ///
    /// - Throws: a SerializationException without a message, as the service answers what is not
    ///   JSON (an empty body and one nested deeper than `Limits.jsonDepthMax` included).
    package static func parse(_ body: UnsafeRawBufferPointer) throws(ServiceError) -> JSONValue {
        do throws(JSONFault) {
            var reader = JSONReader(body)
            guard try reader.kind() == .object else { throw .unexpected }
            let value = try JSONValue(reading: &reader)
            try reader.finish()
            return value
        } catch {
            throw .serialization(nil)
        }
    }

    /// Reads one value; the reader bounds the depth.
    init(reading reader: inout JSONReader) throws(JSONFault) {
        var isFirst = true
        switch try reader.kind() {
        case .null:
            _ = try reader.isNull()
            self = .null
        case .bool:
            self = .bool(try reader.bool())
        case .number:
            self = .number(String(decoding: try reader.number(), as: UTF8.self))
        case .string:
            self = .string(String(decoding: try reader.string(), as: UTF8.self))
        case .array:
            var elements: [JSONValue] = []
            try reader.beginArray()
            while try reader.nextElement(&isFirst) {
                elements.append(try JSONValue(reading: &reader))
            }
            self = .array(elements)
        case .object:
            var members = UniqueMembers()
            try reader.beginObject()
            while let name = try reader.nextMember(&isFirst) {
                members.set(name, try JSONValue(reading: &reader))
            }
            self = .object(members.members)
        }
    }

    /// The member of an object; nil where there is none, or where this is no object.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.0.utf8.elementsEqual(name.utf8) }?.1
    }

    /// Whether this is `null`.
    package var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The members of an object while they are read: finds the place of an earlier equal name.
    private struct UniqueMembers {
        private(set) var members: [(String, JSONValue)] = []
        /// Places by name, once there are so many that a search would be slow.
        ///
        /// By bytes: Swift's strings count canonically equivalent names as equal, JSON doesn't.
        private var places: [[UInt8]: Int] = [:]

        mutating func set(_ name: JSONText, _ value: JSONValue) {
            if members.count == 16 {
                for (place, member) in members.enumerated() {
                    places[Array(member.0.utf8)] = place
                }
            }
            let place =
                members.count < 16
                ? members.firstIndex { $0.0.utf8.elementsEqual(name) } : places[Array(name)]
            if let place {
                members[place].1 = value
                return
            }
            if members.count >= 16 { places[Array(name)] = members.count }
            members.append((String(decoding: name, as: UTF8.self), value))
        }
    }
}
