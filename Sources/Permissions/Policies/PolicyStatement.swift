/// A statement of a policy: an effect on actions and resources, where conditions hold.
struct PolicyStatement: Sendable, Hashable {
    enum Effect: Sendable, Hashable {
        case allow, deny
    }

    /// `Action` or `NotAction`, `Resource` or `NotResource`.
    struct Element: Sendable, Hashable {
        var patterns: [PolicyPattern]
        var isNegated = false

        /// Whether the element covers a text; nil where a variable in it has no value.
        func covers(_ text: String, _ values: PolicyValues) -> Bool? {
            var isKnown = true
            for pattern in patterns {
                switch pattern.matches(text, values) {
                case true?: return !isNegated
                case false?: continue
                case nil: isKnown = false
                }
            }
            return isKnown ? isNegated : nil
        }
    }

    var sid: String?
    var effect: Effect
    /// Whom it concerns; nil in policies of roles and users.
    var principals: PolicyPrincipals?
    /// Patterns in lower case: actions count in any case.
    var actions: Element
    var resources: Element
    var conditions: [PolicyCondition] = []

    /// Whether the statement has anything to say about a request.
    ///
    /// A statement with a variable that the request has no value for says nothing.
    func applies(_ request: AccessRequest, by principal: Principal) -> Bool {
        let values = request.policyValues
        guard actions.covers(request.action.lowercased(), values) == true,
            resources.covers(request.resource, values) == true
        else { return false }
        if let principals, !principals.cover(principal, effect: effect) { return false }
        return conditions.allSatisfy { $0.holds(values) == true }
    }
}
