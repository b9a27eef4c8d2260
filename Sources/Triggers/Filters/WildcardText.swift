/// A text in which `*` stands for any characters; `\*` and `\\` stand for themselves.
struct WildcardText: Sendable {
    /// What stands between the stars, one more than there are stars.
    private let parts: [[UInt8]]

    /// nil for two stars in a row, and for a backslash before anything else.
    init?(_ text: String) {
        var parts: [[UInt8]] = [[]]
        var bytes = text.utf8.makeIterator()
        var isAfterStar = false
        while let byte = bytes.next() {
            switch byte {
            case UInt8(ascii: "*"):
                if isAfterStar { return nil }
                parts.append([])
                isAfterStar = true
                continue
            case UInt8(ascii: "\\"):
                guard let escaped = bytes.next(),
                    escaped == UInt8(ascii: "*") || escaped == UInt8(ascii: "\\")
                else { return nil }
                parts[parts.count - 1].append(escaped)
            default: parts[parts.count - 1].append(byte)
            }
            isAfterStar = false
        }
        self.parts = parts
    }

    func matches(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = parts.first, let last = parts.last, parts.count > 1 else {
            return bytes == parts.first
        }
        guard bytes.count >= first.count + last.count, bytes.starts(with: first),
            bytes.suffix(last.count).elementsEqual(last)
        else { return false }
        // What stands in between is found leftmost first: that leaves most to what follows.
        var rest = bytes[first.count..<(bytes.count - last.count)]
        for part in parts.dropFirst().dropLast() {
            guard let end = Self.end(of: part, in: rest) else { return false }
            rest = rest[end...]
        }
        return true
    }

    /// Where the first occurrence of a part ends.
    private static func end(of part: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard let head = part.first else { return bytes.startIndex }
        guard bytes.count >= part.count else { return nil }
        for start in bytes.startIndex...(bytes.endIndex - part.count)
        where bytes[start] == head && bytes[start..<(start + part.count)].elementsEqual(part) {
            return start + part.count
        }
        return nil
    }
}
