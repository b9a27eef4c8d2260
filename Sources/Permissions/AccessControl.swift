package import Logging
package import Operations
internal import Synchronization
internal import Wire

/// What is done with what policies say.
package enum EnforcementMode: String, Sendable, CaseIterable {
    /// Nothing is asked.
    case off
    /// Everything is allowed; what would be denied is logged and told.
    case observe
    /// What policies don't allow is refused.
    case enforce
}

/// Decides who may do what.
///
/// A function acts under its role, told by the access key of its session. A role that nobody
/// described is not restricted, and neither is an access key that no policy was given for.
package final class AccessControl: Sendable {
    package let mode: EnforcementMode
    package let roles: RoleCatalogue
    package let ledger: AccessLedger
    let accountID: String
    private let tables: any TableDirectory
    private let sessions: (any SessionDirectory)?
    private let clock: any ServiceClock
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        /// Roles without policies that were warned of.
        var undescribed: Set<String> = []
        /// Policies of tables, read, by table ARN.
        var resourcePolicies: [String: (revision: String, document: PolicyDocument?)] = [:]
    }

    private static let cachedPoliciesMax = 1_000
    private static let warnedRolesMax = 1_000

    package init(
        mode: EnforcementMode, roles: RoleCatalogue, ledger: AccessLedger, accountID: String,
        tables: any TableDirectory, sessions: (any SessionDirectory)?, clock: any ServiceClock,
        logger: Logger
    ) {
        self.mode = mode
        self.roles = roles
        self.ledger = ledger
        self.accountID = accountID
        self.tables = tables
        self.sessions = sessions
        self.clock = clock
        self.logger = logger
    }

    // MARK: Who

    /// Who asks with an access key; nil for somebody whom no policy concerns.
    package func principal(accessKeyID: String) -> Principal? {
        guard !accessKeyID.isEmpty else { return nil }
        if let session = sessions?.session(accessKeyID: accessKeyID) {
            return Principal(
                roleARN: session.roleARN, sessionName: session.sessionName, accountID: accountID)
        }
        guard roles.hasUsers, roles.policies(ofUser: accessKeyID) != nil else { return nil }
        return Principal(user: accessKeyID, accountID: accountID)
    }

    /// The principal's policies; nil where nobody described it.
    private func policies(of principal: Principal) -> [PolicyDocument]? {
        switch principal.kind {
        case .user: roles.policies(ofUser: principal.name)
        case .role: roles.policies(ofRole: principal.name)
        }
    }

    /// Whether somebody described a principal that the ledger names.
    func isDescribed(_ ledgerName: String) -> Bool {
        guard ledgerName.hasPrefix("user/") else {
            return roles.policies(ofRole: ledgerName) != nil
        }
        return roles.policies(ofUser: String(ledgerName.dropFirst("user/".count))) != nil
    }

    // MARK: What

    /// Decides about everything that a request needs, counts it and logs what is not allowed.
    ///
    /// - Returns: what the request is refused with; nil where it may go on.
    package func refusal(
        of needs: [AccessRequest], by principal: Principal, context: RequestContext
    ) -> ServiceError? {
        var refusal: ServiceError?
        let policies = policies(of: principal)
        if policies == nil { warnOfUndescribed(principal) }
        for need in needs {
            let request = need.adding { [self] key in
                globalValue(key, principal, context).map { [$0] }
            }
            let decision = decide(request, by: principal, policies)
            let call = AccessLedger.Call(
                principal: principal.ledgerName, action: need.action, resource: need.resource)
            let isFirst = ledger.record(call, decision)
            guard !decision.isAllowed else { continue }
            let error = Self.error(need, principal, decision)
            log(error, isFirst: isFirst)
            if mode == .enforce, refusal == nil { refusal = error }
        }
        return refusal
    }

    private func decide(
        _ request: AccessRequest, by principal: Principal, _ policies: [PolicyDocument]?
    ) -> AccessDecision {
        let resource = resourcePolicy(of: request.resource)
        guard let policies else {
            // Unrestricted by itself; a table's policy may still deny.
            let decision = PolicyEvaluation.decide(
                request, by: principal, identity: [], resource: resource)
            return decision == .notAllowed ? .allowed : decision
        }
        return PolicyEvaluation.decide(
            request, by: principal, identity: policies, resource: resource)
    }

    /// The policy of the table that a resource is, or belongs to.
    private func resourcePolicy(of resource: String) -> PolicyDocument? {
        // A stream has policies of its own, which are not built.
        guard let place = ResourceNames.table(inARN: resource), !resource.contains("/stream/"),
            let policy = tables.facts(tableName: place.name, region: place.region)?.resourcePolicy
        else { return nil }
        let key = "\(place.region)/\(place.name)"
        return state.withLock { state in
            if let known = state.resourcePolicies[key], known.revision == policy.revision {
                return known.document
            }
            if state.resourcePolicies.count >= Self.cachedPoliciesMax {
                state.resourcePolicies = [:]
            }
            var document: PolicyDocument?
            do throws(ServiceError) {
                let json = try JSONValue(parsing: Array(policy.document.utf8))
                do throws(PolicyFault) {
                    document = try PolicyDocument(json, kind: .resource)
                } catch {
                    logger.warning("the policy of table '\(place.name)' is ignored: \(error)")
                }
            } catch {
                logger.warning("the policy of table '\(place.name)' is ignored: it is no JSON")
            }
            state.resourcePolicies[key] = (policy.revision, document)
            return document
        }
    }

    private func globalValue(
        _ key: String, _ principal: Principal, _ context: RequestContext
    ) -> String? {
        switch key {
        case "aws:requestedregion": context.region
        case "aws:currenttime": TimeText.iso8601(clock.now())
        case "aws:epochtime": String(Int64(min(max(clock.now(), 0), TimeText.timestampMax)))
        case "aws:securetransport", "aws:viaawsservice": "false"
        case "aws:resourceaccount": accountID
        default: principal.value(key)
        }
    }

    // MARK: Telling

    /// What the service answers who may not do what it asks for.
    static func error(
        _ need: AccessRequest, _ principal: Principal, _ decision: AccessDecision
    ) -> ServiceError {
        let reason =
            if case .denied(let kind) = decision {
                "with an explicit deny in \(kind == .identity ? "an" : "a") "
                    + "\(kind.rawValue) policy"
            } else {
                "because no identity-based policy allows the \(need.action) action"
            }
        return ServiceError(
            "AccessDeniedException",
            "User: \(principal.sessionARN) is not authorized to perform: \(need.action) on "
                + "resource: \(need.resource) \(reason)",
            namespace: .coralService)
    }

    private func log(_ error: ServiceError, isFirst: Bool) {
        let what = mode == .enforce ? "denied" : "would be denied"
        logger.log(level: isFirst ? .warning : .debug, "\(what): \(error.message)")
    }

    private func warnOfUndescribed(_ principal: Principal) {
        let isFirst = state.withLock { state in
            state.undescribed.count < Self.warnedRolesMax
                && state.undescribed.insert(principal.name).inserted
        }
        guard isFirst else { return }
        logger.warning(
            """
            nobody described role '\(principal.name)', so it is not restricted: give its policies \
            with --policies, PUT /_basalt/roles/\(principal.name) or basalt deploy
            """)
    }
}

extension Principal {
    /// How the ledger and reports name it: a role by its name, a user as `user/KEY`.
    package var ledgerName: String {
        if case .user = kind { "user/\(name)" } else { name }
    }
}
