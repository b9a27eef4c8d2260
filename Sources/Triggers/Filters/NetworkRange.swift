import Glibc

/// A range of addresses as `cidr` asks for it: `10.0.0.0/24`, `2001:db8::/32`.
struct NetworkRange: Sendable {
    /// Four bytes or sixteen.
    private let address: [UInt8]
    private let bitCount: Int

    init?(_ text: String) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let address = Self.address(String(halves[0])),
            !halves[1].isEmpty, halves[1].utf8.allSatisfy({ (48...57).contains($0) }),
            let bitCount = Int(halves[1]), bitCount <= address.count * 8
        else { return nil }
        self.address = address
        self.bitCount = bitCount
    }

    func contains(_ text: String) -> Bool {
        guard let other = Self.address(text), other.count == address.count else { return false }
        let whole = bitCount / 8
        guard address.prefix(whole).elementsEqual(other.prefix(whole)) else { return false }
        let restBits = bitCount % 8
        return restBits == 0 || (address[whole] ^ other[whole]) >> UInt8(8 - restBits) == 0
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
