internal import Items

/// A document path whose placeholders are resolved: an attribute, and steps into maps and lists.
struct DocumentPath: Sendable, Hashable {
    enum Element: Sendable, Hashable {
        /// UTF-8 of a name; a dot in it is a character like others.
        case name([UInt8])
        case index(Int)
    }

    var elements: [Element]

    init(elements: [Element]) {
        self.elements = elements
    }

    /// The path of an attribute at the top.
    init(attribute: String) {
        elements = [.name(Array(attribute.utf8))]
    }

    /// The attribute at the top.
    var attribute: String {
        guard case .name(let name)? = elements.first else { return "" }
        return String(decoding: name, as: UTF8.self)
    }

    /// The path as messages show it: `[a, b, [0]]`.
    var text: String {
        let parts = elements.map { element in
            switch element {
            case .name(let name): String(decoding: name, as: UTF8.self)
            case .index(let index): "[\(index)]"
            }
        }
        return "[\(parts.joined(separator: ", "))]"
    }

    /// The value at the path; nil where there is none.
    func value(in item: ItemBytes) -> ItemValue? {
        let bytes = item.bytes
        var start = ItemBytes.headerByteCount
        var end = bytes.count
        for (position, element) in elements.enumerated() {
            let found: Int?
            switch element {
            case .name(let name):
                if position > 0 {
                    guard EncodedReader.tag(bytes, at: start) == .map else { return nil }
                    start += EncodedReader.containerHeaderByteCount
                }
                found = EncodedReader.find(name, 0, name.count, in: bytes, from: start, to: end)
            case .index(let index):
                found = EncodedReader.element(index, in: bytes, list: start)
            }
            guard let found else { return nil }
            start = found
            end = EncodedReader.end(bytes, of: start)
        }
        return ItemValue(bytes: bytes, start: start, end: end)
    }
}

extension ExpressionScope {
    /// Resolves the placeholders of a path; nil, and a finding, where one is not defined.
    mutating func resolve(_ path: PathSyntax, _ findings: inout Findings) -> DocumentPath? {
        var elements: [DocumentPath.Element] = []
        elements.reserveCapacity(path.elements.count)
        for element in path.elements {
            switch element {
            case .name(let name):
                elements.append(.name(Array(name.utf8)))
            case .index(let index):
                elements.append(.index(index))
            case .placeholder(let placeholder):
                guard let name = name(placeholder) else {
                    findings.record(
                        .reference,
                        "An expression attribute name used in the document path is not defined; "
                            + "attribute name: \(placeholder)")
                    return nil
                }
                elements.append(.name(Array(name.utf8)))
            }
        }
        return DocumentPath(elements: elements)
    }

    /// Resolves `:value`; nil, and a finding, where it is not defined.
    mutating func resolve(value placeholder: String, _ findings: inout Findings) -> ItemValue? {
        guard let value = value(placeholder) else {
            findings.record(
                .reference,
                "An expression attribute value used in expression is not defined; "
                    + "attribute value: \(placeholder)")
            return nil
        }
        return value
    }
}
