/// The first byte of an encoded value: its DynamoDB type.
///
/// `false` and `true` have tags of their own, so a BOOL has no payload.
package enum ValueTag: UInt8, Sendable, CaseIterable {
    case string = 1
    case number = 2
    case binary = 3
    case boolFalse = 4
    case boolTrue = 5
    case null = 6
    case map = 7
    case list = 8
    case stringSet = 9
    case numberSet = 10
    case binarySet = 11

    /// The wire's data type descriptor: `S`, `N`, `B`, `BOOL`, `NULL`, `M`, `L`, `SS`, `NS`, `BS`.
    package var descriptor: String {
        switch self {
        case .string: "S"
        case .number: "N"
        case .binary: "B"
        case .boolFalse, .boolTrue: "BOOL"
        case .null: "NULL"
        case .map: "M"
        case .list: "L"
        case .stringSet: "SS"
        case .numberSet: "NS"
        case .binarySet: "BS"
        }
    }

    /// Whether the payload is a length-prefixed container (M, L and the sets).
    package var isContainer: Bool { rawValue >= ValueTag.map.rawValue }

    /// Whether this is one of SS, NS, BS.
    package var isSet: Bool { rawValue >= ValueTag.stringSet.rawValue }
}

/// The type that a key attribute may have: `S`, `N` or `B`.
package enum ScalarAttributeType: String, Sendable, Codable, CaseIterable {
    case string = "S"
    case number = "N"
    case binary = "B"

    /// The tag that a value of this key type has.
    package var tag: ValueTag {
        switch self {
        case .string: .string
        case .number: .number
        case .binary: .binary
        }
    }
}
