import Operations

/// What the service demands of a mapping beyond its model, by the kind of its source.
enum MappingRules {
    /// The kinds of sources that can be polled.
    enum Source {
        case stream
        case queue
        /// A queue whose name ends with `.fifo`.
        case orderedQueue
    }

    /// The kind of source that an ARN names.
    ///
    /// - Throws: InvalidParameterValueException for sources that aren't served here.
    static func source(of arn: String) throws(ServiceError) -> Source {
        guard let parts = ResourceARN(arn), parts.partition == "aws" else {
            throw refusal("Unrecognized event source.")
        }
        switch parts.service {
        case "dynamodb": return .stream
        case "sqs": return parts.resource.hasSuffix(".fifo") ? .orderedQueue : .queue
        case "kinesis", "kafka", "mq", "rds":
            throw refusal(
                "Unsupported event source: \(arn). DynamoDB streams and SQS queues are served.")
        default: throw refusal("Unrecognized event source.")
        }
    }

    /// A mapping that is to be, of settings that are checked.
    ///
    /// - Parameters:
    ///   - mapping: with its source, its function and the defaults of neither kind.
    static func created(
        _ settings: MappingSettings, as mapping: EventSourceMapping
    ) throws(ServiceError) -> EventSourceMapping {
        let source = try source(of: mapping.eventSourceArn)
        var mapping = mapping
        switch source {
        case .stream:
            mapping.startingPosition = try startingPosition(settings)
            mapping.batchSize = 100
            mapping.parallelizationFactor = 1
            mapping.maximumRecordAgeInSeconds = -1
            mapping.maximumRetryAttempts = -1
            mapping.bisectBatchOnFunctionError = false
            mapping.tumblingWindowInSeconds = 0
            mapping.stateTransitionReason = "User action"
        case .queue, .orderedQueue:
            if settings.startingPosition != nil {
                throw refusal("StartingPosition is not valid for SQS event sources.")
            }
            mapping.batchSize = 10
        }
        if settings.names.contains("StartingPositionTimestamp") {
            throw refusal(
                "Unsupported starting position timestamp for arn type: \(mapping.eventSourceArn)")
        }
        return try merged(settings, into: mapping)
    }

    /// A mapping with what settings change.
    ///
    /// - Throws: InvalidParameterValueException where they don't go together, or not with the
    ///   kind of its source.
    static func merged(
        _ settings: MappingSettings, into mapping: EventSourceMapping
    ) throws(ServiceError) -> EventSourceMapping {
        let source = try source(of: mapping.eventSourceArn)
        try refuseUnsupported(settings, source: source)
        var mapping = mapping
        mapping.batchSize = settings.batchSize ?? mapping.batchSize
        mapping.maximumBatchingWindowInSeconds =
            settings.maximumBatchingWindowInSeconds ?? mapping.maximumBatchingWindowInSeconds
        if let patterns = settings.filterPatterns {
            var texts: [String] = []
            for pattern in patterns {
                guard let pattern else { throw refusal("Invalid filter pattern definition.") }
                texts.append(pattern)
            }
            _ = try EventFilter(patterns: texts)
            mapping.filterPatterns = texts
        }
        mapping.reportsBatchItemFailures =
            settings.reportsBatchItemFailures ?? mapping.reportsBatchItemFailures
        mapping.kmsKeyArn = changed(mapping.kmsKeyArn, to: settings.kmsKeyArn)
        if let metrics = settings.metrics { mapping.metrics = metrics.isEmpty ? nil : metrics }
        switch source {
        case .stream: try mergeStream(settings, into: &mapping)
        case .queue, .orderedQueue: try mergeQueue(settings, into: &mapping, source)
        }
        return mapping
    }

    static func refusal(_ message: String) -> ServiceError {
        ServiceError("InvalidParameterValueException", message, namespace: .rest)
    }

    // MARK: Kinds

    private static func startingPosition(
        _ settings: MappingSettings
    ) throws(ServiceError) -> EventSourceMapping.StartingPosition {
        guard let text = settings.startingPosition else {
            throw refusal(
                "1 validation error detected: Value null at 'startingPosition' failed to satisfy "
                    + "constraint: Member must not be null.")
        }
        guard let position = EventSourceMapping.StartingPosition(rawValue: text) else {
            throw refusal(
                "Unsupported starting position for arn type: \(settings.eventSourceArn ?? "")")
        }
        return position
    }

