internal import Operations
internal import Wire

/// AWS::Lambda::Function.
struct FunctionKind: ResourceKind {
    static let path = "/2015-03-31/functions"

    static func path(_ name: String, _ rest: String = "") -> String {
        "\(path)/\(PercentText.encoded(name))\(rest)"
    }

    func refusal(_ resource: ResolvedResource, _ stack: StackView) -> String? {
        let isImage =
            resource.text("PackageType") == "Image" || resource["Code"]?["ImageUri"] != nil
        return isImage ? "container images aren't run" : nil
    }

    func identify(_ resource: ResolvedResource, _ stack: StackView) async throws -> String? {
        stack.name(resource, "FunctionName", limit: 64)
    }

    func find(
        _ id: String, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> JSONValue? {
        try await stack.target.found { () throws(ServiceError) in
            try await stack.target.lambda("GET", Self.path(id))
        }
    }

    // MARK: Creating and changing

    func create(_ resource: ResolvedResource, _ stack: StackView) async throws -> String {
        let name = stack.name(resource, "FunctionName", limit: 64)
        let tags = resource.tags()
        let members: [(String, JSONValue?)] = [
            ("FunctionName", .string(name)), ("Code", .object(try Self.code(resource))),
            ("Tags", tags.isEmpty ? nil : Self.object(tags)),
            ("Architectures", resource["Architectures"]),
            ("CodeSigningConfigArn", resource["CodeSigningConfigArn"]),
        ]
        let body = JSONValue.object(
            members.compactMap { name, value in value.map { (name, $0) } }
                + Self.configuration(resource, isWhole: false))
        _ = try await stack.target.lambda("POST", Self.path, body)
        try await settle(name, stack)
        try await setConcurrency(name, resource, .object([]), stack)
        return name
    }

    func update(
        _ id: String, _ state: JSONValue, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> String {
        let current = state["Configuration"]
        let owned = stack.record[resource.logicalID]?.properties
        let code = resource["Code"]
        let isCodeSame =
            resource.archive.map { current?["CodeSha256"]?.string == $0.digest }
            ?? (owned?["Code"] == code)
        let architectures = resource["Architectures"] ?? .array([.string("x86_64")])
        if !isCodeSame || current?["Architectures"] != architectures {
            _ = try await stack.target.lambda(
                "PUT", Self.path(id, "/code"),
                .object(try Self.code(resource) + [("Architectures", architectures)]))
            try await settle(id, stack)
        }
        if Self.withoutCode(owned) != Self.withoutCode(resource.properties) {
            _ = try await stack.target.lambda(
                "PUT", Self.path(id, "/configuration"),
                .object(Self.configuration(resource, isWhole: true)))
            try await settle(id, stack)
        }
        try await setConcurrency(id, resource, state, stack)
        try await setTags(resource, state, stack)
        return id
    }

    private static func withoutCode(_ properties: JSONValue?) -> JSONValue {
        .object((properties?.members ?? []).filter { $0.0 != "Code" })
    }

    private static func code(
        _ resource: ResolvedResource
    ) throws(TemplateError) -> [(String, JSONValue)] {
        if let archive = resource.archive {
            return [("ZipFile", .string(Base64.encoded(archive.bytes)))]
        }
        guard let code = resource["Code"], code["S3Bucket"] != nil, code["S3Key"] != nil else {
            throw resource.fault("expected Code with ZipFile, or S3Bucket and S3Key")
        }
        return ["S3Bucket", "S3Key", "S3ObjectVersion"].compactMap { name in
            code[name].map { (name, $0) }
        }
    }

    /// A function's configuration; whole: what isn't given is set back.
    private static func configuration(
        _ resource: ResolvedResource, isWhole: Bool
    ) -> [(String, JSONValue)] {
        var members = resource.passed([
            "Runtime", "Handler", "Role", "VpcConfig", "SnapStart", "ImageConfig",
            "FileSystemConfigs", "LoggingConfig",
        ])
        func add(_ name: String, _ value: JSONValue?, _ standard: JSONValue) {
            if let value {
                members.append((name, value))
            } else if isWhole {
                members.append((name, standard))
            }
        }
        add("Description", resource["Description"], .string(""))
        add("Timeout", resource["Timeout"], .number("3"))
        add("MemorySize", resource["MemorySize"], .number("128"))
        add("Environment", resource["Environment"], .object([("Variables", .object([]))]))
        add("Layers", resource["Layers"], .array([]))
        add("DeadLetterConfig", resource["DeadLetterConfig"], .object([("TargetArn", .string(""))]))
        add("TracingConfig", resource["TracingConfig"], .object([("Mode", .string("PassThrough"))]))
        add("EphemeralStorage", resource["EphemeralStorage"], .object([("Size", .number("512"))]))
        add("KMSKeyArn", resource["KmsKeyArn"], .string(""))
        return members
    }

    /// Waits until the last change is carried out.
    private func settle(_ name: String, _ stack: StackView) async throws {
        for attempt in 0..<10_000 {
            let state = try await stack.target.lambda("GET", Self.path(name, "/configuration"))
            if state["State"]?.string == "Failed" || state["LastUpdateStatus"]?.string == "Failed" {
                let reason = state["StateReason"]?.string ?? state["LastUpdateStatusReason"]?.string
                throw TemplateError("the function \(name) failed: \(reason ?? "without a reason")")
            }
            if state["State"]?.string != "Pending",
                state["LastUpdateStatus"]?.string != "InProgress"
            {
                return
            }
            try await Task.sleep(for: .milliseconds(min(500, 5 + attempt * 5)))
        }
        throw TemplateError("the function \(name) didn't become active")
    }

    private func setConcurrency(
        _ name: String, _ resource: ResolvedResource, _ state: JSONValue, _ stack: StackView
    ) async throws {
        let current = state["Concurrency"]?["ReservedConcurrentExecutions"]
        let wanted = resource["ReservedConcurrentExecutions"]
        guard current != wanted else { return }
        let path = "/2017-10-31/functions/\(PercentText.encoded(name))/concurrency"
        if let wanted {
            _ = try await stack.target.lambda(
                "PUT", path, .object([("ReservedConcurrentExecutions", wanted)]))
        } else {
            _ = try await stack.target.lambda("DELETE", path)
        }
    }

    private func setTags(
        _ resource: ResolvedResource, _ state: JSONValue, _ stack: StackView
    ) async throws {
        guard let arn = state["Configuration"]?["FunctionArn"]?.string else { return }
        let wanted = resource.tags()
        var current: [String: String] = [:]
        for (key, value) in state["Tags"]?.members ?? [] { current[key] = value.string }
        let path = "/2017-03-31/tags/\(PercentText.encoded(arn))"
        let added = wanted.filter { current[$0.key] != $0.value }
        let removed = current.keys.filter { wanted[$0] == nil }.sorted()
        if !added.isEmpty {
            _ = try await stack.target.lambda("POST", path, .object([("Tags", Self.object(added))]))
        }
        if !removed.isEmpty {
            _ = try await stack.target.lambda(
                "DELETE", path, query: removed.map { (name: "tagKeys", value: $0) })
        }
    }

    static func object(_ texts: [String: String]) -> JSONValue {
        .object(texts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
    }

    func delete(_ owned: OwnedResource, _ stack: StackView) async throws {
        _ = try await stack.target.found { () throws(ServiceError) in
            try await stack.target.lambda("DELETE", Self.path(owned.physicalID))
        }
    }

    func attributes(
        _ id: String, _ state: JSONValue, _ stack: StackView
    ) -> [String: String] {
        [
            "Arn": state["Configuration"]?["FunctionArn"]?.string
                ?? stack.place.arn("lambda", "function:\(id)")
        ]
    }
}
