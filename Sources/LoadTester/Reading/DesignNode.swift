internal import Wire
internal import Yams

/// A value of a design file as it was written, with the place it stands at.
struct DesignNode: Sendable {
    enum Content: Sendable {
        case null
        case bool(Bool)
        /// Its text, which is a JSON number.
        case number(String)
        case string(String)
        case list([DesignNode])
        case map([Member])
    }

    struct Member: Sendable {
        var key: String
        var mark: SourceMark?
        var value: DesignNode
    }

    var content: Content
    var mark: SourceMark?

    var elements: [DesignNode]? {
        if case .list(let elements) = content { elements } else { nil }
    }

    var members: [Member]? {
        if case .map(let members) = content { members } else { nil }
    }

    var string: String? {
        if case .string(let text) = content { text } else { nil }
    }

    var number: String? {
        if case .number(let text) = content { text } else { nil }
    }

    var isNull: Bool {
        if case .null = content { true } else { false }
    }

    subscript(_ key: String) -> DesignNode? { members?.first { $0.key == key }?.value }

    /// The generator that a map of one member with a `$` is.
    var generator: Member? {
        guard let members, members.count == 1, let only = members.first, only.key.hasPrefix("$")
        else { return nil }
        return only
    }

    /// What it is, for messages.
    var kind: String {
        switch content {
        case .null: "nothing"
        case .bool(let value): value ? "true" : "false"
        case .number(let text): text
        case .string(let text): "'\(text.prefix(60))'"
        case .list: "a list"
        case .map: "a map"
        }
    }

    /// As JSON, for what is passed on to the service.
    var json: JSONValue {
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

extension SourceMark {
    fileprivate init(_ mark: Mark) { self.init(line: mark.line, column: mark.column) }
}

extension DesignNode {
    private static let nodeCountMax = 100_000
    private static let depthMax = 60
    private static let byteCountMax = 4 << 20

    /// Reads a file's text.
    static func read(_ text: String) throws(DesignFault) -> DesignNode {
        guard text.utf8.count <= byteCountMax else {
            throw DesignFault(path: "", message: "is larger than 4 MB")
        }
        let tree: Node?
        do {
            tree = try Parser(yaml: text, resolver: .basic).singleRoot()
        } catch {
            throw fault(error)
        }
        guard let tree else { throw DesignFault(path: "", message: "is empty") }
        var count = 0
        return try node(tree, depth: 0, count: &count)
    }

    private static func fault(_ error: any Error) -> DesignFault {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            DesignFault(mark: SourceMark(mark), path: "", message: "not valid YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            DesignFault(
                mark: SourceMark(context.mark), path: "",
                message:
                    "the key '\(keys.map(String.init(describing:)).sorted()[0])' is there twice")
        default: DesignFault(path: "", message: "not valid YAML")
        }
    }

    private static func node(
        _ node: Node, depth: Int, count: inout Int
    ) throws(DesignFault) -> DesignNode {
        let mark = node.mark.map(SourceMark.init)
        count += 1
        guard count <= nodeCountMax, depth <= depthMax else {
            throw DesignFault(mark: mark, path: "", message: "is too large or nested too deep")
        }
        switch node {
        case .scalar(let scalar): return DesignNode(content: content(of: scalar), mark: mark)
        case .sequence(let sequence):
            var elements: [DesignNode] = []
            for element in sequence {
                elements.append(try self.node(element, depth: depth + 1, count: &count))
            }
            return DesignNode(content: .list(elements), mark: mark)
        case .mapping(let mapping):
            var members: [Member] = []
            var merged: [Member] = []
            var names: Set<String> = []
            for (keyNode, valueNode) in mapping {
                guard case .scalar(let scalar) = keyNode else {
                    throw DesignFault(
                        mark: keyNode.mark.map(SourceMark.init), path: "",
                        message: "expected a name before ':'")
                }
                guard names.insert(scalar.string).inserted else {
                    throw DesignFault(
                        mark: keyNode.mark.map(SourceMark.init), path: "",
                        message: "the key '\(scalar.string)' is there twice")
                }
                let value = try self.node(valueNode, depth: depth + 1, count: &count)
                if scalar.string == "<<", scalar.style == .plain {
                    for part in value.elements ?? [value] { merged += part.members ?? [] }
                } else {
                    members.append(
                        Member(
                            key: scalar.string, mark: keyNode.mark.map(SourceMark.init),
                            value: value))
                }
            }
            // What is merged in gives way to what stands here, and to what came before it.
            for member in merged where names.insert(member.key).inserted {
                members.append(member)
            }
            return DesignNode(content: .map(members), mark: mark)
        case .alias:
            throw DesignFault(mark: mark, path: "", message: "an alias of nothing")
        }
    }

    /// Quoted scalars are strings, plain ones what they look like.
    private static func content(of scalar: Node.Scalar) -> Content {
        let text = scalar.string
        guard scalar.style == .plain, scalar.tag.description.isEmpty else { return .string(text) }
        switch text {
        case "", "~", "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: return isNumber(text) ? .number(text) : .string(text)
        }
    }

    private static func isNumber(_ text: String) -> Bool {
        guard let first = text.utf8.first, first == 0x2D || (0x30...0x39).contains(first),
            let value = try? JSONValue(parsing: Array(text.utf8))
        else { return false }
        if case .number = value { return true }
        return false
    }
}
