package import Items

extension JSONWriter {
    /// How deep M and L are followed: far beyond what an item may have, short of the stack's end.
    ///
    /// Deeper ones, which the engine never stores, are written as NULL.
    private static let nestingDepthMax = 128

    /// An item, or any map of attributes, straight from its bytes: `{"name":{"S":"value"},…}`.
    package mutating func item(_ item: ItemBytes) {
        item.bytes.withUnsafeBufferPointer { bytes in
            var cursor = EncodedCursor(bytes[min(ItemBytes.headerByteCount, bytes.count)...])
            attributes(from: &cursor, depth: 0)
        }
    }

    /// One attribute value: `{"S":"value"}`.
    mutating func attributeValue(_ value: ItemValue) {
        value.bytes.withUnsafeBufferPointer { bytes in
            var cursor = EncodedCursor(bytes[value.start..<value.end])
            attributeValue(from: &cursor, depth: 0)
        }
    }

    /// The entries that fill a cursor, as an object.
    private mutating func attributes(from cursor: inout EncodedCursor, depth: Int) {
        if cursor.isAtEnd {
            literal("{}")
            return
        }
        literal("{\"")
        var isFirst = true
        while !cursor.isAtEnd {
            if !isFirst { literal(",\"") }
            isFirst = false
            escaped(cursor.counted())
            literal("\":")
            attributeValue(from: &cursor, depth: depth)
        }
        literal("}")
    }

    private mutating func attributeValue(from cursor: inout EncodedCursor, depth: Int) {
        switch cursor.tag() {
        case .string:
            literal("{\"S\":\"")
            escaped(cursor.counted())
            literal("\"}")
        case .number:
            literal("{\"N\":\"")
            number(cursor.counted())
            literal("\"}")
        case .binary:
            literal("{\"B\":\"")
            base64(cursor.counted())
            literal("\"}")
        case .boolFalse: literal("{\"BOOL\":false}")
        case .boolTrue: literal("{\"BOOL\":true}")
        case .null: literal("{\"NULL\":true}")
        case .map:
            var entries = cursor.container()
            guard depth < Self.nestingDepthMax else { return literal("{\"NULL\":true}") }
            literal("{\"M\":")
            attributes(from: &entries, depth: depth + 1)
            literal("}")
        case .list:
            var elements = cursor.container()
            guard depth < Self.nestingDepthMax else { return literal("{\"NULL\":true}") }
            literal("{\"L\":[")
            var isFirst = true
            while !elements.isAtEnd {
                if !isFirst { literal(",") }
                isFirst = false
                attributeValue(from: &elements, depth: depth + 1)
            }
            literal("]}")
        case .stringSet:
            literal("{\"SS\":[")
            members(of: cursor.container()) { writer, member in writer.escaped(member) }
        case .numberSet:
            literal("{\"NS\":[")
            members(of: cursor.container()) { writer, member in writer.number(member) }
        case .binarySet:
            literal("{\"BS\":[")
            members(of: cursor.container()) { writer, member in writer.base64(member) }
        }
    }

    private mutating func number(_ encoded: UnsafeBufferPointer<UInt8>) {
        // Bytes that are no number cannot be in an item; they read as zero.
        if !NumberText.append(encoded, to: &bytes) { literal("0") }
    }

    private mutating func base64(_ data: UnsafeBufferPointer<UInt8>) {
        Base64.encode(data, into: &bytes)
    }

    /// The members of a set, and the brackets that close it.
    private mutating func members(
        of cursor: EncodedCursor, _ write: (inout JSONWriter, UnsafeBufferPointer<UInt8>) -> Void
    ) {
        var cursor = cursor
        var isFirst = true
        while !cursor.isAtEnd {
            if isFirst { literal("\"") } else { literal(",\"") }
            isFirst = false
            write(&self, cursor.counted())
            literal("\"")
        }
        literal("]}")
    }
}

/// Steps through encoded values; the layout is told at `ItemEncoder`.
///
/// The bytes are trusted to be well formed, but never to be long enough: where they aren't, the
/// cursor goes to its end and gives empty ones.
private struct EncodedCursor {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = 0

    init(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) {
        self.bytes = UnsafeBufferPointer(rebasing: bytes)
    }

    @inline(__always)
    var isAtEnd: Bool { offset >= bytes.count }

    /// Reads a value's tag.
    @inline(__always)
    mutating func tag() -> ValueTag {
        guard offset < bytes.count, let tag = ValueTag(rawValue: bytes[offset]) else {
            offset = bytes.count
            return .null
        }
        offset += 1
        return tag
    }

    /// Reads a varint length and that many bytes.
    @inline(__always)
    mutating func counted() -> UnsafeBufferPointer<UInt8> {
        var length = 0
        var shift = 0
        while offset < bytes.count, shift < 35 {
            let byte = bytes[offset]
            offset += 1
            length |= Int(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        return take(length)
    }

    /// Reads a container's lengths and gives a cursor over its payload.
    mutating func container() -> EncodedCursor {
        guard bytes.count - offset >= 8 else {
            return EncodedCursor(take(bytes.count)[...])
        }
        let length =
            Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 | Int(bytes[offset + 2]) << 16
            | Int(bytes[offset + 3]) << 24
        offset += 8
        return EncodedCursor(take(length)[...])
    }

    @inline(__always)
    private mutating func take(_ count: Int) -> UnsafeBufferPointer<UInt8> {
        let start = offset
        offset += min(count, bytes.count - offset)
        return UnsafeBufferPointer(rebasing: bytes[start..<offset])
    }
}
