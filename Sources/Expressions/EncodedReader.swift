internal import Items

/// Steps through item bytes by offsets, for evaluation that must not allocate or count references.
///
/// The layout is told at `ItemEncoder`. A value is known by the offset of its tag and the offset
/// after it; the bytes are trusted, and every access is checked against the array.
enum EncodedReader {
    /// Where a container's first entry is, counted from its tag.
    static let containerHeaderByteCount = 9

    static func varint(_ bytes: [UInt8], at offset: inout Int) -> Int {
        var value = 0
        var shift = 0
        while true {
            let byte = bytes[offset]
            offset += 1
            value |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    static func uint32(_ bytes: [UInt8], at offset: Int) -> Int {
        Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 | Int(bytes[offset + 2]) << 16
            | Int(bytes[offset + 3]) << 24
    }

    static func tag(_ bytes: [UInt8], at start: Int) -> ValueTag {
        ValueTag(rawValue: bytes[start]) ?? .null
    }

    /// The count of entries, elements or members of the container at an offset.
    static func count(_ bytes: [UInt8], at start: Int) -> Int {
        uint32(bytes, at: start + 5)
    }

    /// The offset after the value at an offset.
    static func end(_ bytes: [UInt8], of start: Int) -> Int {
        switch bytes[start] {
        case ValueTag.boolFalse.rawValue, ValueTag.boolTrue.rawValue, ValueTag.null.rawValue:
            return start + 1
        case ValueTag.string.rawValue, ValueTag.number.rawValue, ValueTag.binary.rawValue:
            var offset = start + 1
            let length = varint(bytes, at: &offset)
            return offset + length
        default:
            return start + containerHeaderByteCount + uint32(bytes, at: start + 1)
        }
    }

    /// Where the payload of the S, N or B at an offset begins.
    static func payload(_ bytes: [UInt8], of start: Int) -> Int {
        var offset = start + 1
        _ = varint(bytes, at: &offset)
        return offset
    }

    /// The offset of the value of an attribute among those in a range; nil where there is none.
    ///
    /// - Parameters:
    ///   - names: the buffer that holds the name in `nameStart..<nameEnd`.
    static func find(
        _ names: [UInt8], _ nameStart: Int, _ nameEnd: Int, in bytes: [UInt8], from start: Int,
        to end: Int
    ) -> Int? {
        let nameCount = nameEnd - nameStart
        var offset = start
        while offset < end {
            let length = varint(bytes, at: &offset)
            let valueAt = offset + length
            if length == nameCount, equal(names, nameStart, bytes, offset, count: length) {
                return valueAt
            }
            offset = self.end(bytes, of: valueAt)
        }
        return nil
    }

    /// The offset of a list's element; nil where there is none or this is no list.
    static func element(_ index: Int, in bytes: [UInt8], list start: Int) -> Int? {
        guard tag(bytes, at: start) == .list, index < count(bytes, at: start) else { return nil }
        var offset = start + containerHeaderByteCount
        for _ in 0..<index { offset = end(bytes, of: offset) }
        return offset
    }

    /// Whether `count` bytes of two buffers are equal.
    static func equal(
        _ left: [UInt8], _ leftStart: Int, _ right: [UInt8], _ rightStart: Int, count: Int
    ) -> Bool {
        var index = 0
        while index < count {
            if left[leftStart + index] != right[rightStart + index] { return false }
            index += 1
        }
        return true
    }

    /// The order of two byte strings: negative, zero or positive.
    static func order(
        _ left: [UInt8], _ leftStart: Int, _ leftEnd: Int, _ right: [UInt8], _ rightStart: Int,
        _ rightEnd: Int
    ) -> Int {
        let leftCount = leftEnd - leftStart
        let rightCount = rightEnd - rightStart
        let shared = min(leftCount, rightCount)
        var index = 0
        while index < shared {
            let difference = Int(left[leftStart + index]) - Int(right[rightStart + index])
            if difference != 0 { return difference }
            index += 1
        }
        return leftCount - rightCount
    }

    /// Whether a byte string occurs in another.
    static func contains(
        _ bytes: [UInt8], _ start: Int, _ end: Int, _ part: [UInt8], _ partStart: Int,
        _ partEnd: Int
    ) -> Bool {
        let count = partEnd - partStart
        var offset = start
        while end - offset >= count {
            if equal(bytes, offset, part, partStart, count: count) { return true }
            offset += 1
        }
        return false
    }

    /// The levels of maps and lists of the value at an offset: 0 for scalars and sets.
    static func depth(_ bytes: [UInt8], at start: Int) -> Int {
        let tag = tag(bytes, at: start)
        guard tag == .map || tag == .list else { return 0 }
        let end = end(bytes, of: start)
        var offset = start + containerHeaderByteCount
        var deepest = 0
        while offset < end {
            if tag == .map {
                let length = varint(bytes, at: &offset)
                offset += length
            }
            deepest = max(deepest, depth(bytes, at: offset))
            offset = self.end(bytes, of: offset)
        }
        return deepest + 1
    }
}
