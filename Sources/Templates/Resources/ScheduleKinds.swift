internal import Operations
internal import Wire

/// A schedule as the server keeps it.
private enum Schedules {
    static func path(_ name: String) -> String {
        "/_basalt/schedules/\(PercentText.encoded(name))"
    }

    static func find(_ name: String, _ stack: StackView) async throws -> JSONValue? {
        try await stack.target.found { () throws(ServiceError) in
            try await stack.target.administration("GET", path(name))
        }
    }

    static func put(
        _ name: String, expression: String, function: String, input: JSONValue?, state: String?,
        _ stack: StackView
    ) async throws {
        // Input is text, which JSON objects may be written as.
        let text = input.map { value in
            value.plainText ?? String(decoding: value.encoded, as: UTF8.self)
        }
        _ = try await stack.target.administration(
            "PUT", path(name),
            .object(present: [
                ("ScheduleExpression", .string(expression)), ("FunctionName", .string(function)),
                ("Input", text.map { .string($0) }), ("State", .string(state ?? "ENABLED")),
            ]))
    }

    static func delete(_ name: String, _ stack: StackView) async throws {
        _ = try await stack.target.found { () throws(ServiceError) in
            try await stack.target.administration("DELETE", path(name))
        }
    }

    /// Whether an ARN is a function's.
    static func isFunction(_ arn: String?) -> Bool { arn?.contains(":lambda:") ?? false }
}

/// A resource that is a schedule; its id is its name.
protocol ScheduledCall: ResourceKind {
    /// What is called, with `Arn` and `Input`.
    func target(_ resource: ResolvedResource) -> JSONValue?
}

extension ScheduledCall {
    func identify(_ resource: ResolvedResource, _ stack: StackView) async throws -> String? {
        stack.name(resource, "Name", limit: 64)
    }

    func find(
        _ id: String, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> JSONValue? { try await Schedules.find(id, stack) }

    func create(_ resource: ResolvedResource, _ stack: StackView) async throws -> String {
        let name = stack.name(resource, "Name", limit: 64)
        let target = target(resource)
        try await Schedules.put(
            name, expression: try resource.required("ScheduleExpression"),
            function: target?["Arn"]?.string ?? "", input: target?["Input"],
            state: resource.text("State"), stack)
        return name
    }

    func update(
        _ id: String, _ state: JSONValue, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> String { try await create(resource, stack) }

    func delete(_ owned: OwnedResource, _ stack: StackView) async throws {
        try await Schedules.delete(owned.physicalID, stack)
    }
}

/// AWS::Events::Rule with a schedule; rules that match events belong to a bus, which isn't here.
struct RuleKind: ScheduledCall {
    func refusal(_ resource: ResolvedResource, _ stack: StackView) -> String? {
        if resource["ScheduleExpression"] == nil { return "there is no event bus here" }
        let targets = resource["Targets"]?.elements ?? []
        guard let first = targets.first, Schedules.isFunction(first["Arn"]?.string) else {
            return "only functions are called on a schedule"
        }
        return targets.count > 1 ? "a schedule calls one function, and this has several" : nil
    }

    func target(_ resource: ResolvedResource) -> JSONValue? {
        resource["Targets"]?.elements?.first
    }

    func attributes(_ id: String, _ state: JSONValue, _ stack: StackView) -> [String: String] {
        ["Arn": stack.place.arn("events", "rule/\(id)")]
    }
}

/// AWS::Scheduler::Schedule.
struct ScheduleKind: ScheduledCall {
    func refusal(_ resource: ResolvedResource, _ stack: StackView) -> String? {
        guard Schedules.isFunction(resource["Target"]?["Arn"]?.string) else {
            return "only functions are called on a schedule"
        }
        if let zone = resource.text("ScheduleExpressionTimezone"), zone != "UTC" {
            return "schedules go by UTC, not \(zone)"
        }
        return nil
    }

    func target(_ resource: ResolvedResource) -> JSONValue? { resource["Target"] }

    func attributes(_ id: String, _ state: JSONValue, _ stack: StackView) -> [String: String] {
        ["Arn": stack.place.arn("scheduler", "schedule/default/\(id)")]
    }
}
