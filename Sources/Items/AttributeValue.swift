/// A value as a tree: for expressions that compute, for tests, and wherever speed is no matter.
///
/// The data plane carries `ItemBytes` and `ItemValue`; a tree exists only where one is needed.
package indirect enum AttributeValue: Sendable, Equatable {
    case string(String)
    case number(DecimalNumber)
    case binary([UInt8])
    case bool(Bool)
    case null
    case map([String: AttributeValue])
    case list([AttributeValue])
    case stringSet([String])
    case numberSet([DecimalNumber])
    case binarySet([[UInt8]])

    package init(_ value: ItemValue) {
        switch value.tag {
        case .string: self = .string(String(decoding: value.scalar, as: UTF8.self))
        case .number: self = .number(value.number ?? .zero)
        case .binary: self = .binary(Array(value.scalar))
        case .boolFalse: self = .bool(false)
        case .boolTrue: self = .bool(true)
        case .null: self = .null
        case .map:
            var members: [String: AttributeValue] = [:]
            value.forEachMember { name, member in
                members[String(decoding: value.bytes[name], as: UTF8.self)] = AttributeValue(member)
            }
            self = .map(members)
        case .list: self = .list(value.elements.map { AttributeValue($0) })
        case .stringSet:
            self = .stringSet(value.setMembers.map { String(decoding: $0, as: UTF8.self) })
        case .numberSet:
            self = .numberSet(value.setMembers.map { DecimalNumber(encoded: $0) ?? .zero })
        case .binarySet: self = .binarySet(value.setMembers.map { Array($0) })
        }
    }

    /// Appends the value to an encoder; a map's entries in name order.
    package func encode(into encoder: inout ItemEncoder) {
        switch self {
        case .string(let string): encoder.string(string)
        case .number(let number): encoder.number(number)
        case .binary(let data): encoder.binary(data)
        case .bool(let flag): encoder.bool(flag)
        case .null: encoder.null()
        case .map(let members):
            let mark = encoder.beginContainer(.map)
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                encoder.name(name.utf8)
                value.encode(into: &encoder)
            }
            encoder.endContainer(mark, count: members.count)
        case .list(let elements):
            let mark = encoder.beginContainer(.list)
            for element in elements { element.encode(into: &encoder) }
            encoder.endContainer(mark, count: elements.count)
        case .stringSet(let members):
            let mark = encoder.beginContainer(.stringSet)
            for member in members { encoder.setMember(member.utf8) }
            encoder.endContainer(mark, count: members.count)
        case .numberSet(let members):
            let mark = encoder.beginContainer(.numberSet)
            for member in members { encoder.numberSetMember(member) }
            encoder.endContainer(mark, count: members.count)
        case .binarySet(let members):
            let mark = encoder.beginContainer(.binarySet)
            for member in members { encoder.setMember(member) }
            encoder.endContainer(mark, count: members.count)
        }
    }
}
