internal import Wire

/// An element of an XML document, as services answer: names, texts and children.
///
/// Attributes, comments and processing instructions are passed over, entities are XML's own five
/// and character references; a document type is refused.
package struct XMLElement: Sendable, Hashable {
    /// Without its namespace's prefix.
    package let name: String
    /// The text directly inside, all pieces joined.
    package internal(set) var text = ""
    package internal(set) var children: [XMLElement] = []

    init(name: String) { self.name = name }

    /// The first child with a name.
    package subscript(name: String) -> XMLElement? {
        children.first { $0.name == name }
    }

    /// All children with a name.
    package func children(named name: String) -> [XMLElement] {
        children.filter { $0.name == name }
    }

    /// Reads a document; nil for what is none.
    package init?(parsing bytes: [UInt8]) {
        var reader = XMLReader(bytes)
        guard let root = reader.document() else { return nil }
        self = root
    }

    /// A text with the characters escaped that XML gives a meaning.
    package static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\r": result += "&#13;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
