extension ItemBytes {
    /// Checks bytes of unknown origin: nil where `ItemEncoder` could not have written them.
    ///
    /// That is structure, lengths, counts, canonical numbers, UTF-8, no name or set member twice,
    /// and the size. Nesting deeper than 64 is refused.
    package init?(untrusted bytes: [UInt8]) {
        guard bytes.count >= Self.headerByteCount, bytes[0] == Self.format else { return nil }
        let count = ItemReader.uint32(bytes, at: 5)
        var checker = Checker(bytes: bytes)
        guard checker.attributes(from: Self.headerByteCount, to: bytes.count) == count else {
            return nil
        }
        var size = 0
        ItemReader.forEachAttribute(bytes, from: Self.headerByteCount, to: bytes.count) {
            size += $0.count + $1.size
        }
        guard size == ItemReader.uint32(bytes, at: 1) else { return nil }
        self.init(trusted: bytes)
    }

    private struct Checker {
        let bytes: [UInt8]
        var depth = 0

        /// The count of attributes in a range; nil where they are not well formed.
        mutating func attributes(from start: Int, to end: Int) -> Int? {
            var offset = start
            var count = 0
            var seen: Set<ArraySlice<UInt8>> = []
            while offset < end {
                guard let (length, next) = varint(at: offset, end: end), length <= end - next,
                    isUTF8(next..<(next + length)),
                    seen.insert(bytes[next..<(next + length)]).inserted,
                    let after = value(at: next + length, end: end)
                else { return nil }
                offset = after
                count += 1
            }
            return count
        }

        mutating func value(at offset: Int, end: Int) -> Int? {
            guard offset < end, let tag = ValueTag(rawValue: bytes[offset]) else { return nil }
            switch tag {
            case .boolFalse, .boolTrue, .null:
                return offset + 1
            case .string, .binary, .number:
                return scalar(tag, at: offset + 1, end: end)
            default:
                guard end - offset >= 9, depth < 64 else { return nil }
                let length = ItemReader.uint32(bytes, at: offset + 1)
                let count = ItemReader.uint32(bytes, at: offset + 5)
                let from = offset + 9
                guard length <= end - from else { return nil }
                depth += 1
                defer { depth -= 1 }
                guard payload(tag, from: from, to: from + length) == count else { return nil }
                return from + length
            }
        }

        private mutating func payload(_ tag: ValueTag, from start: Int, to end: Int) -> Int? {
            if tag == .map { return attributes(from: start, to: end) }
            var offset = start
            var count = 0
            var seen: Set<ArraySlice<UInt8>> = []
            while offset < end {
                let next: Int?
                switch tag {
                case .list: next = value(at: offset, end: end)
                case .stringSet: next = scalar(.string, at: offset, end: end)
                case .numberSet: next = scalar(.number, at: offset, end: end)
                default: next = scalar(.binary, at: offset, end: end)
                }
                guard let next else { return nil }
                if tag.isSet, !seen.insert(bytes[offset..<next]).inserted { return nil }
                offset = next
                count += 1
            }
            return count
        }

        private func scalar(_ tag: ValueTag, at offset: Int, end: Int) -> Int? {
            guard let (length, next) = varint(at: offset, end: end), length <= end - next else {
                return nil
            }
            let range = next..<(next + length)
            if tag == .string, !isUTF8(range) { return nil }
            if tag == .number {
                guard length <= DecimalNumber.encodedBytesMax,
                    let number = DecimalNumber(encoded: bytes[range]),
                    number.encoded.elementsEqual(bytes[range])
                else { return nil }
            }
            return range.upperBound
        }

        private func varint(at offset: Int, end: Int) -> (Int, Int)? {
            var value = 0
            var shift = 0
            var index = offset
            while index < end, shift <= 28 {
                let byte = bytes[index]
                value |= Int(byte & 0x7F) << shift
                index += 1
                if byte < 0x80 {
                    // A longer form than needed would make equal items unequal bytes.
                    return byte == 0 && shift > 0 ? nil : (value, index)
                }
                shift += 7
            }
            return nil
        }

        private func isUTF8(_ range: Range<Int>) -> Bool {
            bytes[range].withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) != nil }
        }
    }
}
