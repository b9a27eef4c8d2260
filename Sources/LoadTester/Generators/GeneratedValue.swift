internal import Items
internal import Wire

/// A value that a generator drew.
package indirect enum GeneratedValue: Sendable, Equatable {
    /// An attribute that this item doesn't have.
    case absent
    case string(String)
    /// A decimal as JSON and the service write it, without an exponent.
    case number(String)
    /// Milliseconds since 1970: an S in ISO 8601 unless a format says otherwise.
    case instant(Int)
    case binary([UInt8])
    case bool(Bool)
    case null
    case list([GeneratedValue])
    case map([Member])
    /// Of strings, numbers or binaries.
    case set([GeneratedValue])

    package struct Member: Sendable, Equatable {
        package var name: String
        package var value: GeneratedValue

        package init(_ name: String, _ value: GeneratedValue) {
            self.name = name
            self.value = value
        }
    }

    static func number(_ value: Int) -> GeneratedValue { .number(String(value)) }

    var isAbsent: Bool {
        if case .absent = self { true } else { false }
    }

    /// What stands in a text for the value.
    var text: String {
        switch self {
        case .string(let text), .number(let text): text
        case .instant(let milliseconds): TimeFormat.iso.text(milliseconds)
        case .bool(let value): value ? "true" : "false"
        case .binary(let bytes): Base64.encoded(bytes)
        case .absent, .null, .list, .map, .set: ""
        }
    }

    // MARK: On the wire

    /// Writes the value as `{"S":…}`; an absent one as NULL, which callers leave out before.
    func write(into writer: inout JSONWriter) {
        writer.beginObject()
        switch self {
        case .string(let text):
            writer.name("S")
            writer.string(text)
        case .instant:
            writer.name("S")
            writer.string(text)
        case .number(let text):
            writer.name("N")
            writer.string(text)
        case .binary(let bytes):
            writer.name("B")
            writer.string(Base64.encoded(bytes))
        case .bool(let value):
            writer.name("BOOL")
            writer.bool(value)
        case .null, .absent:
            writer.name("NULL")
            writer.bool(true)
        case .list(let elements):
            writer.name("L")
            writer.beginArray()
            for element in elements where !element.isAbsent {
                writer.element()
                element.write(into: &writer)
            }
            writer.endArray()
        case .map(let members):
            writer.name("M")
            Self.write(members, into: &writer)
        case .set(let members): Self.writeSet(members, into: &writer)
        }
        writer.endObject()
    }

    static func write(_ members: [Member], into writer: inout JSONWriter) {
        writer.beginObject()
        for member in members where !member.value.isAbsent {
            writer.name(member.name)
            member.value.write(into: &writer)
        }
        writer.endObject()
    }

    private static func writeSet(_ members: [GeneratedValue], into writer: inout JSONWriter) {
        switch members.first {
        case .number: writer.name("NS")
        case .binary: writer.name("BS")
        default: writer.name("SS")
        }
        writer.beginArray()
        for member in members {
            writer.element()
            writer.string(member.text)
        }
        writer.endArray()
    }

    // MARK: Sizes and keys

    /// The size that the service counts.
    package var byteCount: Int {
        switch self {
        case .absent: 0
        case .string(let text): text.utf8.count
        case .instant: TimeFormat.isoByteCount
        case .number(let text): Self.numberByteCount(text)
        case .binary(let bytes): bytes.count
        case .bool, .null: 1
        case .list(let elements): elements.reduce(3) { $0 + 1 + $1.byteCount }
        case .map(let members): members.reduce(3) { $0 + 1 + $1.byteCount }
        case .set(let members): members.reduce(0) { $0 + $1.byteCount }
        }
    }

    private static func numberByteCount(_ text: String) -> Int {
        var encoder = ItemEncoder(capacity: 24)
        var text = text
        text.withUTF8 { utf8 in try? encoder.numberSetMember(text: utf8) }
        return encoder.size
    }

    /// The value as part of a key; nil where its type isn't the key's.
    func keyValue(_ type: ScalarAttributeType) -> ItemValue? {
        var encoder = ItemEncoder(capacity: 48)
        switch (self, type) {
        case (.string(let text), .string): encoder.string(text)
        case (.instant, .string): encoder.string(text)
        case (.binary(let bytes), .binary): encoder.binary(bytes)
        case (.number(let text), .number):
            var text = text
            var isNumber = true
            text.withUTF8 { utf8 in
                do throws(NumberFault) {
                    try encoder.number(text: utf8)
                } catch {
                    isNumber = false
                }
            }
            guard isNumber else { return nil }
        default: return nil
        }
        return encoder.finishValue()
    }

    /// The type's descriptor; nil for an absent value.
    var descriptor: String? {
        switch self {
        case .absent: nil
        case .string, .instant: "S"
        case .number: "N"
        case .binary: "B"
        case .bool: "BOOL"
        case .null: "NULL"
        case .list: "L"
        case .map: "M"
        case .set(let members): (members.first?.descriptor ?? "S") + "S"
        }
    }
}

extension GeneratedValue.Member {
    /// Name and value, as the service counts them; nothing where the value is absent.
    package var byteCount: Int {
        value.isAbsent ? 0 : name.utf8.count + value.byteCount
    }
}
