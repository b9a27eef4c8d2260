internal import Crypto
internal import Wire

/// Names of resources that the template gives none: without chance in them, so that a second run
/// finds what the first one made.
package enum PhysicalName {
    /// `shop-Orders`; where that is too long, its beginning and a digest of the whole.
    static func of(
        stack: String, logicalID: String, limit: Int, lowercased: Bool = false,
        suffix: String = ""
    ) -> String {
        var name = "\(stack)-\(logicalID)"
        if lowercased { name = name.lowercased() }
        if name.utf8.count + suffix.utf8.count > limit {
            let digest = Hexadecimal.text(SHA256.hash(data: Array(name.utf8)).prefix(4))
            name = name.prefix(max(0, limit - 9 - suffix.utf8.count)) + "-" + digest
        }
        return name + suffix
    }

    /// Whether a text can be a stack's name: letters, digits and hyphens, a letter first.
    package static func isStackName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first), text.utf8.count <= 128 else {
            return false
        }
        return text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    /// A stack's name made of the name of a file or directory; nil where nothing is left of it.
    package static func stackName(from text: String) -> String? {
        var name = ""
        for byte in text.utf8 {
            let isFine = isLetter(byte) || (0x30...0x39).contains(byte)
            if isFine {
                name.unicodeScalars.append(Unicode.Scalar(byte))
            } else if !name.isEmpty, name.last != "-" {
                name.append("-")
            }
        }
        name = String(name.drop { !$0.isLetter }.prefix(64))
        while name.last == "-" { name.removeLast() }
        return isStackName(name) ? name : nil
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
