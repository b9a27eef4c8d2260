internal import Operations
internal import Wire

/// AWS::Lambda::Version.
struct VersionKind: ResourceKind {
    func identify(_ resource: ResolvedResource, _ stack: StackView) async throws -> String? {
        stack.record[resource.logicalID]?.physicalID
    }

    func find(
        _ id: String, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> JSONValue? {
        try await stack.target.found { () throws(ServiceError) in
            try await stack.target.lambda("GET", FunctionKind.path(id, "/configuration"))
        }
    }

    func create(_ resource: ResolvedResource, _ stack: StackView) async throws -> String {
        let body = JSONValue.object(resource.passed(["Description", "CodeSha256"]))
        let published = try await stack.target.lambda(
            "POST", FunctionKind.path(try resource.required("FunctionName"), "/versions"), body)
        return published["FunctionArn"]?.string ?? ""
    }

    /// A version never changes; what changed is published as another.
    func update(
        _ id: String, _ state: JSONValue, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> String { try await create(resource, stack) }

    func isAlwaysUpdated(_ resource: ResolvedResource) -> Bool { resource.followsFunction }

    func delete(_ owned: OwnedResource, _ stack: StackView) async throws {
        _ = try await stack.target.found { () throws(ServiceError) in
            try await stack.target.lambda("DELETE", FunctionKind.path(owned.physicalID))
        }
    }

    func attributes(_ id: String, _ state: JSONValue, _ stack: StackView) -> [String: String] {
        [
            "FunctionArn": id,
            "Version": state["Version"]?.string ?? ResourceARN(id)?.resourceParts.last ?? "",
        ]
    }
}

/// AWS::Lambda::Alias; its id is its ARN.
struct AliasKind: ResourceKind {
    private func path(_ function: String, _ name: String) -> String {
        FunctionKind.path(function, "/aliases/\(PercentText.encoded(name))")
    }

    /// The function's name and the alias's of an alias's ARN.
    private func parts(_ id: String) -> (function: String, name: String) {
        let parts = ResourceARN(id)?.resourceParts ?? []
        return parts.count >= 3 ? (parts[1], parts[2]) : ("", "")
    }

    func identify(_ resource: ResolvedResource, _ stack: StackView) async throws -> String? {
        let function = try resource.required("FunctionName")
        let plain = ResourceARN(function)?.resourceParts.dropFirst().first ?? function
        return stack.place.arn("lambda", "function:\(plain):\(try resource.required("Name"))")
    }

    func find(
        _ id: String, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> JSONValue? {
        let (function, name) = parts(id)
        return try await stack.target.found { () throws(ServiceError) in
            try await stack.target.lambda("GET", path(function, name))
        }
    }

    private func body(_ resource: ResolvedResource) -> [(String, JSONValue)] {
        var members = resource.passed(["FunctionVersion", "Description"])
        if let weights = resource["RoutingConfig"]?["AdditionalVersionWeights"]?.elements {
            let told = weights.compactMap { weight -> (String, JSONValue)? in
                guard let version = weight["FunctionVersion"]?.plainText,
                    let share = weight["FunctionWeight"]?.plainText
                else { return nil }
                return (version, .number(share))
            }
            members.append(
                ("RoutingConfig", .object([("AdditionalVersionWeights", .object(told))])))
        }
        return members
    }

    func create(_ resource: ResolvedResource, _ stack: StackView) async throws -> String {
        let name = try resource.required("Name")
        let alias = try await stack.target.lambda(
            "POST", FunctionKind.path(try resource.required("FunctionName"), "/aliases"),
            .object([("Name", .string(name))] + body(resource)))
        return alias["AliasArn"]?.string ?? ""
    }

    func update(
        _ id: String, _ state: JSONValue, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> String {
        let (function, name) = parts(id)
        var members = body(resource)
        if resource["RoutingConfig"] == nil {
            members.append(
                ("RoutingConfig", .object([("AdditionalVersionWeights", .object([]))])))
        }
        _ = try await stack.target.lambda("PUT", path(function, name), .object(members))
        return id
    }

    func delete(_ owned: OwnedResource, _ stack: StackView) async throws {
        let (function, name) = parts(owned.physicalID)
        _ = try await stack.target.found { () throws(ServiceError) in
            try await stack.target.lambda("DELETE", path(function, name))
        }
    }

    func attributes(_ id: String, _ state: JSONValue, _ stack: StackView) -> [String: String] {
        ["AliasArn": id]
    }
}

/// AWS::Lambda::LayerVersion; its id is the version's ARN.
struct LayerKind: ResourceKind {
    func identify(_ resource: ResolvedResource, _ stack: StackView) async throws -> String? {
        stack.record[resource.logicalID]?.physicalID
    }

    private func path(_ id: String) -> String {
        let parts = ResourceARN(id)?.resourceParts ?? []
        let (name, version) = parts.count >= 3 ? (parts[1], parts[2]) : ("", "")
        return "/2018-10-31/layers/\(PercentText.encoded(name))/versions/\(version)"
    }

    func find(
        _ id: String, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> JSONValue? {
        try await stack.target.found { () throws(ServiceError) in
            try await stack.target.lambda("GET", path(id))
        }
    }

    func create(_ resource: ResolvedResource, _ stack: StackView) async throws -> String {
        let content: JSONValue
        if let archive = resource.archive {
            content = .object([("ZipFile", .string(Base64.encoded(archive.bytes)))])
        } else if let given = resource["Content"], given["S3Bucket"] != nil {
            content = given
        } else {
            throw resource.fault("expected Content with S3Bucket and S3Key, or a path")
        }
        let name = stack.name(resource, "LayerName", limit: 140)
        let layer = try await stack.target.lambda(
            "POST", "/2018-10-31/layers/\(PercentText.encoded(name))/versions",
            .object(
                [("Content", content)]
                    + resource.passed([
                        "Description", "CompatibleRuntimes", "CompatibleArchitectures",
                        "LicenseInfo",
                    ])))
        return layer["LayerVersionArn"]?.string ?? ""
    }

    /// Another version; functions are given its ARN.
    func update(
        _ id: String, _ state: JSONValue, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> String { try await create(resource, stack) }

    func delete(_ owned: OwnedResource, _ stack: StackView) async throws {
        _ = try await stack.target.found { () throws(ServiceError) in
            try await stack.target.lambda("DELETE", path(owned.physicalID))
        }
    }

    func attributes(_ id: String, _ state: JSONValue, _ stack: StackView) -> [String: String] {
        ["LayerVersionArn": id, "Arn": id]
    }
}

/// AWS::Lambda::Permission; its id is `FUNCTION|STATEMENT`.
struct PermissionKind: ResourceKind {
    private func statement(_ resource: ResolvedResource, _ stack: StackView) -> String {
        PhysicalName.of(
            stack: stack.place.stackName, logicalID: resource.logicalID, limit: 100)
    }

    private func parts(_ id: String) -> (function: String, statement: String) {
        let parts = id.split(separator: "|", maxSplits: 1).map(String.init)
        return parts.count == 2 ? (parts[0], parts[1]) : ("", id)
    }

    func identify(_ resource: ResolvedResource, _ stack: StackView) async throws -> String? {
        "\(try resource.required("FunctionName"))|\(statement(resource, stack))"
    }

    func find(
        _ id: String, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> JSONValue? {
        let (function, statement) = parts(id)
        let policy = try await stack.target.found { () throws(ServiceError) in
            try await stack.target.lambda("GET", FunctionKind.path(function, "/policy"))
        }
        guard let text = policy?["Policy"]?.string,
            let document = try? JSONValue(parsing: Array(text.utf8))
        else { return nil }
        return document["Statement"]?.elements?.first { $0["Sid"]?.string == statement }
    }

    func create(_ resource: ResolvedResource, _ stack: StackView) async throws -> String {
        let function = try resource.required("FunctionName")
        _ = try await stack.target.lambda(
            "POST", FunctionKind.path(function, "/policy"),
            .object(
                [("StatementId", .string(statement(resource, stack)))]
                    + resource.passed([
                        "Action", "Principal", "SourceArn", "SourceAccount", "PrincipalOrgID",
                        "EventSourceToken", "FunctionUrlAuthType",
                    ])))
        return "\(function)|\(statement(resource, stack))"
    }

    func update(
        _ id: String, _ state: JSONValue, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> String {
        try await remove(id, stack)
        return try await create(resource, stack)
    }

    private func remove(_ id: String, _ stack: StackView) async throws {
        let (function, statement) = parts(id)
        _ = try await stack.target.found { () throws(ServiceError) in
            try await stack.target.lambda(
                "DELETE",
                FunctionKind.path(function, "/policy/\(PercentText.encoded(statement))"))
        }
    }

    func delete(_ owned: OwnedResource, _ stack: StackView) async throws {
        try await remove(owned.physicalID, stack)
    }

    func attributes(_ id: String, _ state: JSONValue, _ stack: StackView) -> [String: String] {
        ["Id": parts(id).statement]
    }
}

/// AWS::Lambda::EventInvokeConfig; its id is `FUNCTION|QUALIFIER`.
struct EventInvokeConfigKind: ResourceKind {
    private func path(_ id: String) -> String {
        let function = id.split(separator: "|").first.map(String.init) ?? id
        return "/2019-09-25/functions/\(PercentText.encoded(function))/event-invoke-config"
    }

    private func query(_ id: String) -> [(name: String, value: String)] {
        guard let qualifier = id.split(separator: "|").dropFirst().first else { return [] }
        return [(name: "Qualifier", value: String(qualifier))]
    }

    func identify(_ resource: ResolvedResource, _ stack: StackView) async throws -> String? {
        let qualifier = resource.text("Qualifier") ?? "$LATEST"
        return "\(try resource.required("FunctionName"))|\(qualifier)"
    }

    func find(
        _ id: String, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> JSONValue? {
        try await stack.target.found { () throws(ServiceError) in
            try await stack.target.lambda("GET", path(id), query: query(id))
        }
    }

    func create(_ resource: ResolvedResource, _ stack: StackView) async throws -> String {
        let id = try await identify(resource, stack) ?? ""
        _ = try await stack.target.lambda(
            "PUT", path(id), query: query(id),
            .object(
                resource.passed([
                    "MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig",
                ])))
        return id
    }

    func update(
        _ id: String, _ state: JSONValue, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> String { try await create(resource, stack) }

    func delete(_ owned: OwnedResource, _ stack: StackView) async throws {
        let id = owned.physicalID
        _ = try await stack.target.found { () throws(ServiceError) in
            try await stack.target.lambda("DELETE", path(id), query: query(id))
        }
    }

    func attributes(_ id: String, _ state: JSONValue, _ stack: StackView) -> [String: String] {
        [:]
    }
}
