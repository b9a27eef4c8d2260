/// An item, or any map of attributes (a key, say), in its encoded form.
///
/// The layout is told at `ItemEncoder`. Attribute order is as written; equality ignores it.
package struct ItemBytes: Sendable, Equatable {
    /// The first byte of every item: the version of the layout.
    package static let format: UInt8 = 1
    /// The header: format, size, count.
    package static let headerByteCount = 9

    /// The encoded bytes.
    package let bytes: [UInt8]

    /// Takes bytes that `ItemEncoder` wrote (or the store kept, under its checksum).
    package init(trusted bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// An item without attributes.
    package init() {
        var encoder = ItemEncoder(capacity: Self.headerByteCount)
        encoder.beginItem()
        self = encoder.finishItem(count: 0)
    }

    /// Encodes attributes in the order given.
    package init(_ attributes: some Collection<(key: String, value: AttributeValue)>) {
        var encoder = ItemEncoder()
        encoder.beginItem()
        for (name, value) in attributes {
            encoder.name(name.utf8)
            value.encode(into: &encoder)
        }
        self = encoder.finishItem(count: attributes.count)
    }

    /// The size that the service counts: UTF-8 of every name, and every value.
    package var size: Int { ItemReader.uint32(bytes, at: 1) }

    /// The number of attributes at the top.
    package var count: Int { ItemReader.uint32(bytes, at: 5) }

    package var isEmpty: Bool { count == 0 }

    /// The value of an attribute at the top; nil where there is none.
    package func value(named name: String) -> ItemValue? {
        ItemReader.find(name.utf8, in: bytes, from: Self.headerByteCount, to: bytes.count)
    }

    /// The value of an attribute whose name is given in UTF-8.
    package func value(named name: some RandomAccessCollection<UInt8>) -> ItemValue? {
        ItemReader.find(name, in: bytes, from: Self.headerByteCount, to: bytes.count)
    }

    /// The value of an attribute whose name is given in UTF-8.
    package func value(named name: ArraySlice<UInt8>) -> ItemValue? {
        name.withUnsafeBufferPointer {
            ItemReader.find(utf8: $0, in: bytes, from: Self.headerByteCount, to: bytes.count)
        }
    }

    /// The value of an attribute whose name is given in UTF-8.
    package func value(named name: [UInt8]) -> ItemValue? { value(named: name[...]) }

    /// Calls back with each attribute: where its name is in `bytes`, and its value.
    package func forEachAttribute(_ body: (Range<Int>, ItemValue) -> Void) {
        ItemReader.forEachAttribute(bytes, from: Self.headerByteCount, to: bytes.count, body)
    }

    /// The attributes' names, in order.
    package var names: [String] {
        var result: [String] = []
        forEachAttribute { name, _ in
            result.append(String(decoding: bytes[name], as: UTF8.self))
        }
        return result
    }

    /// The item of those attributes whose UTF-8 name passes, in their order.
    package func filter(_ isIncluded: (ArraySlice<UInt8>) -> Bool) -> ItemBytes {
        var encoder = ItemEncoder(capacity: bytes.count)
        encoder.beginItem()
        var kept = 0
        forEachAttribute { name, value in
            guard isIncluded(bytes[name]) else { return }
            encoder.name(bytes[name])
            encoder.value(value)
            kept += 1
        }
        return encoder.finishItem(count: kept)
    }

    /// Equality as the service sees it: the same attributes with equal values, in any order.
    package static func == (left: ItemBytes, right: ItemBytes) -> Bool {
        if left.bytes == right.bytes { return true }
        guard left.count == right.count, left.size == right.size else { return false }
        return ItemReader.haveEqualAttributes(
            left.bytes, headerByteCount..<left.bytes.count,
            right.bytes, headerByteCount..<right.bytes.count)
    }

    /// The item as a tree, by name.
    package var attributes: [String: AttributeValue] {
        var result: [String: AttributeValue] = [:]
        forEachAttribute { name, value in
            result[String(decoding: bytes[name], as: UTF8.self)] = value.attributeValue
        }
        return result
    }
}

extension ItemBytes: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, AttributeValue)...) {
        self.init(elements.map { (key: $0.0, value: $0.1) })
    }
}
