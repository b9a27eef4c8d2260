internal import FoundationEssentials
package import Operations
package import Storage

/// Processes event source mappings on DynamoDB streams.
///
/// Streams are read through the same operations that any client has; what is added is that the
/// engine tells when there are records, so that nothing polls.
package struct StreamMappingRunner: MappingRunner {
    private let environment: TriggersEnvironment
    private let checkpoints: CheckpointWriter
    private let stopPatience: Duration
    /// Shared by all mappings: they burden the same machine.
    private let pace = InvocationPace(coreCount: ProcessInfo.processInfo.activeProcessorCount)

    /// - Parameter stopPatience: how long a stop waits for invocations under way, in real time.
    package init(
        _ environment: TriggersEnvironment, store: any KeyValueStore,
        stopPatience: Duration = .seconds(10)
    ) {
        self.environment = environment
        self.stopPatience = stopPatience
        checkpoints = CheckpointWriter(store, logger: environment.logger)
    }

    package func prepare(_ mapping: EventSourceMapping) async throws(ServiceError) {
        guard mapping.startingPosition == .latest else { return }
        let origin = environment.streams.lastSequenceNumber()
        try await checkpoints.write([
            (CheckpointKeys.origin(mapping.uuid), Array(origin.utf8))
        ])
    }

    package func run(
        _ mapping: EventSourceMapping, reports: any MappingReports
    ) -> any MappingRun {
        // Asked at once: records written after this returned are processed.
        let origin = environment.streams.lastSequenceNumber()
        let run = StreamMappingRun(
            StreamMapping(
                mapping, environment: environment, checkpoints: checkpoints,
                stopPatience: stopPatience, pace: pace, reports: reports))
        run.start(origin: origin)
        return run
    }

    package func forget(_ uuid: String) async throws(ServiceError) {
        await checkpoints.flush()
        let stored = try await checkpoints.stored(uuid)
        try await checkpoints.write(stored.keys.map { (CheckpointKeys.prefix(uuid) + $0, nil) })
    }
}
