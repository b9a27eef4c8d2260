internal import Operations
package import Wire

/// Schedules over HTTP, for `basalt deploy` and people.
///
///     PUT    /_basalt/schedules/NAME  {"ScheduleExpression": "rate(5 minutes)",
///                                      "FunctionName": "clean", "Input": "{}", "State": "ENABLED"}
///     GET    /_basalt/schedules/NAME
///     DELETE /_basalt/schedules/NAME
///     GET    /_basalt/schedules
package struct SchedulesAPI: RESTHandler {
    private static let path = "/_basalt/schedules"
    private static let nameLengthMax = 256

    private let schedules: Schedules

    package init(_ schedules: Schedules) { self.schedules = schedules }

    package func access(method: String, path: Substring) -> RESTAccess? {
        guard path.hasPrefix(Self.path) else { return nil }
        let rest = path.dropFirst(Self.path.count)
        if rest.isEmpty || rest == "/" { return method == "GET" ? .signed : nil }
        guard rest.first == "/" else { return nil }
        return ["GET", "PUT", "DELETE"].contains(method) ? .signed : nil
    }

    package func handle(
        _ request: RESTRequest, completion: @escaping @Sendable (RESTResponse) -> Void
    ) {
        respond(completion) { () async throws(ServiceError) in
            try await self.answer(request)
        }
    }

    private func answer(_ request: RESTRequest) async throws(ServiceError) -> RESTResponse {
        let segments = request.segments
        guard segments.count > 2 else {
            let all = schedules.schedules(region: request.context.region)
            return RESTResponse(json: .object([("Schedules", .array(all.map(\.description)))]))
        }
        let name = Schedule.Name(region: request.context.region, name: segments[2])
        guard segments.count == 3, Self.isName(name.name) else {
            throw .validation(
                "A schedule's name has 1 to \(Self.nameLengthMax) letters, digits, '.', '-' or '_'")
        }
        switch request.method {
        case "PUT": return try await put(name, request.body)
        case "DELETE":
            try await schedules.delete(name)
            return RESTResponse(status: 204)
        default: return RESTResponse(json: try schedules.schedule(name).description)
        }
    }

    private static func isName(_ text: String) -> Bool {
        (1...nameLengthMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "-"),
                    UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    private func put(
        _ name: Schedule.Name, _ bytes: [UInt8]
    ) async throws(ServiceError) -> RESTResponse {
        guard let body = try? JSONValue(parsing: bytes), let members = body.members else {
            throw .validation("The body must be a JSON object")
        }
        let known = ["ScheduleExpression", "FunctionName", "Input", "State"]
        if let unknown = members.first(where: { !known.contains($0.0) }) {
            throw .validation(
                "\"\(unknown.0)\" is not known here; known are \(known.joined(separator: ", "))")
        }
        guard let expression = body["ScheduleExpression"]?.string else {
            throw .validation(#""ScheduleExpression" must be one, like "rate(5 minutes)""#)
        }
        guard let functionName = body["FunctionName"]?.string, !functionName.isEmpty else {
            throw .validation(#""FunctionName" must name a function"#)
        }
        var isEnabled = true
        if let state = body["State"], !state.isNull {
            guard let text = state.string, ["ENABLED", "DISABLED"].contains(text) else {
                throw .validation(#""State" must be "ENABLED" or "DISABLED""#)
            }
            isEnabled = text == "ENABLED"
        }
        let (schedule, isCreated) = try await schedules.put(
            name, expression: expression, functionName: functionName,
            input: try Self.input(body["Input"]), isEnabled: isEnabled)
        return RESTResponse(status: isCreated ? 201 : 200, json: schedule.description)
    }

    /// JSON in a text, as EventBridge takes it, or as it is.
    private static func input(_ value: JSONValue?) throws(ServiceError) -> String? {
        switch value {
        case nil, .null?: return nil
        case .string(let text)?:
            guard (try? JSONValue(parsing: Array(text.utf8))) != nil else {
                throw .validation(#""Input" must be JSON"#)
            }
            return text
        case let value?: return String(decoding: value.encoded, as: UTF8.self)
        }
    }
}
