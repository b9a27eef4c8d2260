internal import Client
internal import Operations
internal import Wire

/// AWS::Logs::LogGroup, which the server itself keeps.
struct LogGroupKind: ResourceKind {
    func identify(_ resource: ResolvedResource, _ stack: StackView) async throws -> String? {
        stack.name(resource, "LogGroupName", limit: 512)
    }

    private func call(
        _ operation: String, _ name: String, _ stack: StackView,
        _ members: [(String, JSONValue)] = []
    ) async throws(ServiceError) -> JSONValue {
        try await stack.target.server.call(
            .logs, operation, .object([("logGroupName", .string(name))] + members))
    }

    func find(
        _ id: String, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> JSONValue? {
        let answer = try await stack.target.server.call(
            .logs, "DescribeLogGroups", .object([("logGroupNamePrefix", .string(id))]))
        return answer["logGroups"]?.elements?.first { $0["logGroupName"]?.string == id }
    }

    func create(_ resource: ResolvedResource, _ stack: StackView) async throws -> String {
        let name = stack.name(resource, "LogGroupName", limit: 512)
        let tags = resource.tags()
        _ = try await call(
            "CreateLogGroup", name, stack,
            tags.isEmpty ? [] : [("tags", FunctionKind.object(tags))])
        try await setRetention(name, resource, stack)
        return name
    }

    func update(
        _ id: String, _ state: JSONValue, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> String {
        try await setRetention(id, resource, stack)
        return id
    }

    private func setRetention(
        _ name: String, _ resource: ResolvedResource, _ stack: StackView
    ) async throws {
        if let days = resource["RetentionInDays"] {
            _ = try await call("PutRetentionPolicy", name, stack, [("retentionInDays", days)])
        } else if stack.record[resource.logicalID]?.properties["RetentionInDays"] != nil {
            _ = try await call("DeleteRetentionPolicy", name, stack)
        }
    }

    func delete(_ owned: OwnedResource, _ stack: StackView) async throws {
        _ = try await stack.target.found { () throws(ServiceError) in
            try await call("DeleteLogGroup", owned.physicalID, stack)
        }
    }

    func attributes(_ id: String, _ state: JSONValue, _ stack: StackView) -> [String: String] {
        ["Arn": stack.place.arn("logs", "log-group:\(id):*")]
    }
}
