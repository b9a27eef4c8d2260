/// Addresses that begin with the same bits: `203.0.113.0/24`, `2001:db8::/32`, or a lone address.
struct IPRange: Sendable, Hashable {
    /// Four bytes, or sixteen.
    private let address: [UInt8]
    private let bitCount: Int

    /// Reads an address, with or without the length of its prefix; nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = Self.version4(parts[0]) ?? Self.version6(parts[0]) else { return nil }
        self.address = address
        if parts.count == 2 {
            guard parts[1].utf8.count <= 3,
                parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let count = Int(parts[1]), count <= address.count * 8
            else { return nil }
            bitCount = count
        } else {
            bitCount = address.count * 8
        }
    }

    /// Whether every address of another range is in this one.
    func contains(_ other: IPRange) -> Bool {
        guard address.count == other.address.count, bitCount <= other.bitCount else { return false }
        for index in address.indices {
            let bits = min(max(bitCount - index * 8, 0), 8)
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> bits)
            if (address[index] ^ other.address[index]) & mask != 0 { return false }
        }
        return true
    }

    private static func version4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.utf8.count),
                part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let byte = UInt8(part)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func version6(_ text: Substring) -> [UInt8]? {
        // One `::` stands for as many zeros as are missing.
        var halves: [Substring] = []
        var rest = text
        while let index = rest.utf8.indices.first(where: { rest[$0...].hasPrefix("::") }) {
            halves.append(rest[..<index])
            rest = rest[rest.index(index, offsetBy: 2)...]
        }
        halves.append(rest)
        guard halves.count <= 2 else { return nil }
        var groups: [[UInt8]] = []
        for half in halves {
            guard let bytes = groupsOf(half) else { return nil }
            groups.append(bytes)
        }
        if groups.count == 1 { return groups[0].count == 16 ? groups[0] : nil }
        let missing = 16 - groups[0].count - groups[1].count
        guard missing >= 2 else { return nil }
        return groups[0] + [UInt8](repeating: 0, count: missing) + groups[1]
    }

    private static func groupsOf(_ text: Substring) -> [UInt8]? {
        if text.isEmpty { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains("."), let last = version4(part) {
                bytes += last
                continue
            }
            guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit),
                let group = UInt16(part, radix: 16)
            else { return nil }
            bytes += [UInt8(group >> 8), UInt8(truncatingIfNeeded: group)]
        }
        return bytes.count <= 16 ? bytes : nil
    }
}
