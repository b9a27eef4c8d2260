internal import Operations

/// Who asks: a function under its role, or a user by an access key.
package struct Principal: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// A session of a role, named by its function.
        case role(sessionName: String)
        case user
    }

    /// The role's name, or the user's.
    package var name: String
    package var kind: Kind
    package var accountID: String
    /// Of the role or the user: `arn:aws:iam::000000000000:role/orders`.
    package var arn: String

    /// A function, by its role's ARN.
    package init(roleARN: String, sessionName: String, accountID: String) {
        name = Self.name(ofRole: roleARN)
        kind = .role(sessionName: sessionName)
        let told = ResourceARN(roleARN)?.accountID ?? ""
        self.accountID = told.isEmpty ? accountID : told
        arn = roleARN
    }

    /// A user: an access key that policies were given for.
    package init(user: String, accountID: String) {
        name = user
        kind = .user
        self.accountID = accountID
        arn = "arn:aws:iam::\(accountID):user/\(user)"
    }

    /// The name of a role: the last part of its ARN, whatever its path.
    package static func name(ofRole arn: String) -> String {
        guard arn.hasPrefix("arn:"), let slash = arn.lastIndex(of: "/") else { return arn }
        return String(arn[arn.index(after: slash)...])
    }

    /// How errors name it: a role's session, or the user.
    package var sessionARN: String {
        guard case .role(let sessionName) = kind else { return arn }
        return "arn:aws:sts::\(accountID):assumed-role/\(name)/\(sessionName)"
    }

    /// The value of a global condition key, whose name is given in lower case; nil where this
    /// principal has none.
    func value(_ key: String) -> String? {
        switch key {
        case "aws:principalarn": return arn
        case "aws:principalaccount": return accountID
        case "aws:principaltype":
            if case .user = kind { return "User" }
            return "AssumedRole"
        case "aws:username":
            if case .user = kind { return name }
            return nil
        case "aws:userid":
            if case .role(let sessionName) = kind { return "AROA\(name):\(sessionName)" }
            return name
        default: return nil
        }
    }
}

/// The Principal or NotPrincipal of a statement of a resource's policy.
struct PolicyPrincipals: Sendable, Hashable {
    /// `*`, account ids, and ARNs of accounts, roles, their sessions and users.
    var names: [String]
    var isNegated = false

    /// Whether a statement concerns a principal.
    ///
    /// An account's name allows it nothing by itself (its own policies must), yet denies to
    /// everybody in it.
    func cover(_ principal: Principal, effect: PolicyStatement.Effect) -> Bool {
        let account = [
            principal.accountID, "arn:aws:iam::\(principal.accountID):root",
        ]
        let own = ["*", principal.arn, principal.sessionARN]
        if isNegated { return !names.contains { (own + account).contains($0) } }
        if names.contains(where: own.contains) { return true }
        return effect == .deny && names.contains(where: account.contains)
    }
}
