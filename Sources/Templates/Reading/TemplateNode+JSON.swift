package import Wire

extension TemplateNode {
    package init(json value: JSONValue) {
        switch value {
        case .null: self.init(.null)
        case .bool(let value): self.init(.bool(value))
        case .number(let text): self.init(.number(text))
        case .string(let text): self.init(.string(text))
        case .array(let elements): self.init(.list(elements.map { TemplateNode(json: $0) }))
        case .object(let members):
            self.init(.map(members.map { (key: $0.0, value: TemplateNode(json: $0.1)) }))
        }
    }

    /// The node as it was written, functions and all.
    package var json: JSONValue {
        switch content {
        case .null: .null
        case .bool(let value): .bool(value)
        case .number(let text): .number(text)
        case .string(let text): .string(text)
        case .list(let elements): .array(elements.map(\.json))
        case .map(let members): .object(members.map { ($0.key, $0.value.json) })
        }
    }
}
