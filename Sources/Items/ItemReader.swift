import Glibc

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
        let found: ItemValue?? = name.withContiguousStorageIfAvailable {
            find(utf8: $0, in: bytes, from: start, to: end)
        }
        if let found { return found }
        return Array(name).withUnsafeBufferPointer {
            find(utf8: $0, in: bytes, from: start, to: end)
        }
    }

    /// The value of the attribute with a name that lies in memory.
    static func find(
        utf8 name: UnsafeBufferPointer<UInt8>, in bytes: [UInt8], from start: Int, to end: Int
    ) -> ItemValue? {
        let found: Range<Int>? = bytes.withUnsafeBufferPointer { buffer in
            var offset = start
            while offset < end {
                let (length, next) = varint(bytes, at: offset)
                let valueAt = next + length
                let after = skipValue(bytes, at: valueAt)
                if length == name.count, isEqual(buffer[next..<valueAt], name) {
                    return valueAt..<after
                }
                offset = after
            }
            return nil
        }
        return found.map { ItemValue(bytes: bytes, start: $0.lowerBound, end: $0.upperBound) }
    }

    /// Whether bytes of equal count are equal.
    private static func isEqual(
        _ slice: Slice<UnsafeBufferPointer<UInt8>>, _ other: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        let left = UnsafeBufferPointer(rebasing: slice)
        guard let leftStart = left.baseAddress, let rightStart = other.baseAddress else {
            return other.isEmpty
        }
        return memcmp(leftStart, rightStart, other.count) == 0
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

    /// Whether two ranges with equally many attributes hold the same names with equal values.
    ///
    /// Attributes in the same order, which is the common case, are compared in step; the rest is
    /// matched through a table, so that the order of many attributes costs no quadratic search.
    static func haveEqualAttributes(
        _ left: [UInt8], _ leftRange: Range<Int>, _ right: [UInt8], _ rightRange: Range<Int>
    ) -> Bool {
        var leftAt = leftRange.lowerBound
        var rightAt = rightRange.lowerBound
        while leftAt < leftRange.upperBound, rightAt < rightRange.upperBound {
            let ours = attribute(left, at: leftAt)
            let theirs = attribute(right, at: rightAt)
            guard left[ours.name] == right[theirs.name] else { break }
            guard ours.value.isEqual(to: theirs.value) else { return false }
            leftAt = ours.value.end
            rightAt = theirs.value.end
        }
        var rest: [ArraySlice<UInt8>: ItemValue] = [:]
        forEachAttribute(right, from: rightAt, to: rightRange.upperBound) { name, value in
            rest[right[name]] = value
        }
        while leftAt < leftRange.upperBound {
            let ours = attribute(left, at: leftAt)
            guard let match = rest.removeValue(forKey: left[ours.name]),
                ours.value.isEqual(to: match)
            else { return false }
            leftAt = ours.value.end
        }
        return rest.isEmpty
    }

    private static func attribute(
        _ bytes: [UInt8], at offset: Int
    ) -> (name: Range<Int>, value: ItemValue) {
        let (length, next) = varint(bytes, at: offset)
        let valueAt = next + length
        let value = ItemValue(bytes: bytes, start: valueAt, end: skipValue(bytes, at: valueAt))
        return (next..<valueAt, value)
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