    private static let streamMembers = [
        "ParallelizationFactor", "DestinationConfig", "MaximumRecordAgeInSeconds",
        "BisectBatchOnFunctionError", "MaximumRetryAttempts", "TumblingWindowInSeconds",
    ]

    private static func refuseUnsupported(
        _ settings: MappingSettings, source: Source
    ) throws(ServiceError) {
        var unsupported = [
            "Topics", "Queues", "SourceAccessConfigurations", "SelfManagedEventSource",
            "AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig",
            "DocumentDBEventSourceConfig", "LoggingConfig",
        ]
        switch source {
        case .stream: unsupported += ["ScalingConfig", "ProvisionedPollerConfig"]
        case .queue, .orderedQueue: unsupported += streamMembers
        }
        if let name = unsupported.first(where: settings.names.contains) {
            throw refusal(
                "Unsupported \(name) parameter for given event source mapping type.")
        }
    }

    private static func mergeStream(
        _ settings: MappingSettings, into mapping: inout EventSourceMapping
    ) throws(ServiceError) {
        mapping.parallelizationFactor =
            settings.parallelizationFactor ?? mapping.parallelizationFactor
        mapping.bisectBatchOnFunctionError =
            settings.bisectBatchOnFunctionError ?? mapping.bisectBatchOnFunctionError
        mapping.maximumRetryAttempts =
            settings.maximumRetryAttempts ?? mapping.maximumRetryAttempts
        mapping.tumblingWindowInSeconds =
            settings.tumblingWindowInSeconds ?? mapping.tumblingWindowInSeconds
        if let age = settings.maximumRecordAgeInSeconds {
            guard age == -1 || age >= 60 else {
                throw refusal(
                    "Invalid request provided: MaximumRecordAgeInSeconds must be -1 or between "
                        + "60 and 604800.")
            }
            mapping.maximumRecordAgeInSeconds = age
        }
        if settings.onSuccessIsNamed {
            throw refusal(
                "Unsupported DestinationConfig parameter for given event source mapping type.")
        }
        if let destination = settings.onFailureDestination, !destination.isEmpty {
            let isServed = ["arn:aws:sqs:", "arn:aws:sns:", "arn:aws:s3:", "file:"]
                .contains(where: destination.hasPrefix)
            guard isServed, !destination.hasSuffix(".fifo") else {
                throw refusal(
                    "The provided destination config DestinationConfig(onSuccess=null, "
                        + "onFailure=OnFailure(destination=\(destination))) is invalid.")
            }
        }
        mapping.onFailureDestination = changed(
            mapping.onFailureDestination, to: settings.onFailureDestination)
    }

    private static func mergeQueue(
        _ settings: MappingSettings, into mapping: inout EventSourceMapping, _ source: Source
    ) throws(ServiceError) {
        if let scaling = settings.scaling { mapping.maximumConcurrency = scaling.max }
        if let pollers = settings.pollers {
            mapping.minimumPollers = pollers.min
            mapping.maximumPollers = pollers.max
        }
        if mapping.maximumConcurrency != nil, mapping.hasPollers {
            throw refusal(
                "Invalid request provided: ScalingConfig and ProvisionedPollerConfig cannot both "
                    + "be set.")
        }
        if let min = mapping.minimumPollers, let max = mapping.maximumPollers, min > max {
            throw refusal(
                "Invalid request provided: MinimumPollers must be less than or equal to "
                    + "MaximumPollers.")
        }
        guard mapping.batchSize > 10 else { return }
        if source == .orderedQueue {
            throw refusal(
                "Invalid request provided: BatchSize \(mapping.batchSize) exceeds the maximum of "
                    + "10 for FIFO queues.")
        }
        if mapping.maximumBatchingWindowInSeconds == 0 {
            throw refusal(
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is "
                    + "greater than 10")
        }
    }

    /// A text after a change, of which an empty one takes it away.
    private static func changed(_ text: String?, to change: String?) -> String? {
        guard let change else { return text }
        return change.isEmpty ? nil : change
    }
}
