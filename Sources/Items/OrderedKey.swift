/// Key attributes as bytes that sort as the service sorts them, one after another in a buffer.
///
/// - S and B: the bytes, each 0x00 written 0x00 0xFF, then the end mark 0x00 0x00. So a string
///   sorts before its extensions, in the order of its UTF-8 bytes.
/// - N: the order-preserving number, then 0x00 (no byte of a number after its first is 0x00).
///
/// The types are known from the table's schema and are not written. Every component delimits
/// itself, so components can follow each other and equal prefixes of keys are equal bytes.
package enum OrderedKey {
    /// Appends the component of an S, N or B.
    package static func append(_ value: ItemValue, to key: inout [UInt8]) {
        if value.tag == .number {
            key.append(contentsOf: value.scalar)
            key.append(0)
        } else {
            appendEscaped(value.scalar, to: &key)
            key.append(0)
            key.append(0)
        }
    }

    /// Appends the start of an S or B component: every component with this prefix begins so.
    package static func appendPrefix(_ prefix: ArraySlice<UInt8>, to key: inout [UInt8]) {
        appendEscaped(prefix, to: &key)
    }

    /// Reads the component of a type at an offset; nil where the bytes are not one.
    package static func read(
        _ type: ScalarAttributeType, from key: [UInt8], at offset: inout Int
    ) -> AttributeValue? {
        if type == .number {
            guard offset < key.count else { return nil }
            guard let end = key[(offset + 1)...].firstIndex(of: 0) else { return nil }
            guard let number = DecimalNumber(encoded: key[offset..<end]) else { return nil }
            offset = end + 1
            return .number(number)
        }
        var raw: [UInt8] = []
        var index = offset
        while index + 1 < key.count {
            if key[index] != 0 {
                raw.append(key[index])
                index += 1
            } else if key[index + 1] == 0xFF {
                raw.append(0)
                index += 2
            } else {
                guard key[index + 1] == 0 else { return nil }
                offset = index + 2
                return type == .string
                    ? .string(String(decoding: raw, as: UTF8.self)) : .binary(raw)
            }
        }
        return nil
    }

    /// The least key above every key that begins with these bytes; nil where there is none.
    package static func successor(of prefix: [UInt8]) -> [UInt8]? {
        var result = prefix
        while let last = result.last {
            if last < 0xFF {
                result[result.count - 1] = last + 1
                return result
            }
            result.removeLast()
        }
        return nil
    }

    private static func appendEscaped(_ bytes: ArraySlice<UInt8>, to key: inout [UInt8]) {
        guard bytes.contains(0) else {
            key.append(contentsOf: bytes)
            return
        }
        for byte in bytes {
            key.append(byte)
            if byte == 0 { key.append(0xFF) }
        }
    }
}
