/// Reads an XML document in one pass, without recursion.
struct XMLReader {
    /// Deeper documents are refused.
    private static let depthMax = 64

    private let bytes: [UInt8]
    private var index = 0
    /// The elements that are open, the root first.
    private var open: [XMLElement] = []
    private var root: XMLElement?

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The root; nil for what is no document.
    mutating func document() -> XMLElement? {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
        while index < bytes.count {
            let isRead = bytes[index] == UInt8(ascii: "<") ? markup() : text()
            guard isRead else { return nil }
        }
        return open.isEmpty ? root : nil
    }

    // MARK: Markup

    private mutating func markup() -> Bool {
        if skip("<?") { return skip(past: "?>") }
        if skip("<!--") { return skip(past: "-->") }
        if skip("<![CDATA[") {
            guard let end = position(of: "]]>"), !open.isEmpty else { return false }
            open[open.count - 1].text += String(decoding: bytes[index..<end], as: UTF8.self)
            index = end + 3
            return true
        }
        if skip("</") { return endTag() }
        // A document type, or what is no markup at all, has no name here.
        guard skip("<") else { return false }
        return startTag()
    }

    private mutating func startTag() -> Bool {
        guard let name = name(), root == nil, open.count < Self.depthMax else { return false }
        var isEmpty = false
        while true {
            guard index < bytes.count else { return false }
            switch bytes[index] {
            case UInt8(ascii: ">"):
                index += 1
                open.append(XMLElement(name: name))
                if isEmpty { close() }
                return true
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                guard let end = bytes[(index + 1)...].firstIndex(of: bytes[index]) else {
                    return false
                }
                index = end + 1
                isEmpty = false
            case UInt8(ascii: "<"): return false
            case UInt8(ascii: "/"):
                isEmpty = true
                index += 1
            default:
                isEmpty = false
                index += 1
            }
        }
    }

    private mutating func endTag() -> Bool {
        guard let name = name(), let current = open.last, current.name == name else { return false }
        while index < bytes.count, isSpace(bytes[index]) { index += 1 }
        guard skip(">") else { return false }
        close()
        return true
    }

    private mutating func close() {
        guard let element = open.popLast() else { return }
        if open.isEmpty {
            root = element
        } else {
            open[open.count - 1].children.append(element)
        }
    }

    /// A name, without the prefix of a namespace.
    private mutating func name() -> String? {
        let start = index
        while index < bytes.count, isNameByte(bytes[index]) { index += 1 }
        guard index > start else { return nil }
        let name = bytes[start..<index]
        let local = name.lastIndex(of: UInt8(ascii: ":")).map { name[($0 + 1)...] } ?? name
        return local.isEmpty ? nil : String(decoding: local, as: UTF8.self)
    }

    // MARK: Text

    private mutating func text() -> Bool {
        var piece: [UInt8] = []
        while index < bytes.count, bytes[index] != UInt8(ascii: "<") {
            if bytes[index] == UInt8(ascii: "&") {
                guard let character = reference() else { return false }
                piece += Array(String(character).utf8)
            } else {
                piece.append(bytes[index])
                index += 1
            }
        }
        guard !open.isEmpty else { return piece.allSatisfy(isSpace) }
        open[open.count - 1].text += String(decoding: piece, as: UTF8.self)
        return true
    }

    /// What stands for one character: `&amp;`, `&#10;`, `&#xA;`.
    private mutating func reference() -> Unicode.Scalar? {
        let window = bytes[index..<min(index + 12, bytes.count)]
        guard let end = window.firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let name = String(decoding: bytes[(index + 1)..<end], as: UTF8.self)
        index = end + 1
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default: break
        }
        let number =
            name.hasPrefix("#x")
            ? UInt32(name.dropFirst(2), radix: 16)
            : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
        return number.flatMap { Unicode.Scalar($0) }
    }

    // MARK: Bytes

    private mutating func skip(_ text: String) -> Bool {
        guard bytes[index...].starts(with: text.utf8) else { return false }
        index += text.utf8.count
        return true
    }

    private mutating func skip(past text: String) -> Bool {
        guard let end = position(of: text) else { return false }
        index = end + text.utf8.count
        return true
    }

    private func position(of text: String) -> Int? {
        let sought = Array(text.utf8)
        var at = index
        while at + sought.count <= bytes.count {
            if bytes[at] == sought[0], bytes[at...].starts(with: sought) { return at }
            at += 1
        }
        return nil
    }

    private func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: ":"), 0x80...0xFF:
            true
        default: false
        }
    }
}
