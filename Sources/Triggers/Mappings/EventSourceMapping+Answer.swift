import Wire

extension EventSourceMapping {
    var hasPollers: Bool { minimumPollers != nil || maximumPollers != nil }

    /// Whether it is to be processed; told of a mapping whose state is settled.
    var isEnabled: Bool { state == .enabled }

    /// `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:…`.
    func arn(accountID: String) -> String {
        "arn:aws:lambda:\(region):\(accountID):event-source-mapping:\(uuid)"
    }

    /// The mapping as the service tells it, each kind with its own members.
    func answer(accountID: String) -> JSONValue {
        var members: [(String, JSONValue?)] = [
            ("UUID", .string(uuid)),
            ("BatchSize", .number(String(batchSize))),
            ("MaximumBatchingWindowInSeconds", .number(String(maximumBatchingWindowInSeconds))),
            ("EventSourceArn", .string(eventSourceArn)),
            ("FunctionArn", .string(functionArn)),
            ("LastModified", .number(Self.text(of: lastModified))),
            ("State", .string(state.rawValue)),
            ("StateTransitionReason", .string(stateTransitionReason)),
            (
                "FunctionResponseTypes",
                .array(reportsBatchItemFailures ? [.string("ReportBatchItemFailures")] : [])
            ),
            ("EventSourceMappingArn", .string(arn(accountID: accountID))),
            ("KMSKeyArn", kmsKeyArn.map { .string($0) }),
            (
                "MetricsConfig",
                metrics.map { .object([("Metrics", .array($0.map { .string($0) }))]) }
            ),
        ]
        if !filterPatterns.isEmpty {
            let filters = filterPatterns.map { JSONValue.object([("Pattern", .string($0))]) }
            members.append(("FilterCriteria", .object([("Filters", .array(filters))])))
        }
        members += isQueue ? queueMembers : streamMembers
        return .object(present: members)
    }

    private var queueMembers: [(String, JSONValue?)] {
        var members: [(String, JSONValue?)] = []
        if let maximumConcurrency {
            members.append(
                (
                    "ScalingConfig",
                    .object([("MaximumConcurrency", .number(String(maximumConcurrency)))])
                ))
        }
        if hasPollers {
            members.append(
                (
                    "ProvisionedPollerConfig",
                    .object(present: [
                        ("MinimumPollers", minimumPollers.map { .number(String($0)) }),
                        ("MaximumPollers", maximumPollers.map { .number(String($0)) }),
                    ])
                ))
        }
        // The service tells no result of queues; here at least what goes wrong is told.
        if lastProcessingResult.hasPrefix("PROBLEM") {
            members.append(("LastProcessingResult", .string(lastProcessingResult)))
        }
        return members
    }

    private var streamMembers: [(String, JSONValue?)] {
        func number(_ value: Int?) -> JSONValue? { value.map { .number(String($0)) } }
        let destination = onFailureDestination.map { [("Destination", JSONValue.string($0))] }
        return [
            ("StartingPosition", startingPosition.map { .string($0.rawValue) }),
            ("ParallelizationFactor", number(parallelizationFactor)),
            ("DestinationConfig", .object([("OnFailure", .object(destination ?? []))])),
            ("MaximumRecordAgeInSeconds", number(maximumRecordAgeInSeconds)),
            ("BisectBatchOnFunctionError", bisectBatchOnFunctionError.map { .bool($0) }),
            ("MaximumRetryAttempts", number(maximumRetryAttempts)),
            ("TumblingWindowInSeconds", number(tumblingWindowInSeconds)),
            ("LastProcessingResult", .string(lastProcessingResult)),
        ]
    }

    /// Seconds with milliseconds: `1763752442.123`.
    private static func text(of time: Double) -> String {
        guard time.isFinite, time >= 0, time < 1e12 else { return "0" }
        let milliseconds = Int((time * 1_000).rounded())
        let fraction = String(milliseconds % 1_000)
        let padding = String(repeating: "0", count: 3 - fraction.utf8.count)
        return "\(milliseconds / 1_000).\(padding)\(fraction)"
    }
}
