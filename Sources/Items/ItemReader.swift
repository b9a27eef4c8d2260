/// Steps through encoded bytes: skips, finds and sums without building anything.
///
/// All of it trusts its bytes (they were written by `ItemEncoder` or checked by
/// `ItemBytes.init(untrusted:)`).
enum ItemReader {
    /// A varint and the offset after it.
    static func varint(_ bytes: [UInt8], at offset: Int) -> (value: Int, next: Int) {
        let first = bytes[offset]
        if first < 0x80 { return (Int(first), offset + 1) }
        var value = Int(first & 0x7F)
        var shift = 7
        var index = offset + 1
        while true {
            let byte = bytes[index]
            value |= Int(byte & 0x7F) << shift
            index += 1
            if byte < 0x80 { return (value, index) }
            shift += 7
        }
    }

    static func uint32(_ bytes: [UInt8], at offset: Int) -> Int {
        Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 | Int(bytes[offset + 2]) << 16
            | Int(bytes[offset + 3]) << 24
    }

    /// The offset after the value whose tag is at `offset`.
    static func skipValue(_ bytes: [UInt8], at offset: Int) -> Int {
        switch bytes[offset] {
        case ValueTag.boolFalse.rawValue, ValueTag.boolTrue.rawValue, ValueTag.null.rawValue:
            return offset + 1
        case ValueTag.string.rawValue, ValueTag.number.rawValue, ValueTag.binary.rawValue:
            let (length, next) = varint(bytes, at: offset + 1)
            return next + length
        default:
            return offset + 9 + uint32(bytes, at: offset + 1)
        }
    }

    /// The value of the attribute with a name, among the attributes in a range.
    static func find(
        _ name: some Collection<UInt8>, in bytes: [UInt8], from start: Int, to end: Int
    ) -> ItemValue? {
        var offset = start
        let nameCount = name.count
        while offset < end {
            let (length, next) = varint(bytes, at: offset)
            let valueAt = next + length
            if length == nameCount, bytes[next..<valueAt].elementsEqual(name) {
                return ItemValue(
                    bytes: bytes, start: valueAt, end: skipValue(bytes, at: valueAt))
            }
            offset = skipValue(bytes, at: valueAt)
        }
        return nil
    }

    static func forEachAttribute(
        _ bytes: [UInt8], from start: Int, to end: Int, _ body: (Range<Int>, ItemValue) -> Void
    ) {
        var offset = start
        while offset < end {
            let (length, next) = varint(bytes, at: offset)
            let valueAt = next + length
            let after = skipValue(bytes, at: valueAt)
            body(next..<valueAt, ItemValue(bytes: bytes, start: valueAt, end: after))
            offset = after
        }
    }

    /// The DynamoDB size of the value between two offsets.
    static func size(_ bytes: [UInt8], tag: ValueTag, start: Int, end: Int) -> Int {
        switch tag {
        case .boolFalse, .boolTrue, .null:
            return 1
        case .string, .binary:
            let (length, _) = varint(bytes, at: start + 1)
            return length
        case .number:
            return DecimalNumber.itemSize(encoded: bytes[(start + 2)..<end])
        case .map:
            var total = 3 + uint32(bytes, at: start + 5)
            var offset = start + 9
            while offset < end {
                let (length, next) = varint(bytes, at: offset)
                let after = skipValue(bytes, at: next + length)
                total += length + valueSize(bytes, start: next + length, end: after)
                offset = after
            }
            return total
        case .list:
            var total = 3 + uint32(bytes, at: start + 5)
            var offset = start + 9
            while offset < end {
                let after = skipValue(bytes, at: offset)
                total += valueSize(bytes, start: offset, end: after)
                offset = after
            }
            return total
        case .stringSet, .binarySet, .numberSet:
            var total = 0
            var offset = start + 9
            while offset < end {
                let (length, next) = varint(bytes, at: offset)
                total +=
                    tag == .numberSet
                    ? DecimalNumber.itemSize(encoded: bytes[next..<(next + length)]) : length
                offset = next + length
            }
            return total
        }
    }

    private static func valueSize(_ bytes: [UInt8], start: Int, end: Int) -> Int {
        guard let tag = ValueTag(rawValue: bytes[start]) else { return 0 }
        return size(bytes, tag: tag, start: start, end: end)
    }
}
