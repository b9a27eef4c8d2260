internal import Items
package import Operations
package import Wire

/// The administrative paths of permissions.
///
///     GET    /_basalt/roles          the roles
///     PUT    /_basalt/roles/NAME     {"Policies":[{"PolicyName":…,"PolicyDocument":{…}}]}
///     GET    /_basalt/roles/NAME
///     DELETE /_basalt/roles/NAME
///     GET    /_basalt/iam/report     what was asked for; ?role=NAME
///     DELETE /_basalt/iam/report     forgets it
///     GET    /_basalt/iam/policy/NAME   the smallest policy that would do
///
/// A function's own session may only read: it would give itself rights.
package struct RolesAPI: RESTHandler {
    private static let rolesPath = "/_basalt/roles"
    private static let iamPath = "/_basalt/iam/"
    private static let policiesMax = 100
    private static let bodyBytesMax = 1 << 20

    private let control: AccessControl
    private let clock: any ServiceClock

    package init(control: AccessControl, clock: any ServiceClock) {
        self.control = control
        self.clock = clock
    }

    package func access(method: String, path: Substring) -> RESTAccess? {
        let isOwn =
            path == Self.rolesPath || path.hasPrefix(Self.rolesPath + "/")
            || path.hasPrefix(Self.iamPath)
        return isOwn ? .signed : nil
    }

    package func handle(
        _ request: RESTRequest, completion: @escaping @Sendable (RESTResponse) -> Void
    ) {
        do throws(ServiceError) {
            if request.method != "GET",
                let principal = control.principal(accessKeyID: request.context.accessKeyID)
            {
                throw .notAnOperator(principal)
            }
            let segments = Array(request.segments.dropFirst())
            switch (request.method, segments.first, segments.count) {
            case ("GET", "roles", 1): completion(listRoles())
            case ("GET", "roles", 2): completion(try getRole(segments[1]))
            case ("PUT", "roles", 2): try putRole(segments[1], request.body, completion)
            case ("DELETE", "roles", 2): deleteRole(segments[1], completion)
            case ("GET", "iam", 2) where segments[1] == "report":
                completion(report(request.parameter("role")))
            case ("DELETE", "iam", 2) where segments[1] == "report":
                control.ledger.forget(request.parameter("role"))
                completion(RESTResponse(json: .object([])))
            case ("GET", "iam", 3...) where segments[1] == "policy":
                completion(policy(segments[2...].joined(separator: "/")))
            default:
                throw ServiceError(
                    "UnknownOperationException", "There is no \(request.method) \(request.path)",
                    namespace: .rest, status: 404)
            }
        } catch {
            completion(RESTResponse(error))
        }
    }

    // MARK: Roles

    private func listRoles() -> RESTResponse {
        let kept = control.roles.roles
        let names = Set(kept.map(\.name))
        let fromFile = control.roles.rolesOfFile.filter { !names.contains($0) }.map {
            JSONValue.object([("RoleName", .string($0)), ("Source", .string("file"))])
        }
        return RESTResponse(
            json: .object([("Roles", .array(kept.map(Self.describe) + fromFile))]))
    }

    private func getRole(_ name: String) throws(ServiceError) -> RESTResponse {
        guard let role = control.roles.role(name) else { throw Self.noSuchRole(name) }
        return RESTResponse(json: Self.describe(role))
    }

    private static func describe(_ role: Role) -> JSONValue {
        .object(present: [
            ("RoleName", .string(role.name)), ("RoleArn", role.arn.map { .string($0) }),
            ("Source", .string("kept")),
            (
                "Policies",
                .array(
                    role.inlinePolicies.map {
                        .object([("PolicyName", .string($0.name)), ("PolicyDocument", $0.source)])
                    })
            ),
            ("ManagedPolicyArns", .array(role.attachedPolicies.map { .string($0) })),
        ])
    }

    private static func noSuchRole(_ name: String) -> ServiceError {
        ServiceError(
            "NoSuchEntity", "The role with name \(name) cannot be found.", namespace: .rest,
            status: 404)
    }

    private static func invalid(_ message: String) -> ServiceError {
        ServiceError("ValidationError", message, namespace: .rest)
    }

    private func putRole(
        _ name: String, _ body: [UInt8], _ completion: @escaping @Sendable (RESTResponse) -> Void
    ) throws(ServiceError) {
        guard Role.isName(name) else { throw Self.invalid("'\(name)' is no name of a role") }
        guard body.count <= Self.bodyBytesMax else {
            throw Self.invalid("policies of a role may have 1 MB")
        }
        let json: JSONValue
        do throws(ServiceError) {
            json = try JSONValue(parsing: body)
        } catch {
            throw Self.invalid("the body is no JSON")
        }
        guard json.members != nil else { throw Self.invalid("the body is no JSON object") }
        let policies = try Self.policies(json["Policies"])
        var attached: [String] = []
        for arn in json["ManagedPolicyArns"]?.elements ?? [] {
            guard let arn = arn.string else { throw Self.invalid("ManagedPolicyArns: not a text") }
            attached.append(arn)
        }
        let arn = json["RoleArn"]?.string
        let now = clock.now()
        control.roles.change { change throws(ServiceError) in
            var role = change.roles[name] ?? Role(name: name, createdAt: now)
            role.arn = arn ?? role.arn
            role.inlinePolicies = policies
            role.attachedPolicies = attached
            change.roles[name] = role
        } completion: { result in
            completion(Self.answer(result))
        }
    }

    /// Documents as JSON, or as a text that is JSON.
    private static func policies(_ json: JSONValue?) throws(ServiceError) -> [NamedPolicy] {
        guard let json else { return [] }
        guard let elements = json.elements, elements.count <= policiesMax else {
            throw invalid("Policies: expected a list of at most \(policiesMax)")
        }
        var policies: [NamedPolicy] = []
        for (index, element) in elements.enumerated() {
            guard let name = element["PolicyName"]?.string, !name.isEmpty,
                var source = element["PolicyDocument"]
            else { throw invalid("Policies: each has PolicyName and PolicyDocument") }
            if let text = source.string {
                guard let parsed = try? JSONValue(parsing: Array(text.utf8)) else {
                    throw malformed("policy \(index + 1) (\(name)): no JSON")
                }
                source = parsed
            }
            do throws(PolicyFault) {
                policies.append(try NamedPolicy(name: name, source: source))
            } catch {
                throw malformed("policy \(index + 1) (\(name)), \(error)")
            }
        }
        return policies
    }

    private static func malformed(_ message: String) -> ServiceError {
        ServiceError("MalformedPolicyDocument", message, namespace: .rest)
    }

    private func deleteRole(
        _ name: String, _ completion: @escaping @Sendable (RESTResponse) -> Void
    ) {
        control.roles.change { change throws(ServiceError) in
            guard change.roles.removeValue(forKey: name) != nil else {
                throw Self.noSuchRole(name)
            }
        } completion: { result in
            completion(Self.answer(result))
        }
    }

    private static func answer(_ result: Result<Void, ServiceError>) -> RESTResponse {
        switch result {
        case .success: RESTResponse(json: .object([]))
        case .failure(let error): RESTResponse(error)
        }
    }

    // MARK: What was observed

    private func report(_ principal: String?) -> RESTResponse {
        var entries: [(name: String, calls: [JSONValue])] = []
        for (call, tally) in control.ledger.calls(of: principal) {
            if entries.last?.name != call.principal { entries.append((call.principal, [])) }
            entries[entries.count - 1].calls.append(
                .object([
                    ("Action", .string(call.action)), ("Resource", .string(call.resource)),
                    ("Decision", .string(tally.decision.name)),
                    ("Count", .number("\(tally.count)")),
                    ("Denials", .number("\(tally.denials)")),
                ]))
        }
        let roles = entries.map { name, calls in
            JSONValue.object([
                ("RoleName", .string(name)),
                ("HasPolicies", .bool(control.isDescribed(name))),
                ("Calls", .array(calls)),
            ])
        }
        return RESTResponse(
            json: .object([("Mode", .string(control.mode.rawValue)), ("Roles", .array(roles))]))
    }

    private func policy(_ principal: String) -> RESTResponse {
        let calls = control.ledger.calls(of: principal).map {
            (action: $0.call.action, resource: $0.call.resource)
        }
        return RESTResponse(body: Array(SmallestPolicy.document(calls).readable.utf8))
    }
}

extension ServiceError {
    /// A function or a restricted user asks for what is the operator's.
    static func notAnOperator(_ principal: Principal) -> ServiceError {
        ServiceError(
            "AccessDeniedException",
            "User: \(principal.sessionARN) may not change how the server runs", namespace: .rest,
            status: 403)
    }
}
