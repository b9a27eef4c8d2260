internal import Functions
internal import Items
internal import Logging
internal import Operations
internal import Synchronization
internal import Wire

/// A mapping on a stream while it runs: what all of its shards share.
final class StreamMapping: Sendable {
    let mapping: EventSourceMapping
    let environment: TriggersEnvironment
    let policy: ShardPolicy
    let checkpoints: CheckpointWriter
    /// How long a stop waits for invocations under way, in real time.
    let stopPatience: Duration
    let pace: InvocationPace
    let logger: Logger
    private let filter: EventFilter
    private let reports: any MappingReports
    private let standing = Mutex(Standing())

    private struct Standing {
        var metrics = MappingMetrics()
        var lastResult: String?
    }

    /// Lambda's words for LastProcessingResult.
    enum ProcessingResult {
        static let succeeded = "OK"
        static let callFailed = "PROBLEM: Function call failed"
        static let destinationFailed = "PROBLEM: Failed to send to the on-failure destination"
        static let streamNotFound = "PROBLEM: Stream not found"
        static let streamUnreadable = "PROBLEM: Stream could not be read"
    }

    init(
        _ mapping: EventSourceMapping, environment: TriggersEnvironment,
        checkpoints: CheckpointWriter, stopPatience: Duration, pace: InvocationPace,
        reports: any MappingReports
    ) {
        self.stopPatience = stopPatience
        self.pace = pace
        self.mapping = mapping
        self.environment = environment
        self.checkpoints = checkpoints
        self.reports = reports
        policy = ShardPolicy(mapping)
        var logger = environment.logger
        logger[metadataKey: "mapping"] = "\(mapping.uuid)"
        self.logger = logger
        do throws(ServiceError) {
            filter = try EventFilter(patterns: mapping.filterPatterns)
        } catch {
            // Patterns were checked when the mapping was made. No record is lost by a fault here.
            logger.error("the filters of a mapping cannot be read: everything passes")
            filter = EventFilter()
        }
    }

    var metrics: MappingMetrics { standing.withLock { $0.metrics } }

    func count(_ change: (inout MappingMetrics) -> Void) {
        standing.withLock { change(&$0.metrics) }
    }

    /// Tells a result that differs from the last one told.
    func report(_ result: String) {
        let isChange = standing.withLock { standing in
            defer { standing.lastResult = result }
            return standing.lastResult != result
        }
        if isChange { reports.processed(mapping.uuid, result: result) }
    }

    // MARK: Records

    /// A record as it goes into events; nil where the filters don't let it through.
    func shardRecord(_ record: StreamRecord) -> ShardRecord? {
        var writer = JSONWriter()
        writer.streamEventRecord(record, eventSourceARN: mapping.eventSourceArn)
        if !filter.isEmpty, let event = try? JSONValue(parsing: writer.bytes),
            !filter.matches(event)
        {
            return nil
        }
        return ShardRecord(
            sequenceNumber: record.sequenceNumber,
            createdAt: record.approximateCreationDateTime, json: writer.bytes)
    }

    /// The lane of a record: told by its partition key alone.
    ///
    /// - Parameter hashKey: the name of the partition key's attribute.
    func lane(of record: StreamRecord, hashKey: String) -> Int {
        guard policy.laneCount > 1, let value = record.keys.value(named: hashKey) else { return 0 }
        var hash: [UInt8] = []
        PartitionHash.append([value], to: &hash)
        // The last bytes: the first ones tell the shard.
        let number = hash.suffix(4).reduce(0) { $0 << 8 | Int($1) }
        return number % policy.laneCount
    }

    // MARK: Invocations

