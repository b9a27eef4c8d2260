/// One encoded value inside a buffer: a view that shares the buffer and knows its bounds.
///
/// Made only from bytes that `ItemEncoder` wrote or `ItemBytes.init(untrusted:)` checked.
package struct ItemValue: Sendable {
    /// The buffer that holds the value.
    package let bytes: [UInt8]
    /// Where the value's tag is.
    package let start: Int
    /// One past the value's last byte.
    package let end: Int

    package init(bytes: [UInt8], start: Int, end: Int) {
        self.bytes = bytes
        self.start = start
        self.end = end
    }

    /// A value that fills its buffer.
    package init(trusted bytes: [UInt8]) {
        self.init(bytes: bytes, start: 0, end: bytes.count)
    }

    /// Encodes a tree.
    package init(_ value: AttributeValue) {
        var encoder = ItemEncoder(capacity: 32)
        value.encode(into: &encoder)
        self = encoder.finishValue()
    }

    package var tag: ValueTag { ValueTag(rawValue: bytes[start]) ?? .null }

    /// The encoded bytes, tag included.
    package var encoded: ArraySlice<UInt8> { bytes[start..<end] }

    /// The payload of an S, N or B: the UTF-8, the order-preserving number, the raw bytes.
    ///
    /// Empty for every other type. For scalars of one type, byte order of the payload is the
    /// service's order of values, and equal bytes are equal values.
    package var scalar: ArraySlice<UInt8> {
        switch tag {
        case .string, .binary, .number:
            let (_, next) = ItemReader.varint(bytes, at: start + 1)
            return bytes[next..<end]
        default:
            return bytes[end..<end]
        }
    }

    /// The text of an S; nil for other types.
    package var string: String? {
        tag == .string ? String(decoding: scalar, as: UTF8.self) : nil
    }

    /// The number of an N; nil for other types.
    package var number: DecimalNumber? {
        tag == .number ? DecimalNumber(encoded: scalar) : nil
    }

    /// The count of entries, elements or members of a container; 0 for scalars.
    package var count: Int { tag.isContainer ? ItemReader.uint32(bytes, at: start + 5) : 0 }

    /// The size that the service counts for this value.
    package var size: Int { ItemReader.size(bytes, tag: tag, start: start, end: end) }

    /// The elements of an L; empty for other types.
    package var elements: [ItemValue] {
        guard tag == .list else { return [] }
        var result: [ItemValue] = []
        result.reserveCapacity(count)
        var offset = start + 9
        while offset < end {
            let next = ItemReader.skipValue(bytes, at: offset)
            result.append(ItemValue(bytes: bytes, start: offset, end: next))
            offset = next
        }
        return result
    }

    /// The element of an L at an index; nil where there is none.
    package func element(at index: Int) -> ItemValue? {
        guard tag == .list, index >= 0, index < count else { return nil }
        var offset = start + 9
        for _ in 0..<index { offset = ItemReader.skipValue(bytes, at: offset) }
        return ItemValue(bytes: bytes, start: offset, end: ItemReader.skipValue(bytes, at: offset))
    }

    /// The value of an M's entry; nil where there is none.
    package func member(named name: String) -> ItemValue? {
        guard tag == .map else { return nil }
        return ItemReader.find(name.utf8, in: bytes, from: start + 9, to: end)
    }

    /// Calls back with each entry of an M: where its name is in `bytes`, and its value.
    package func forEachMember(_ body: (Range<Int>, ItemValue) -> Void) {
        guard tag == .map else { return }
        ItemReader.forEachAttribute(bytes, from: start + 9, to: end, body)
    }

    /// The members of a set, each as the payload bytes of S, N or B; empty for other types.
    package var setMembers: [ArraySlice<UInt8>] {
        guard tag.isSet else { return [] }
        var result: [ArraySlice<UInt8>] = []
        result.reserveCapacity(count)
        var offset = start + 9
        while offset < end {
            let (length, next) = ItemReader.varint(bytes, at: offset)
            result.append(bytes[next..<(next + length)])
            offset = next + length
        }
        return result
    }

    /// Whether two values are equal as the service compares them.
    ///
    /// By type and value: numbers by value, maps and sets whatever their order, lists in order.
    package func isEqual(to other: ItemValue) -> Bool {
        guard bytes[start] == other.bytes[other.start] else { return false }
        if encoded == other.encoded { return true }
        let tag = tag
        guard tag.isContainer, count == other.count else { return false }
        switch tag {
        case .list:
            for (left, right) in zip(elements, other.elements) where !left.isEqual(to: right) {
                return false
            }
            return true
        case .map:
            return ItemReader.haveEqualAttributes(
                bytes, (start + 9)..<end, other.bytes, (other.start + 9)..<other.end)
        default:
            return Set(setMembers) == Set(other.setMembers)
        }
    }

    /// The value as a tree.
    package var attributeValue: AttributeValue { AttributeValue(self) }
}
