/// Writes item bytes in one pass, and adds up the DynamoDB size on the way.
///
/// The layout (all integers little-endian; `docs/storage-format.md` draws it):
///
/// - item: format byte 1, `u32` DynamoDB size, `u32` attribute count, then per attribute
///   varint name length, name, value.
/// - value: tag byte (`ValueTag`), then: S and B varint length and bytes; N one length byte and
///   the order-preserving number; BOOL and NULL nothing; M, L and sets `u32` payload length,
///   `u32` count, payload. An M's entries are name and value like an item's; an L's elements are
///   values; a set's members have no tag: varint length and bytes.
///
/// The caller keeps the grammar (name before value, container ends in order, no duplicate names);
/// the encoder keeps the bytes and the size. A value on its own (an expression attribute value) is
/// written by the same calls without `beginItem`.
package struct ItemEncoder: Sendable {
    /// The bytes so far.
    package private(set) var bytes: [UInt8] = []
    /// The DynamoDB size so far: names, values, and container overheads.
    package private(set) var size = 0

    package init(capacity: Int = 256) {
        bytes.reserveCapacity(capacity)
    }

    /// Starts an item: reserves its header.
    package mutating func beginItem() {
        bytes.append(ItemBytes.format)
        appendUInt32(0)
        appendUInt32(0)
    }

    /// Ends the item that `beginItem` started and takes it out of the encoder.
    package mutating func finishItem(count: Int) -> ItemBytes {
        patchUInt32(at: 1, size)
        patchUInt32(at: 5, count)
        let item = ItemBytes(trusted: bytes)
        bytes = []
        size = 0
        return item
    }

    /// Takes the single value out of the encoder.
    package mutating func finishValue() -> ItemValue {
        let value = ItemValue(trusted: bytes)
        bytes = []
        size = 0
        return value
    }

    /// An attribute name, at the top or in a map.
    package mutating func name(_ name: UnsafeBufferPointer<UInt8>) {
        appendVarint(name.count)
        bytes.append(contentsOf: name)
        size += name.count
    }

    /// An attribute name, at the top or in a map.
    package mutating func name(_ name: some Collection<UInt8>) {
        appendVarint(name.count)
        bytes.append(contentsOf: name)
        size += name.count
    }

    /// A string value in UTF-8.
    package mutating func string(_ utf8: UnsafeBufferPointer<UInt8>) {
        bytes.append(ValueTag.string.rawValue)
        appendVarint(utf8.count)
        bytes.append(contentsOf: utf8)
        size += utf8.count
    }

    /// A string value.
    package mutating func string(_ string: String) {
        bytes.append(ValueTag.string.rawValue)
        setMember(string.utf8)
    }

    /// A number in its text form.
    package mutating func number(text: UnsafeBufferPointer<UInt8>) throws(NumberFault) {
        let start = bytes.count
        bytes.append(ValueTag.number.rawValue)
        do throws(NumberFault) {
            try numberSetMember(text: text)
        } catch {
            bytes.removeLast(bytes.count - start)
            throw error
        }
    }

    /// A number value.
    package mutating func number(_ number: DecimalNumber) {
        bytes.append(ValueTag.number.rawValue)
        numberSetMember(number)
    }

    /// A binary value.
    package mutating func binary(_ data: some Collection<UInt8>) {
        bytes.append(ValueTag.binary.rawValue)
        setMember(data)
    }

    package mutating func bool(_ value: Bool) {
        bytes.append(value ? ValueTag.boolTrue.rawValue : ValueTag.boolFalse.rawValue)
        size += 1
    }

    package mutating func null() {
        bytes.append(ValueTag.null.rawValue)
        size += 1
    }

    /// Starts an M, L or set; the mark is for `endContainer`.
    package mutating func beginContainer(_ tag: ValueTag) -> Int {
        bytes.append(tag.rawValue)
        let mark = bytes.count
        appendUInt32(0)
        appendUInt32(0)
        if !tag.isSet { size += 3 }
        return mark
    }

    /// Ends a container with its count of entries, elements or members.
    package mutating func endContainer(_ mark: Int, count: Int) {
        patchUInt32(at: mark, bytes.count - mark - 8)
        patchUInt32(at: mark + 4, count)
        if !(ValueTag(rawValue: bytes[mark - 1])?.isSet ?? false) { size += count }
    }

    /// A member of an SS or BS.
    package mutating func setMember(_ member: some Collection<UInt8>) {
        appendVarint(member.count)
        bytes.append(contentsOf: member)
        size += member.count
    }

    /// A member of an NS, in its text form.
    package mutating func numberSetMember(
        text: UnsafeBufferPointer<UInt8>
    ) throws(NumberFault) {
        let lengthAt = bytes.count
        bytes.append(0)
        do throws(NumberFault) {
            try DecimalNumber.appendEncoded(text: text, to: &bytes)
        } catch {
            bytes.removeLast(bytes.count - lengthAt)
            throw error
        }
        finishNumber(lengthAt: lengthAt)
    }

    /// A member of an NS.
    package mutating func numberSetMember(_ number: DecimalNumber) {
        let lengthAt = bytes.count
        bytes.append(0)
        number.appendEncoded(to: &bytes)
        finishNumber(lengthAt: lengthAt)
    }

    /// A value that is already encoded, copied whole.
    package mutating func value(_ value: ItemValue) {
        bytes.append(contentsOf: value.bytes[value.start..<value.end])
        size += value.size
    }

    /// The bytes of the last `count` bytes, for a caller that checks what it just wrote.
    package func bytes(from start: Int) -> ArraySlice<UInt8> { bytes[start...] }

    private mutating func finishNumber(lengthAt: Int) {
        let length = bytes.count - lengthAt - 1
        bytes[lengthAt] = UInt8(truncatingIfNeeded: length)
        size += DecimalNumber.itemSize(encoded: bytes[(lengthAt + 1)...])
    }

    private mutating func appendVarint(_ value: Int) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private mutating func appendUInt32(_ value: UInt32) {
        bytes.append(UInt8(truncatingIfNeeded: value))
        bytes.append(UInt8(truncatingIfNeeded: value >> 8))
        bytes.append(UInt8(truncatingIfNeeded: value >> 16))
        bytes.append(UInt8(truncatingIfNeeded: value >> 24))
    }

    private mutating func patchUInt32(at offset: Int, _ value: Int) {
        bytes[offset] = UInt8(truncatingIfNeeded: value)
        bytes[offset + 1] = UInt8(truncatingIfNeeded: value >> 8)
        bytes[offset + 2] = UInt8(truncatingIfNeeded: value >> 16)
        bytes[offset + 3] = UInt8(truncatingIfNeeded: value >> 24)
    }
}
