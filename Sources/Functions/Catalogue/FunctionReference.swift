internal import Operations

/// What names a function: a name, a partial ARN or an ARN, each with a qualifier or without.
package struct FunctionReference: Sendable, Hashable {
    /// nil where the reference tells none.
    package var region: String?
    package var account: String?
    package var name: String
    /// An alias, a version's number or `$LATEST`.
    package var qualifier: String?

    /// Reads `orders`, `orders:live`, `000000000000:function:orders:1`,
    /// `us-east-1:000000000000:function:orders` or `arn:aws:lambda:…`; nil for anything else.
    package init?(_ text: String) {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if parts.first == "arn" {
            guard parts.count >= 7, parts[2] == "lambda", parts[5] == "function",
                !parts[3].isEmpty, Self.isAccount(parts[4])
            else { return nil }
            region = parts[3]
            account = parts[4]
            parts.removeFirst(6)
        } else {
            if parts.count > 1, Self.isAccount(parts[1]) { region = parts.removeFirst() }
            if parts.count > 1, Self.isAccount(parts[0]) { account = parts.removeFirst() }
            if parts.count > 1, parts[0] == "function" { parts.removeFirst() }
        }
        guard (1...2).contains(parts.count), Self.isName(parts[0]) else { return nil }
        name = parts[0]
        if parts.count == 2 {
            guard Self.isQualifier(parts[1]) else { return nil }
            qualifier = parts[1]
        }
    }

    private static func isAccount(_ text: String) -> Bool {
        text.utf8.count == 12 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(isNameByte)
    }

    private static func isQualifier(_ text: String) -> Bool {
        text == FunctionRecord.latest || isName(text)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    /// Whether a qualifier is a version's number.
    static func isVersionNumber(_ qualifier: String) -> Bool {
        !qualifier.isEmpty && qualifier.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
