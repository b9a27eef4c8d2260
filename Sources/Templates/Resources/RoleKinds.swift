internal import Operations
internal import Wire

/// What roles may do, put together from roles, policies and managed policies.
private enum RolePolicies {
    static func path(_ name: String) -> String { "/_basalt/roles/\(PercentText.encoded(name))" }

    static func find(_ name: String, _ stack: StackView) async throws -> JSONValue? {
        try await stack.target.found { () throws(ServiceError) in
            try await stack.target.administration("GET", path(name))
        }
    }

    /// Sends what a role may, all that is known of it so far.
    ///
    /// - Parameter changed: what stands for the record's resource of the same logical id.
    static func send(
        role name: String, _ stack: StackView, changed: OwnedResource?, removed: String? = nil
    ) async throws {
        var record = stack.record
        if let changed { record.set(changed) }
        if let removed { record.remove(removed) }
        let role = record.resources.first {
            $0.type == "AWS::IAM::Role" && $0.physicalID == name
        }
        var policies: [(name: String, document: JSONValue)] = []
        func add(_ name: String, _ document: JSONValue?) {
            guard let document else { return }
            policies.removeAll { $0.name == name }
            policies.append((name, document))
        }
        if let role {
            for arn in role.properties["ManagedPolicyArns"]?.elements ?? [] {
                guard let arn = arn.string else { continue }
                if let known = ManagedPolicies.document(arn: arn) {
                    add(ManagedPolicies.name(arn: arn) ?? arn, known)
                } else if let own = record.resources.first(where: {
                    $0.type == "AWS::IAM::ManagedPolicy" && $0.physicalID == arn
                }) {
                    add(own.logicalID, own.properties["PolicyDocument"])
                }
            }
            for policy in role.properties["Policies"]?.elements ?? [] {
                add(policy["PolicyName"]?.plainText ?? "policy", policy["PolicyDocument"])
            }
        } else {
            // A role that somebody else described keeps what it has.
            for policy in try await find(name, stack)?["Policies"]?.elements ?? []
            where policy["PolicyName"]?.string != removedName(removed, stack) {
                add(policy["PolicyName"]?.string ?? "policy", policy["PolicyDocument"])
            }
        }
        for resource in record.resources where names(of: resource).contains(name) {
            let given = resource.properties["PolicyName"]?.plainText
            add(given ?? resource.logicalID, resource.properties["PolicyDocument"])
        }
        let told = policies.map { policy in
            JSONValue.object([
                ("PolicyName", .string(policy.name)), ("PolicyDocument", policy.document),
            ])
        }
        _ = try await stack.target.administration(
            "PUT", path(name),
            .object([
                ("Policies", .array(told)),
                ("RoleArn", .string(arn(of: name, stack, role?.properties))),
            ]))
    }

    /// Takes a policy away from the roles that have it and are there.
    static func remove(_ policy: OwnedResource, _ stack: StackView) async throws {
        for role in names(of: policy) where try await find(role, stack) != nil {
            try await send(role: role, stack, changed: nil, removed: policy.logicalID)
        }
    }

    private static func removedName(_ logicalID: String?, _ stack: StackView) -> String? {
        logicalID.map { id in
            stack.record[id]?.properties["PolicyName"]?.plainText ?? id
        }
    }

    /// The roles that a policy is attached to.
    static func names(of policy: OwnedResource) -> [String] {
        switch policy.type {
        case "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy":
            (policy.properties["Roles"]?.elements ?? []).compactMap(\.string)
        case "AWS::IAM::RolePolicy":
            [policy.properties["RoleName"]?.string].compactMap { $0 }
        default: []
        }
    }

    static func arn(of name: String, _ stack: StackView, _ properties: JSONValue?) -> String {
        var path = properties?["Path"]?.plainText ?? "/"
        if !path.hasSuffix("/") { path += "/" }
        return "arn:\(stack.place.partition):iam::\(stack.place.accountID):role\(path)\(name)"
    }

    static func owned(_ resource: ResolvedResource, _ id: String) -> OwnedResource {
        OwnedResource(
            logicalID: resource.logicalID, type: resource.type, physicalID: id,
            properties: resource.properties, isRetained: resource.isRetained)
    }
}

/// AWS::IAM::Role.
struct RoleKind: ResourceKind {
    func identify(_ resource: ResolvedResource, _ stack: StackView) async throws -> String? {
        stack.name(resource, "RoleName", limit: 64)
    }

