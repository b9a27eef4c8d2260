internal import Operations

/// How the records of a shard are made into batches, and what becomes of those that fail.
struct ShardPolicy: Sendable {
    /// An invocation's payload may have 6 MB (6,291,556 bytes); the rest is for what is around
    /// the records.
    static let batchBytesMax = 6_291_556 - 2_048
    /// Seconds before the first retry; each further one waits twice as long.
    ///
    /// Short, as people wait for it: a function that was mended is called within seconds.
    static let backOffSecondsMin = 0.025
    static let backOffSecondsMax = 5.0

    var batchSize = 100
    var batchBytesMax = Self.batchBytesMax
    /// How long a batch that isn't full waits for more.
    var batchingWindowSeconds = 0.0
    /// Batches of a shard that are processed at once, each with its own partition keys.
    var laneCount = 1
    /// Older records are discarded; nil: none are.
    var recordAgeSecondsMax: Double?
    /// nil: without end.
    var retryAttemptsMax: Int?
    var bisects = false
    var reportsBatchItemFailures = false
    /// nil: no windows.
    var tumblingWindowSeconds: Int?

    init() {}

    init(_ mapping: EventSourceMapping) {
        batchSize = max(1, mapping.batchSize)
        batchingWindowSeconds = Double(max(0, mapping.maximumBatchingWindowInSeconds))
        if let age = mapping.maximumRecordAgeInSeconds, age >= 0 {
            recordAgeSecondsMax = Double(age)
        }
        if let attempts = mapping.maximumRetryAttempts, attempts >= 0 {
            retryAttemptsMax = attempts
        }
        bisects = mapping.bisectBatchOnFunctionError ?? false
        reportsBatchItemFailures = mapping.reportsBatchItemFailures
        if let seconds = mapping.tumblingWindowInSeconds, seconds > 0 {
            tumblingWindowSeconds = seconds
        } else {
            // The state of a window is its shard's, so its batches come one after another.
            laneCount = max(1, mapping.parallelizationFactor ?? 1)
        }
    }

    /// Seconds to wait after so many failures in a row.
    static func backOffSeconds(afterFailures count: Int) -> Double {
        var seconds = backOffSecondsMin
        for _ in 1..<max(1, min(count, 16)) { seconds *= 2 }
        return min(seconds, backOffSecondsMax)
    }
}
