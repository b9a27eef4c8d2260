internal import Operations
internal import Wire

/// AWS::Lambda::EventSourceMapping; its id is its UUID.
struct MappingKind: ResourceKind {
    private static let path = "/2015-03-31/event-source-mappings"

    func refusal(_ resource: ResolvedResource, _ stack: StackView) -> String? {
        guard let source = resource.text("EventSourceArn") else {
            return "it has no EventSourceArn: only streams and queues are sources"
        }
        if let reason = stack.skipped[source] { return "its source isn't there (\(reason))" }
        let service = ResourceARN(source)?.service
        guard service == "dynamodb" || service == "sqs" else {
            return "\(service ?? "its source") is no source of events here"
        }
        return nil
    }

    func identify(_ resource: ResolvedResource, _ stack: StackView) async throws -> String? {
        // A mapping's source and function are what it is; other ones are another mapping.
        let owned = stack.record[resource.logicalID]
        if let owned, Self.isSame(owned.properties, resource.properties) {
            return owned.physicalID
        }
        let function = try resource.required("FunctionName")
        let answer = try await stack.target.found { () throws(ServiceError) in
            try await stack.target.lambda(
                "GET", Self.path,
                query: [
                    (name: "EventSourceArn", value: resource.text("EventSourceArn") ?? ""),
                    (name: "FunctionName", value: function),
                ])
        }
        return answer?["EventSourceMappings"]?.elements?.first?["UUID"]?.string
    }

    private static func isSame(_ left: JSONValue, _ right: JSONValue) -> Bool {
        ["EventSourceArn", "FunctionName", "StartingPosition", "StartingPositionTimestamp"]
            .allSatisfy { left[$0] == right[$0] }
    }

    func find(
        _ id: String, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> JSONValue? {
        try await stack.target.found { () throws(ServiceError) in
            try await stack.target.lambda("GET", "\(Self.path)/\(PercentText.encoded(id))")
        }
    }

    private static let changeable = [
        "FunctionName", "Enabled", "BatchSize", "FilterCriteria", "MaximumBatchingWindowInSeconds",
        "DestinationConfig", "MaximumRecordAgeInSeconds", "BisectBatchOnFunctionError",
        "MaximumRetryAttempts", "ParallelizationFactor", "TumblingWindowInSeconds",
        "FunctionResponseTypes", "ScalingConfig", "ProvisionedPollerConfig", "MetricsConfig",
    ]

    func create(_ resource: ResolvedResource, _ stack: StackView) async throws -> String {
        let tags = resource.tags()
        let members =
            resource.passed(
                ["EventSourceArn", "StartingPosition", "StartingPositionTimestamp"]
                    + Self.changeable)
            + (tags.isEmpty ? [] : [("Tags", FunctionKind.object(tags))])
        let mapping = try await stack.target.lambda("POST", Self.path, .object(members))
        guard let id = mapping["UUID"]?.string else {
            throw resource.fault("the server gave the mapping no UUID")
        }
        try await settle(id, resource, stack)
        return id
    }

    func update(
        _ id: String, _ state: JSONValue, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> String {
        try await settle(id, resource, stack)
        let before = stack.record[resource.logicalID]?.properties
        var members = resource.passed(Self.changeable)
        let isStream = resource.text("EventSourceArn")?.contains(":dynamodb:") ?? false
        for (name, standard, streamsOnly) in Self.standards
        where before?[name] != nil && resource[name] == nil && (isStream || !streamsOnly) {
            members.append(
                (name, name == "BatchSize" ? .number(isStream ? "100" : "10") : standard))
        }
        _ = try await stack.target.lambda(
            "PUT", "\(Self.path)/\(PercentText.encoded(id))", .object(members))
        try await settle(id, resource, stack)
        return id
    }

    /// What a property is when the template has it no longer.
    private static let standards: [(String, JSONValue, Bool)] = [
        ("Enabled", .bool(true), false), ("BatchSize", .number("100"), false),
        ("FilterCriteria", .object([]), false),
        ("MaximumBatchingWindowInSeconds", .number("0"), false),
        ("DestinationConfig", .object([("OnFailure", .object([]))]), true),
        ("MaximumRecordAgeInSeconds", .number("-1"), true),
        ("BisectBatchOnFunctionError", .bool(false), true),
        ("MaximumRetryAttempts", .number("-1"), true),
        ("ParallelizationFactor", .number("1"), true),
        ("TumblingWindowInSeconds", .number("0"), true),
        ("FunctionResponseTypes", .array([]), false), ("ScalingConfig", .object([]), false),
    ]

    /// Waits while the mapping is on its way into another state.
    private func settle(
        _ id: String, _ resource: ResolvedResource, _ stack: StackView
    ) async throws {
        for attempt in 0..<10_000 {
            let state = try await find(id, resource, stack)?["State"]?.string
            switch state {
            case "Creating", "Updating", "Enabling", "Disabling", "Deleting":
                try await Task.sleep(for: .milliseconds(min(500, 5 + attempt * 5)))
            default: return
            }
        }
    }

    func delete(_ owned: OwnedResource, _ stack: StackView) async throws {
        let path = "\(Self.path)/\(PercentText.encoded(owned.physicalID))"
        for attempt in 0..<1_000 {
            guard let error = await refusal(ofDeleting: path, stack), error.status != 404 else {
                return
            }
            // It is on its way into another state, or going already.
            guard error.code == "ResourceInUseException", attempt < 999 else { throw error }
            let state = try await stack.target.found { () throws(ServiceError) in
                try await stack.target.lambda("GET", path)
            }
            if state == nil || state?["State"]?.string == "Deleting" { return }
            try await Task.sleep(for: .milliseconds(min(500, 5 + attempt * 5)))
        }
    }

    /// What the server says against deleting a mapping; nil where it does.
    private func refusal(ofDeleting path: String, _ stack: StackView) async -> ServiceError? {
        do throws(ServiceError) {
            _ = try await stack.target.lambda("DELETE", path)
            return nil
        } catch {
            return error
        }
    }

    func attributes(_ id: String, _ state: JSONValue, _ stack: StackView) -> [String: String] {
        [
            "Id": id,
            "EventSourceMappingArn": state["EventSourceMappingArn"]?.string
                ?? stack.place.arn("lambda", "event-source-mapping:\(id)"),
        ]
    }
}
