package import Operations

/// An event source mapping as it is kept: a source, a function, and how batches are made.
///
/// Members are those of Lambda's EventSourceMappingConfiguration; what is nil is not told.
package struct EventSourceMapping: Sendable, Codable, Hashable {
    /// In lower case.
    package var uuid: String
    package var region: String
    package var eventSourceArn: String
    /// The function's ARN, with the qualifier that was named.
    package var functionArn: String
    package var batchSize: Int
    /// Seconds, 0…300.
    package var maximumBatchingWindowInSeconds = 0
    /// Of streams alone, as everything down to the destination on failure.
    package var startingPosition: StartingPosition?
    /// 1…10.
    package var parallelizationFactor: Int?
    /// Seconds; -1: no limit.
    package var maximumRecordAgeInSeconds: Int?
    /// -1: no limit.
    package var maximumRetryAttempts: Int?
    package var bisectBatchOnFunctionError: Bool?
    /// Seconds, 0…900; 0: none.
    package var tumblingWindowInSeconds: Int?
    /// ARN of a queue, topic or bucket, or a `file:` URL.
    package var onFailureDestination: String?
    /// Patterns, as JSON texts; empty: everything matches.
    package var filterPatterns: [String] = []
    package var reportsBatchItemFailures = false
    /// Queues only: ScalingConfig.MaximumConcurrency, 2…1,000.
    package var maximumConcurrency: Int?
    /// Queues only: ProvisionedPollerConfig.MinimumPollers and MaximumPollers.
    package var minimumPollers: Int?
    package var maximumPollers: Int?
    package var kmsKeyArn: String?
    package var metrics: [String]?
    package var state: State
    package var stateTransitionReason = "USER_INITIATED"
    package var lastModified: Timestamp
    package var lastProcessingResult = "No records processed"
    package var tags: [String: String] = [:]

    package enum StartingPosition: String, Sendable, Codable {
        case trimHorizon = "TRIM_HORIZON"
        case latest = "LATEST"
    }

    package enum State: String, Sendable, Codable {
        case creating = "Creating"
        case enabling = "Enabling"
        case enabled = "Enabled"
        case disabling = "Disabling"
        case disabled = "Disabled"
        case updating = "Updating"
        case deleting = "Deleting"
    }

    package init(
        uuid: String, region: String, eventSourceArn: String, functionArn: String, batchSize: Int,
        state: State, lastModified: Timestamp
    ) {
        self.uuid = uuid
        self.region = region
        self.eventSourceArn = eventSourceArn
        self.functionArn = functionArn
        self.batchSize = batchSize
        self.state = state
        self.lastModified = lastModified
    }

    /// Whether its source is a queue rather than a stream.
    package var isQueue: Bool { eventSourceArn.hasPrefix("arn:aws:sqs:") }
}
