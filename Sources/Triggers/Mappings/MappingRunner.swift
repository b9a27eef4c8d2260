package import Operations

/// What polls a kind of source for a mapping: streams or queues.
package protocol MappingRunner: Sendable {
    /// Notes durably where a mapping that is being created begins, for those that begin at LATEST:
    /// no record written after this returned is missed.
    func prepare(_ mapping: EventSourceMapping) async throws(ServiceError)
    /// Begins to process a mapping that is enabled, from its checkpoints.
    func run(_ mapping: EventSourceMapping, reports: any MappingReports) -> any MappingRun
    /// Forgets the checkpoints of a mapping that was deleted.
    func forget(_ uuid: String) async throws(ServiceError)
}

extension MappingRunner {
    package func prepare(_ mapping: EventSourceMapping) async throws(ServiceError) {}
}

/// A mapping that is being processed.
package protocol MappingRun: Sendable {
    /// Ends it: no batch begins any more. Returns when those that go on are finished, or were given
    /// up without a checkpoint.
    func stop() async
    /// How it stands, for people and metrics.
    var metrics: MappingMetrics { get }
}

/// Who is told how a mapping fares.
package protocol MappingReports: Sendable {
    /// `OK`, `No records processed`, or `PROBLEM: …` in Lambda's words.
    func processed(_ uuid: String, result: String)
}

/// How a running mapping stands.
package struct MappingMetrics: Sendable, Hashable {
    /// Milliseconds between the writing of the last record of a batch and its being handed to the
    /// function (IteratorAge); nil before the first, and for queues.
    package var iteratorAgeMilliseconds: Double?
    package var invocationCount = 0
    package var failedInvocationCount = 0
    /// Records handed to the function, retries included.
    package var recordCount = 0
    package var filteredOutRecordCount = 0
    /// Records that were given up and sent to the destination on failure, or dropped.
    package var discardedRecordCount = 0
    package init() {}
}
