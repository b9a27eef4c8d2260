package import Wire

/// The smallest policy that allows a set of calls, and nothing else that is named by actions and
/// resources.
///
/// Conditions are never made up: who used few partition keys so far may need others tomorrow.
package enum SmallestPolicy {
    /// The policy as IAM reads it: one statement for each set of actions, with the resources that
    /// need just those.
    package static func document(
        _ calls: some Sequence<(action: String, resource: String)>
    ) -> JSONValue {
        var actions: [String: Set<String>] = [:]
        for call in calls {
            let resource = ActionCatalogue.hasResources(call.action) ? call.resource : "*"
            actions[resource, default: []].insert(call.action)
        }
        var resources: [[String]: [String]] = [:]
        for (resource, names) in actions { resources[names.sorted(), default: []].append(resource) }
        let statements = resources.sorted { left, right in
            (left.value.min() ?? "", left.key.first ?? "")
                < (right.value.min() ?? "", right.key.first ?? "")
        }
        return .object([
            ("Version", .string("2012-10-17")),
            (
                "Statement",
                .array(
                    statements.map { names, resources in
                        .object([
                            ("Effect", .string("Allow")), ("Action", Self.list(names)),
                            ("Resource", Self.list(resources.sorted())),
                        ])
                    })
            ),
        ])
    }

    private static func list(_ texts: [String]) -> JSONValue {
        if texts.count == 1, let only = texts.first { return .string(only) }
        return .array(texts.map { .string($0) })
    }
}

extension JSONValue {
    /// The value as people read it: two spaces to a level.
    package var readable: String { readable(indent: "") + "\n" }

    private func readable(indent: String) -> String {
        let inner = indent + "  "
        switch self {
        case .array(let elements) where !elements.isEmpty:
            let lines = elements.map { inner + $0.readable(indent: inner) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(indent)]"
        case .object(let members) where !members.isEmpty:
            let lines = members.map { name, value in
                let name = String(decoding: JSONValue.string(name).encoded, as: UTF8.self)
                return "\(inner)\(name): \(value.readable(indent: inner))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
        default:
            return String(decoding: encoded, as: UTF8.self)
        }
    }
}
