package import Wire

/// Policies that the operator gave in a file: of roles, and of users by their access key.
package struct GivenPolicies: Sendable {
    package var roles: [String: [NamedPolicy]] = [:]
    package var users: [String: [NamedPolicy]] = [:]

    package init() {}

    /// Reads `{"roles": {NAME: [document, …]}, "users": {ACCESSKEY: [document, …]}}`.
    ///
    /// A document may stand without its list, and the ARN of one of the service's own managed
    /// policies in the place of a document.
    ///
    /// - Throws: a fault that names whose policy and which statement.
    package init(_ json: JSONValue) throws(PolicyFault) {
        guard let members = json.members else {
            throw PolicyFault("expected 'roles' and 'users'")
        }
        for (name, value) in members {
            guard let entries = value.members, name == "roles" || name == "users" else {
                throw PolicyFault("'\(name)': expected 'roles' or 'users', each with names")
            }
            for (who, documents) in entries {
                let policies = try Self.policies(
                    documents, of: name == "roles" ? "role \(who)" : "user \(who)")
                if name == "roles" {
                    guard Role.isName(who) else {
                        throw PolicyFault("'\(who)' cannot be the name of a role")
                    }
                    roles[who, default: []] += policies
                } else {
                    users[who, default: []] += policies
                }
            }
        }
    }

    /// The policies of somebody: a document, a list of them, or nothing (who may do nothing then).
    package static func policies(
        _ json: JSONValue, of who: String
    ) throws(PolicyFault) -> [NamedPolicy] {
        if json.isNull { return [] }
        var policies: [NamedPolicy] = []
        for (index, source) in (json.elements ?? [json]).enumerated() {
            if let arn = source.string {
                guard let managed = NamedPolicy(managed: arn) else {
                    throw PolicyFault("\(who): there is no managed policy '\(arn)' here")
                }
                policies.append(managed)
                continue
            }
            do throws(PolicyFault) {
                policies.append(
                    try NamedPolicy(name: "\(who), policy \(index + 1)", source: source))
            } catch {
                throw PolicyFault("\(who), policy \(index + 1), \(error.description)")
            }
        }
        return policies
    }

    /// The actions of DynamoDB that the policies name and that there aren't, with whose policy and
    /// which statement it is.
    package var unknownActions: [(who: String, statement: Int, action: String)] {
        (roles.sorted { $0.key < $1.key } + users.sorted { $0.key < $1.key }).flatMap {
            $0.value.flatMap { policy in
                ActionCatalogue.unknownActions(in: policy.document).map {
                    (who: policy.name, statement: $0.statement, action: $0.action)
                }
            }
        }
    }
}
