internal import Wire
internal import Yams

/// Reads a template's text, YAML or JSON, into a tree.
enum TemplateReader {
    /// Nodes that a template may have, aliases written out; CloudFormation takes 1 MB of text.
    static let nodeCountMax = 200_000
    static let depthMax = 100
    static let byteCountMax = 1 << 20

    /// - Throws: a `TemplateError` with the line, where it is known.
    static func read(_ text: String) throws(TemplateError) -> TemplateNode {
        guard text.utf8.count <= byteCountMax else {
            throw TemplateError("is larger than 1 MB")
        }
        let tree: Node?
        do {
            tree = try Parser(yaml: text, resolver: .basic).singleRoot()
        } catch {
            // JSON that YAML doesn't take (surrogate pairs, tabs); its reader bounds the depth.
            if let json = try? JSONValue(parsing: Array(text.utf8)) {
                return TemplateNode(json: json)
            }
            throw fault(error)
        }
        guard let tree else { throw TemplateError("is empty: expected a template") }
        var conversion = NodeConversion()
        return try conversion.node(of: tree, depth: 0)
    }

    private static func fault(_ error: any Error) -> TemplateError {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            TemplateError("not valid YAML: \(problem)", line: mark.line)
        case .reader(let problem, _, _, _): TemplateError("not valid YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            TemplateError(
                "the key \(keys.sorted().joined(separator: ", ")) is there twice",
                line: context.mark.line)
        default: TemplateError("not valid YAML")
        }
    }
}

/// Makes YAML's nodes a template's: resolves plain scalars, writes out the functions' short forms.
private struct NodeConversion {
    private var nodeCount = 0

    /// Functions that have a short form (`!Sub`) for `Fn::Sub`.
    private static let functions: Set<String> = [
        "And", "Base64", "Cidr", "Equals", "FindInMap", "ForEach", "GetAZs", "GetAtt", "If",
        "ImportValue", "Join", "Length", "Not", "Or", "Select", "Split", "Sub", "ToJsonString",
        "Transform",
    ]

    mutating func node(of node: Node, depth: Int) throws(TemplateError) -> TemplateNode {
        let line = node.mark?.line
        nodeCount += 1
        guard nodeCount <= TemplateReader.nodeCountMax else {
            throw TemplateError("has more than \(TemplateReader.nodeCountMax) values", line: line)
        }
        guard depth <= TemplateReader.depthMax else {
            throw TemplateError(
                "is nested deeper than \(TemplateReader.depthMax) levels", line: line)
        }
        let plain = TemplateNode(try content(of: node, depth: depth), line: line)
        return try written(out: plain, tag: Self.tag(of: node), line: line)
    }

    private mutating func content(
        of node: Node, depth: Int
    ) throws(TemplateError) -> TemplateNode.Content {
        switch node {
        case .scalar(let scalar): return Self.content(of: scalar)
        case .sequence(let sequence):
            var elements: [TemplateNode] = []
            for element in sequence {
                elements.append(try self.node(of: element, depth: depth + 1))
            }
            return .list(elements)
        case .mapping(let mapping):
            return .map(try members(of: mapping, depth: depth))
        case .alias:
            throw TemplateError("an alias of nothing", line: node.mark?.line)
        }
    }

    private mutating func members(
        of mapping: Node.Mapping, depth: Int
    ) throws(TemplateError) -> [(key: String, value: TemplateNode)] {
        var members: [(key: String, value: TemplateNode)] = []
        var merged: [(key: String, value: TemplateNode)] = []
        var places: [String: Int] = [:]
        for (keyNode, valueNode) in mapping {
            guard case .scalar(let scalar) = keyNode else {
                throw TemplateError("expected a name before ':'", line: keyNode.mark?.line)
            }
            let key = scalar.string
            let value = try node(of: valueNode, depth: depth + 1)
            if key == "<<", scalar.style == .plain {
                for part in value.elements ?? [value] { merged += part.members ?? [] }
                continue
            }
            guard places[key] == nil else {
                throw TemplateError("the key \(key) is there twice", line: keyNode.mark?.line)
            }
            places[key] = members.count
            members.append((key, value))
        }
        for member in merged where places[member.key] == nil {
            places[member.key] = members.count
            members.append(member)
        }
        return members
    }

    /// The value with its tag's function written out.
    private func written(
        out value: TemplateNode, tag: String, line: Int?
    ) throws(TemplateError) -> TemplateNode {
        guard tag.hasPrefix("!"), tag.count > 1 else { return value }
        let name = String(tag.dropFirst())
        switch name {
        case "Ref", "Condition": return .map([(name, value)], line: line)
        case "GetAtt":
            guard let text = value.string else { break }
            // Attribute names may have dots, logical ids don't.
            let parts = text.split(separator: ".", maxSplits: 1)
            guard parts.count == 2 else {
                throw TemplateError(
                    "!GetAtt: expected Resource.Attribute, not '\(text)'", line: line)
            }
            let list = TemplateNode.list(
                parts.map { .string(String($0), line: line) }, line: line)
            return .map([("Fn::GetAtt", list)], line: line)
        default: break
        }
        guard Self.functions.contains(name) else {
            throw TemplateError("the function !\(name) isn't known", line: line)
        }
        return .map([("Fn::" + name, value)], line: line)
    }

    private static func tag(of node: Node) -> String {
        // As written: `node.tag` would resolve it.
        switch node {
        case .scalar(let scalar): scalar.tag.description
        case .sequence(let sequence): sequence.tag.description
        case .mapping(let mapping): mapping.tag.description
        case .alias: ""
        }
    }

    /// What a scalar means: quoted ones are strings, plain ones what they look like.
    private static func content(of scalar: Node.Scalar) -> TemplateNode.Content {
        let text = scalar.string
        // A tag tells that it is a string (`!!str 12`, `!Sub yes`).
        guard scalar.style == .plain, scalar.tag.description.isEmpty else {
            return .string(text)
        }
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": return .bool(true)
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": return .bool(false)
        default: return isNumber(text) ? .number(text) : .string(text)
        }
    }

    /// Whether a text is a JSON number: others (012, 0x1F, 1_000) keep what was written.
    private static func isNumber(_ text: String) -> Bool {
        guard let first = text.utf8.first, first == 0x2D || (0x30...0x39).contains(first),
            let value = try? JSONValue(parsing: Array(text.utf8))
        else { return false }
        if case .number = value { return true }
        return false
    }
}
