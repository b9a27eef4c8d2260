internal import Glibc

/// Reads keys from a terminal in raw mode: UTF-8, control keys and the usual escape sequences.
struct KeyReader {
    private let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// The next key; nil at the end of input.
    func next() -> LineBuffer.Key? {
        while true {
            guard let byte = byte() else { return nil }
            switch byte {
            case 0x1B: if let key = escape() { return key }
            case 0x20..<0x7F: return .character(Character(Unicode.Scalar(byte)))
            case 0x80...: if let character = character(first: byte) { return .character(character) }
            default: if let key = Self.control(byte) { return key }
            }
        }
    }

    private static func control(_ byte: UInt8) -> LineBuffer.Key? {
        switch byte {
        case 0x0A, 0x0D: .enter
        case 0x7F, 0x08: .backspace
        case 0x01: .home
        case 0x02: .left
        case 0x03: .cancel
        case 0x04: .endOfInput
        case 0x05: .end
        case 0x06: .right
        case 0x09: .complete
        case 0x0B: .eraseToEnd
        case 0x0C: .clearScreen
        case 0x0E: .down
        case 0x10: .up
        case 0x15: .eraseToStart
        case 0x17: .eraseWord
        default: nil
        }
    }

    /// What follows an escape: `[A`, `[1;5C`, `[3~`, `OH`, `b`.
    private func escape() -> LineBuffer.Key? {
        guard let first = byte() else { return nil }
        switch first {
        case UInt8(ascii: "b"): return .wordLeft
        case UInt8(ascii: "f"): return .wordRight
        case UInt8(ascii: "["), UInt8(ascii: "O"): break
        default: return nil
        }
        var parameters: [UInt8] = []
        while let next = byte() {
            if (0x30...0x3F).contains(next), parameters.count < 16 {
                parameters.append(next)
                continue
            }
            let isModified = parameters.contains(UInt8(ascii: ";"))
            switch next {
            case UInt8(ascii: "A"): return .up
            case UInt8(ascii: "B"): return .down
            case UInt8(ascii: "C"): return isModified ? .wordRight : .right
            case UInt8(ascii: "D"): return isModified ? .wordLeft : .left
            case UInt8(ascii: "H"): return .home
            case UInt8(ascii: "F"): return .end
            case UInt8(ascii: "~"):
                switch parameters.first {
                case UInt8(ascii: "1")?, UInt8(ascii: "7")?: return .home
                case UInt8(ascii: "4")?, UInt8(ascii: "8")?: return .end
                case UInt8(ascii: "3")?: return .deleteForward
                default: return nil
                }
            default: return nil
            }
        }
        return nil
    }

    private func character(first: UInt8) -> Character? {
        let count = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0
        guard count > 0 else { return nil }
        var bytes = [first]
        for _ in 0..<count {
            guard let next = byte(), next & 0xC0 == 0x80 else { return nil }
            bytes.append(next)
        }
        return String(validating: bytes, as: UTF8.self)?.first
    }

    private func byte() -> UInt8? {
        var byte: UInt8 = 0
        while true {
            let count = read(descriptor, &byte, 1)
            if count == 1 { return byte }
            if count < 0, errno == EINTR { continue }
            return nil
        }
    }
}
