/// One thing that a request wants to do: an action on a resource.
package struct AccessRequest: Sendable {
    /// `dynamodb:GetItem`.
    package var action: String
    /// An ARN, or `*` for an action on no resource.
    package var resource: String
    private let lookup: @Sendable (String) -> [String]?

    /// - Parameter values: the values of condition keys, whose names it is given in lower case;
    ///   called only where a policy asks.
    package init(
        action: String, resource: String,
        values: @escaping @Sendable (String) -> [String]? = { _ in nil }
    ) {
        self.action = action
        self.resource = resource
        lookup = values
    }

    var policyValues: PolicyValues { PolicyValues(lookup) }

    /// The same with values of further keys, which go before.
    func adding(_ values: @escaping @Sendable (String) -> [String]?) -> AccessRequest {
        let lookup = lookup
        return AccessRequest(action: action, resource: resource) { values($0) ?? lookup($0) }
    }
}

/// What policies say about a request.
package enum AccessDecision: Sendable, Hashable {
    case allowed
    /// Nothing allows it.
    case notAllowed
    /// A statement denies it.
    case denied(by: PolicyKind)

    package var isAllowed: Bool { self == .allowed }
}

/// Where a policy is attached.
package enum PolicyKind: String, Sendable, Hashable {
    /// To a role or a user.
    case identity = "identity-based"
    /// To a table.
    case resource = "resource-based"
}

/// What the policies that concern a request say together.
package enum PolicyEvaluation {
    /// Denied where any statement denies; else allowed where any allows, be it the principal's or
    /// the resource's (both are in one account); else not.
    package static func decide(
        _ request: AccessRequest, by principal: Principal, identity: [PolicyDocument],
        resource: PolicyDocument? = nil
    ) -> AccessDecision {
        var isAllowed = false
        let all =
            identity.map { ($0, PolicyKind.identity) }
            + (resource.map { [($0, PolicyKind.resource)] } ?? [])
        for (document, kind) in all {
            for statement in document.statements
            where !(isAllowed && statement.effect == .allow)
                && statement.applies(request, by: principal)
            {
                if statement.effect == .deny { return .denied(by: kind) }
                isAllowed = true
            }
        }
        return isAllowed ? .allowed : .notAllowed
    }
}
