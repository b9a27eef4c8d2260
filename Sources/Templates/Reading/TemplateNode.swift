/// A value of a template as it was written, with the line it stands on.
///
/// Short forms of functions are written out: `!Ref x` is the map `{"Ref": "x"}`. Keys of a map are
/// unique and keep their order.
package struct TemplateNode: Sendable {
    package enum Content: Sendable {
        case null
        case bool(Bool)
        /// Its text, which is a JSON number.
        case number(String)
        case string(String)
        case list([TemplateNode])
        case map([(key: String, value: TemplateNode)])
    }

    package var content: Content
    package var line: Int?

    package init(_ content: Content, line: Int? = nil) {
        self.content = content
        self.line = line
    }

    // MARK: What it is

    /// The text of a string.
    package var string: String? {
        if case .string(let text) = content { text } else { nil }
    }

    /// The text of a string, a number or a boolean.
    package var text: String? {
        switch content {
        case .string(let text), .number(let text): text
        case .bool(let value): value ? "true" : "false"
        case .null, .list, .map: nil
        }
    }

    package var elements: [TemplateNode]? {
        if case .list(let elements) = content { elements } else { nil }
    }

    package var members: [(key: String, value: TemplateNode)]? {
        if case .map(let members) = content { members } else { nil }
    }

    package var isNull: Bool {
        if case .null = content { true } else { false }
    }

    /// The member of a map; nil where there is none, where it is null, or where this is no map.
    package subscript(_ key: String) -> TemplateNode? {
        guard let value = members?.first(where: { $0.key == key })?.value, !value.isNull
        else { return nil }
        return value
    }

    /// The function that this calls: its name (`Ref`, `Condition`, `Fn::…`) and its argument.
    package var function: (name: String, argument: TemplateNode)? {
        guard case .map(let members) = content, members.count == 1, let only = members.first,
            only.key == "Ref" || only.key == "Condition" || only.key.hasPrefix("Fn::")
        else { return nil }
        return (only.key, only.value)
    }

    // MARK: Making

    package static func string(_ text: String, line: Int? = nil) -> TemplateNode {
        TemplateNode(.string(text), line: line)
    }

    package static func list(_ elements: [TemplateNode], line: Int? = nil) -> TemplateNode {
        TemplateNode(.list(elements), line: line)
    }

    /// A map of the members that are there.
    package static func map(
        _ members: [(String, TemplateNode?)], line: Int? = nil
    ) -> TemplateNode {
        TemplateNode(
            .map(members.compactMap { key, value in value.map { (key, $0) } }), line: line)
    }

    package static func reference(_ name: String, line: Int? = nil) -> TemplateNode {
        map([("Ref", .string(name, line: line))], line: line)
    }

    package static func attribute(
        _ name: String, _ attribute: String, line: Int? = nil
    ) -> TemplateNode {
        map([("Fn::GetAtt", .list([.string(name), .string(attribute)], line: line))], line: line)
    }

    /// The map with a member set, in its place where it is there and at the end where it isn't.
    package func setting(_ key: String, _ value: TemplateNode) -> TemplateNode {
        guard var members else { return self }
        if let place = members.firstIndex(where: { $0.key == key }) {
            members[place].value = value
        } else {
            members.append((key, value))
        }
        return TemplateNode(.map(members), line: line)
    }

    /// The map without a member.
    package func removing(_ key: String) -> TemplateNode {
        guard let members else { return self }
        return TemplateNode(.map(members.filter { $0.key != key }), line: line)
    }
}
