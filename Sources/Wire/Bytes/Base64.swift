/// Base64 as the service takes and gives it: the standard alphabet, padded, in one line.
package enum Base64 {
    /// The bytes that a text stands for; nil where it is malformed.
    package static func decoded(_ text: String) -> [UInt8]? {
        var text = text
        var bytes: [UInt8] = []
        let isWhole = text.withUTF8 { decode($0, into: &bytes) }
        return isWhole ? bytes : nil
    }

    /// The text of bytes.
    package static func encoded(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        bytes.withUnsafeBufferPointer { encode($0, into: &text) }
        return String(decoding: text, as: UTF8.self)
    }

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The six bits of each character; 0xFF for what is none.
    private static let sextets: [UInt8] = {
        var sextets = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in alphabet.enumerated() {
            sextets[Int(character)] = UInt8(truncatingIfNeeded: value)
        }
        return sextets
    }()

    /// Appends what a text stands for; false (and nothing appended) where it is malformed.
    ///
    /// The length must be a multiple of four, padding only at the end, and the bits that the
    /// last character has too many must be zero.
    static func decode(_ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) -> Bool {
        guard text.count % 4 == 0 else { return false }
        guard !text.isEmpty else { return true }
        let padding = UInt8(ascii: "=")
        let padCount = text[text.count - 1] != padding ? 0 : text[text.count - 2] != padding ? 1 : 2
        let wholeCount = padCount == 0 ? text.count : text.count - 4
        let start = output.count
        output.append(contentsOf: repeatElement(0, count: text.count / 4 * 3 - padCount))
        let isWhole = output.withUnsafeMutableBufferPointer { output in
            sextets.withUnsafeBufferPointer { sextets in
                var at = start
                var index = 0
                while index < wholeCount {
                    let first = sextets[Int(text[index])]
                    let second = sextets[Int(text[index + 1])]
                    let third = sextets[Int(text[index + 2])]
                    let fourth = sextets[Int(text[index + 3])]
                    guard first | second | third | fourth < 0x40 else { return false }
                    output[at] = first << 2 | second >> 4
                    output[at + 1] = second << 4 | third >> 2
                    output[at + 2] = third << 6 | fourth
                    at += 3
                    index += 4
                }
                guard padCount > 0 else { return true }
                let first = sextets[Int(text[index])]
                let second = sextets[Int(text[index + 1])]
                let third = padCount == 2 ? 0 : sextets[Int(text[index + 2])]
                guard first | second | third < 0x40 else { return false }
                guard padCount == 2 ? second & 0xF == 0 : third & 0x3 == 0 else { return false }
                output[at] = first << 2 | second >> 4
                if padCount == 1 { output[at + 1] = second << 4 | third >> 2 }
                return true
            }
        }
        if !isWhole { output.removeLast(output.count - start) }
        return isWhole
    }

    /// Appends the text of bytes.
    static func encode(_ bytes: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let start = output.count
        output.append(
            contentsOf: repeatElement(UInt8(ascii: "="), count: (bytes.count + 2) / 3 * 4))
        output.withUnsafeMutableBufferPointer { output in
            alphabet.withUnsafeBufferPointer { alphabet in
                var at = start
                var index = 0
                while index + 3 <= bytes.count {
                    let group =
                        Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
                    output[at] = alphabet[group >> 18]
                    output[at + 1] = alphabet[group >> 12 & 0x3F]
                    output[at + 2] = alphabet[group >> 6 & 0x3F]
                    output[at + 3] = alphabet[group & 0x3F]
                    at += 4
                    index += 3
                }
                guard index < bytes.count else { return }
                let isPair = index + 1 < bytes.count
                let group = Int(bytes[index]) << 16 | (isPair ? Int(bytes[index + 1]) << 8 : 0)
                output[at] = alphabet[group >> 18]
                output[at + 1] = alphabet[group >> 12 & 0x3F]
                if isPair { output[at + 2] = alphabet[group >> 6 & 0x3F] }
            }
        }
    }
}
