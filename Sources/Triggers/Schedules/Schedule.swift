package import Operations
package import Wire

/// A schedule: when a function is invoked, and with what.
package struct Schedule: Sendable {
    /// Which schedule: names are unique in a region.
    package struct Name: Sendable, Hashable, Comparable {
        package var region: String
        package var name: String

        package init(region: String, name: String) {
            self.region = region
            self.name = name
        }

        package static func < (left: Name, right: Name) -> Bool {
            (left.region, left.name) < (right.region, right.name)
        }
    }

    package var name: Name
    /// As it was written.
    package var expressionText: String
    package var expression: ScheduleExpression
    /// A name or ARN.
    package var functionName: String
    /// JSON in place of the event.
    package var input: String?
    package var isEnabled: Bool
    /// Since when it goes: rates count from it.
    package var start: Timestamp
    /// When it is due next, as long as it runs.
    package var next: Timestamp?

    /// What people and `basalt deploy` see.
    package var description: JSONValue {
        .object(present: [
            ("Name", .string(name.name)),
            ("ScheduleExpression", .string(expressionText)),
            ("FunctionName", .string(functionName)),
            ("Input", input.map { .string($0) }),
            ("State", .string(isEnabled ? "ENABLED" : "DISABLED")),
            ("NextInvocation", next.map { .string(TimeText.iso8601($0)) }),
        ])
    }

    // MARK: Records

    var key: [UInt8] { Array("\(name.region)\u{0}\(name.name)".utf8) }

    var record: [UInt8] {
        JSONValue.object(present: [
            ("region", .string(name.region)), ("name", .string(name.name)),
            ("expression", .string(expressionText)), ("functionName", .string(functionName)),
            ("input", input.map { .string($0) }), ("isEnabled", .bool(isEnabled)),
            ("start", .number("\(start)")),
        ]).encoded
    }

    init?(record: [UInt8]) {
        guard let value = try? JSONValue(parsing: record), let region = value["region"]?.string,
            let name = value["name"]?.string, let text = value["expression"]?.string,
            let expression = try? ScheduleExpression(text),
            let functionName = value["functionName"]?.string,
            case .number(let startText)? = value["start"], let start = Timestamp(startText)
        else { return nil }
        self.init(
            name: Name(region: region, name: name), expressionText: text, expression: expression,
            functionName: functionName, input: value["input"]?.string,
            isEnabled: value["isEnabled"]?.bool ?? true, start: start)
    }

    package init(
        name: Name, expressionText: String, expression: ScheduleExpression, functionName: String,
        input: String?, isEnabled: Bool, start: Timestamp
    ) {
        self.name = name
        self.expressionText = expressionText
        self.expression = expression
        self.functionName = functionName
        self.input = input
        self.isEnabled = isEnabled
        self.start = start
    }

    // MARK: Events

    /// What the function gets for a time that was due.
    func payload(at time: Timestamp, eventID: String, accountID: String) -> [UInt8] {
        if let input { return Array(input.utf8) }
        // Whole seconds: `2026-11-21T16:00:00Z`.
        let second = TimeText.iso8601(time).prefix(19) + "Z"
        let arn = "arn:aws:events:\(name.region):\(accountID):rule/\(name.name)"
        return JSONValue.object([
            ("version", .string("0")), ("id", .string(eventID)),
            ("detail-type", .string("Scheduled Event")), ("source", .string("aws.events")),
            ("account", .string(accountID)), ("time", .string(String(second))),
            ("region", .string(name.region)), ("resources", .array([.string(arn)])),
            ("detail", .object([])),
        ]).encoded
    }
}