    func find(
        _ id: String, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> JSONValue? {
        guard var state = try await RolePolicies.find(id, stack), state["Policies"] != nil else {
            return nil
        }
        if case .object(let members) = state {
            state = .object(members + [("Path", resource["Path"] ?? .string("/"))])
        }
        return state
    }

    func create(_ resource: ResolvedResource, _ stack: StackView) async throws -> String {
        let name = stack.name(resource, "RoleName", limit: 64)
        try await RolePolicies.send(
            role: name, stack, changed: RolePolicies.owned(resource, name))
        return name
    }

    func update(
        _ id: String, _ state: JSONValue, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> String { try await create(resource, stack) }

    func delete(_ owned: OwnedResource, _ stack: StackView) async throws {
        _ = try await stack.target.found { () throws(ServiceError) in
            try await stack.target.administration("DELETE", RolePolicies.path(owned.physicalID))
        }
    }

    func attributes(_ id: String, _ state: JSONValue, _ stack: StackView) -> [String: String] {
        ["Arn": RolePolicies.arn(of: id, stack, state), "RoleId": "AROA" + id]
    }
}

/// AWS::IAM::Policy and AWS::IAM::RolePolicy: statements that roles get beside their own.
struct RolePolicyKind: ResourceKind {
    func identify(_ resource: ResolvedResource, _ stack: StackView) async throws -> String? {
        resource.text("PolicyName")
            ?? PhysicalName.of(
                stack: stack.place.stackName, logicalID: resource.logicalID, limit: 128)
    }

    func refusal(_ resource: ResolvedResource, _ stack: StackView) -> String? {
        let roles = RolePolicies.names(of: RolePolicies.owned(resource, ""))
        return roles.isEmpty ? "it belongs to no role" : nil
    }

    func find(
        _ id: String, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> JSONValue? {
        guard let owned = stack.record[resource.logicalID] else { return nil }
        for role in RolePolicies.names(of: owned) {
            let policies = try await RolePolicies.find(role, stack)?["Policies"]?.elements ?? []
            let name = owned.properties["PolicyName"]?.plainText ?? owned.logicalID
            guard policies.contains(where: { $0["PolicyName"]?.string == name }) else {
                return nil
            }
        }
        return .object([])
    }

    func create(_ resource: ResolvedResource, _ stack: StackView) async throws -> String {
        let id = try await identify(resource, stack) ?? resource.logicalID
        let owned = RolePolicies.owned(resource, id)
        let before = stack.record[resource.logicalID].map { RolePolicies.names(of: $0) } ?? []
        for role in Set(RolePolicies.names(of: owned) + before).sorted() {
            try await RolePolicies.send(role: role, stack, changed: owned)
        }
        return id
    }

    func update(
        _ id: String, _ state: JSONValue, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> String { try await create(resource, stack) }

    func delete(_ owned: OwnedResource, _ stack: StackView) async throws {
        try await RolePolicies.remove(owned, stack)
    }

    func attributes(_ id: String, _ state: JSONValue, _ stack: StackView) -> [String: String] {
        ["Id": id]
    }
}

/// AWS::IAM::ManagedPolicy; its id is its ARN.
struct ManagedPolicyKind: ResourceKind {
    func identify(_ resource: ResolvedResource, _ stack: StackView) async throws -> String? {
        var path = resource.text("Path") ?? "/"
        if !path.hasSuffix("/") { path += "/" }
        let name = stack.name(resource, "ManagedPolicyName", limit: 128)
        return "arn:\(stack.place.partition):iam::\(stack.place.accountID):policy\(path)\(name)"
    }

    /// It is kept with the stack alone, and with the roles that have it.
    func find(
        _ id: String, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> JSONValue? {
        stack.record[resource.logicalID] == nil ? nil : .object([])
    }

    func create(_ resource: ResolvedResource, _ stack: StackView) async throws -> String {
        let id = try await identify(resource, stack) ?? resource.logicalID
        let owned = RolePolicies.owned(resource, id)
        var roles = RolePolicies.names(of: owned)
        if let before = stack.record[resource.logicalID] {
            roles += RolePolicies.names(of: before)
        }
        // Roles that name it and were made before it.
        for role in stack.record.resources where role.type == "AWS::IAM::Role" {
            let arns = role.properties["ManagedPolicyArns"]?.elements ?? []
            if arns.contains(where: { $0.string == id }) { roles.append(role.physicalID) }
        }
        for role in Set(roles).sorted() {
            try await RolePolicies.send(role: role, stack, changed: owned)
        }
        return id
    }

    func update(
        _ id: String, _ state: JSONValue, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> String { try await create(resource, stack) }

    func delete(_ owned: OwnedResource, _ stack: StackView) async throws {
        try await RolePolicies.remove(owned, stack)
    }

    func attributes(_ id: String, _ state: JSONValue, _ stack: StackView) -> [String: String] {
        ["PolicyArn": id]
    }
}