    /// Invokes the function with a batch.
    func invoke(_ attempt: ShardMachine.Attempt, shardId: String) async -> ShardMachine.Outcome {
        let function: ResolvedFunction
        do throws(ServiceError) {
            function = try environment.functions.resolve(
                mapping.functionArn, qualifier: nil, region: mapping.region)
        } catch {
            return refused(error)
        }
        let payload = StreamEvent.payload(
            attempt.records, window: attempt.window, shardID: shardId,
            streamArn: mapping.eventSourceArn)
        let requestID = RandomIdentifier.uuid()
        let age = attempt.records.last.map { (environment.clock.now() - $0.createdAt) * 1_000 }
        count { metrics in
            metrics.invocationCount += 1
            metrics.recordCount += attempt.records.count
            if let age { metrics.iteratorAgeMilliseconds = max(0, age) }
        }
        let result: InvocationResult
        do throws(ServiceError) {
            result = try await environment.invoker.invoke(
                Invocation(function: function, payload: payload, requestID: requestID))
        } catch {
            count { $0.failedInvocationCount += 1 }
            return refused(error)
        }
        let outcome = outcome(of: result, attempt, requestID: requestID)
        if case .success = outcome {
            report(ProcessingResult.succeeded)
        } else {
            count { $0.failedInvocationCount += 1 }
            report(ProcessingResult.callFailed)
        }
        return outcome
    }

    private func outcome(
        of result: InvocationResult, _ attempt: ShardMachine.Attempt, requestID: String
    ) -> ShardMachine.Outcome {
        let invocation = FailedInvocation(
            requestID: requestID, executedVersion: result.executedVersion,
            functionError: result.functionError)
        if result.functionError != nil { return .failure(from: 0, state: nil, invocation) }
        return BatchResponse.outcome(
            result.payload, sequenceNumbers: attempt.records.map(\.sequenceNumber),
            reportsFailures: policy.reportsBatchItemFailures, hasWindow: attempt.window != nil,
            invocation)
    }

    /// The function was not run: the batch waits, and this counts as no attempt.
    private func refused(_ error: ServiceError) -> ShardMachine.Outcome {
        logger.info(
            "a function could not be called",
            metadata: ["error": "\(error.code): \(error.message)"])
        report(ProcessingResult.callFailed)
        return .refused
    }

    // MARK: Giving up

    /// Tells the destination on failure of records that are given up, again and again until it
    /// takes it.
    ///
    /// - Returns: false where the task was cancelled before.
    func deliver(_ discard: ShardMachine.Discard, shardId: String) async -> Bool {
        guard let destination = mapping.onFailureDestination else {
            noteDiscarded(discard, shardId: shardId)
            return true
        }
        let now = environment.clock.now()
        let isQueueOrTopic = ["arn:aws:sqs:", "arn:aws:sns:"].contains { destination.hasPrefix($0) }
        let payload =
            isQueueOrTopic
            ? nil
            : StreamEvent.payload(
                discard.records, window: nil, shardID: shardId, streamArn: mapping.eventSourceArn)
        let document = FailureDocument.encoded(
            discard, functionArn: mapping.functionArn, requestID: RandomIdentifier.uuid(),
            shardID: shardId,
            streamArn: mapping.eventSourceArn, at: now, payload: payload)
        let key = FailureDocument.objectKey(
            mapping: mapping.uuid, shardID: shardId, at: now, unique: RandomIdentifier.uuid())
        var failureCount = 0
        while !Task.isCancelled {
            do throws(ServiceError) {
                try await environment.destinations.send(
                    document, to: destination, objectKey: key, attributes: [],
                    region: mapping.region)
                noteDiscarded(discard, shardId: shardId)
                return true
            } catch {
                failureCount += 1
                report(ProcessingResult.destinationFailed)
                logger.error(
                    "the destination on failure could not be told; it is tried again",
                    metadata: [
                        "destination": "\(destination)",
                        "error": "\(error.code): \(error.message)",
                    ])
            }
            let pause = ShardPolicy.backOffSeconds(afterFailures: failureCount)
            guard (try? await environment.clock.sleep(seconds: pause)) != nil else { return false }
        }
        return false
    }

    private func noteDiscarded(_ discard: ShardMachine.Discard, shardId: String) {
        count { $0.discardedRecordCount += discard.records.count }
        logger.warning(
            "records were given up",
            metadata: [
                "shard": "\(shardId)", "condition": "\(discard.condition.rawValue)",
                "count": "\(discard.records.count)",
                "first": "\(discard.records.first?.sequenceNumber ?? "")",
            ])
    }
}
