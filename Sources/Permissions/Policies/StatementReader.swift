internal import Operations
internal import Wire

/// Reads one statement of a policy document.
struct StatementReader {
    let json: JSONValue
    let kind: PolicyKind
    let hasVariables: Bool

    private static let members: Set<String> = [
        "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource",
        "NotResource", "Condition",
    ]

    func statement() throws(PolicyFault) -> PolicyStatement {
        guard let members = json.members, members.allSatisfy({ Self.members.contains($0.0) }) else {
            throw .syntax
        }
        let effect: PolicyStatement.Effect
        switch json["Effect"]?.string {
        case "Allow": effect = .allow
        case "Deny": effect = .deny
        default: throw .syntax
        }
        return PolicyStatement(
            sid: try sid(), effect: effect, principals: try principals(), actions: try actions(),
            resources: try resources(), conditions: try conditions())
    }

    private func sid() throws(PolicyFault) -> String? {
        guard let given = json["Sid"] else { return nil }
        guard let sid = given.string else { throw .syntax }
        // IAM wants letters and digits in policies of roles; those of resources take any text.
        guard kind == .resource || sid.utf8.allSatisfy(Self.isAlphanumeric) else {
            throw PolicyFault(
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the "
                    + "regular expression [0-9A-Za-z]*")
        }
        return sid
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    // MARK: Actions and resources

    private func actions() throws(PolicyFault) -> PolicyStatement.Element {
        let (texts, isNegated) = try either(
            "Action", "NotAction", missing: "Policy statement must contain actions.")
        for text in texts where text != "*" {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count > 1, !parts[0].isEmpty else {
                throw PolicyFault(
                    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
            }
            guard parts.count == 2 else {
                throw PolicyFault("Actions/Condition can contain only one colon.")
            }
            let isVendor = parts[0].utf8.allSatisfy {
                Self.isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            }
            guard isVendor else { throw PolicyFault("Vendor \(parts[0]) is not valid") }
            guard !parts[1].isEmpty else { throw .syntax }
        }
        return PolicyStatement.Element(
            patterns: texts.map { PolicyPattern($0.lowercased(), hasVariables: false) },
            isNegated: isNegated)
    }

    private func resources() throws(PolicyFault) -> PolicyStatement.Element {
        let (texts, isNegated) = try either(
            "Resource", "NotResource", missing: "Policy statement must contain resources.")
        // A variable may stand for an ARN as a whole.
        for text in texts where text != "*" && !text.hasPrefix("${") {
            guard text.hasPrefix("arn:"), text.split(separator: ":").count > 1 else {
                throw PolicyFault("Resource \(text) must be in ARN format or \"*\".")
            }
        }
        return PolicyStatement.Element(
            patterns: texts.map { PolicyPattern($0, hasVariables: hasVariables) },
            isNegated: isNegated)
    }

    /// The texts of one of two members, of which there must be one.
    private func either(
        _ name: String, _ negated: String, missing: String
    ) throws(PolicyFault) -> (texts: [String], isNegated: Bool) {
        switch (json[name], json[negated]) {
        case (nil, nil): throw PolicyFault(missing)
        case (_?, _?): throw .syntax
        case (let value?, nil): return (try texts(value, missing), false)
        case (nil, let value?): return (try texts(value, missing), true)
        }
    }

    /// A text, or a list of them, which must not be empty.
    private func texts(_ value: JSONValue, _ missing: String) throws(PolicyFault) -> [String] {
        guard let elements = value.elements else {
            guard let text = value.string else { throw .syntax }
            return [text]
        }
        guard !elements.isEmpty else { throw PolicyFault(missing) }
        var texts: [String] = []
        for element in elements {
            guard let text = element.string else { throw .syntax }
            texts.append(text)
        }
        return texts
    }

    // MARK: Principals

    private func principals() throws(PolicyFault) -> PolicyPrincipals? {
        let given = json["Principal"]
        let negated = json["NotPrincipal"]
        guard kind == .resource else {
            guard given == nil, negated == nil else {
                throw PolicyFault("Policy document should not specify a principal.")
            }
            return nil
        }
        guard let value = given ?? negated, given == nil || negated == nil else { throw .syntax }
        var names: [String] = []
        if let text = value.string {
            guard text == "*" else { throw .syntax }
            names = ["*"]
        } else {
            for (type, who) in value.members ?? [] {
                let who = try texts(who, PolicyFault.syntax.message)
                // Services and federations are never who asks here.
                if type == "AWS" { names += who }
            }
            guard value.members?.isEmpty == false else { throw .syntax }
        }
        return PolicyPrincipals(names: names, isNegated: negated != nil)
    }

    // MARK: Conditions

    private func conditions() throws(PolicyFault) -> [PolicyCondition] {
        guard let block = json["Condition"] else { return [] }
        guard let operators = block.members else { throw .syntax }
        var conditions: [PolicyCondition] = []
        for (name, keys) in operators {
            guard let test = ConditionOperator(name) else {
                throw PolicyFault("Invalid Condition type : \(name).")
            }
            guard let keys = keys.members else { throw .syntax }
            for (key, values) in keys {
                guard key.contains(":") else {
                    throw PolicyFault(
                        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, "
                            + "etc.")
                }
                conditions.append(
                    PolicyCondition(
                        test: test, key: key.lowercased(), values: try patterns(values, of: test)))
            }
        }
        return conditions
    }

    private func patterns(
        _ value: JSONValue, of test: ConditionOperator
    ) throws(PolicyFault) -> [PolicyPattern] {
        var patterns: [PolicyPattern] = []
        for element in value.elements ?? [value] {
            let text: String
            switch element {
            case .string(let value), .number(let value): text = value
            case .bool(let value): text = value ? "true" : "false"
            default: throw .syntax
            }
            let pattern = PolicyPattern(
                text, hasWildcards: test.hasWildcards, hasVariables: hasVariables)
            try check(text, of: test)
            patterns.append(pattern)
        }
        return patterns
    }

    /// Refuses what an operator can never be compared with; a variable may become anything.
    private func check(_ text: String, of test: ConditionOperator) throws(PolicyFault) {
        if hasVariables, text.contains("${") { return }
        let isRight =
            switch test.comparison {
            case .numeric: Double(text)?.isFinite ?? false
            case .date: PolicyCondition.time(text) != nil
            case .bool, .null: ["true", "false"].contains(text.lowercased())
            case .ipAddress: NetworkRange(text) != nil
            case .string, .stringIgnoringCase, .stringLike, .binary, .arn: true
            }
        guard isRight else { throw .syntax }
    }
}
