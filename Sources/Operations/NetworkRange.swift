internal import Glibc

/// Addresses that begin with the same bits: `203.0.113.0/24`, `2001:db8::/32`, or a lone address.
package struct NetworkRange: Sendable, Hashable {
    /// Four bytes or sixteen.
    private let address: [UInt8]
    private let bitCount: Int

    /// Reads an address, with or without the length of its prefix; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = Self.address(String(first)) else { return nil }
        self.address = address
        guard parts.count == 2 else {
            bitCount = address.count * 8
            return
        }
        guard (1...3).contains(parts[1].utf8.count),
            parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let bitCount = Int(parts[1]), bitCount <= address.count * 8
        else { return nil }
        self.bitCount = bitCount
    }

    /// Whether every address of another range is in this one.
    package func contains(_ other: NetworkRange) -> Bool {
        guard address.count == other.address.count, bitCount <= other.bitCount else { return false }
        let whole = bitCount / 8
        guard address.prefix(whole).elementsEqual(other.address.prefix(whole)) else { return false }
        let restBits = bitCount % 8
        return restBits == 0 || (address[whole] ^ other.address[whole]) >> UInt8(8 - restBits) == 0
    }

    private static func address(_ text: String) -> [UInt8]? {
        guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
        let family = text.utf8.contains(UInt8(ascii: ":")) ? AF_INET6 : AF_INET
        var bytes = [UInt8](repeating: 0, count: family == AF_INET6 ? 16 : 4)
        let isRead = bytes.withUnsafeMutableBytes { buffer in
            text.withCString { inet_pton(family, $0, buffer.baseAddress) == 1 }
        }
        return isRead ? bytes : nil
    }
}
