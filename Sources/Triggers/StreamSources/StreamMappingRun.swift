internal import Logging
internal import Operations
internal import Synchronization

/// A mapping on a stream that is being processed: follows the stream's shards and lets workers
/// process them.
final class StreamMappingRun: MappingRun {
    /// Seconds between looks at the stream that nothing asked for: they find shards that ended.
    private static let lookSeconds = 1.0
    /// The same once the stream is gone.
    private static let lookSecondsWhenGone = 30.0

    private struct Notes: Sendable {
        var isStopping = false
        var isDue = false
        /// Shards whose workers returned, and whether they are drained.
        var finished: [(shardId: String, isDrained: Bool)] = []
    }

    private let mapping: StreamMapping
    private let doorbell = Doorbell(Notes())
    /// Asked by the observer, on the thread that commits writes.
    private let workers = Mutex<[String: ShardWorker]>([:])
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(_ mapping: StreamMapping) {
        self.mapping = mapping
    }

    var metrics: MappingMetrics { mapping.metrics }

    /// - Parameter origin: the place behind which the mapping begins if it begins at LATEST and
    ///   none was noted before.
    func start(origin: String) {
        task.withLock { $0 = Task { await self.run(origin: origin) } }
    }

    func stop() async {
        doorbell.ring { $0.isStopping = true }
        let task = task.withLock { $0 }
        await task?.value
    }

    // MARK: Following the stream

    /// What a run keeps.
    private struct Life {
        var lineage = ShardLineage()
        var checkpoints: [String: ShardCheckpoint] = [:]
        /// nil: at the trim horizon.
        var origin: String?
        var isStreamGone = false
    }

    private func run(origin: String) async {
        guard var life = await restore(origin: origin), !doorbell.take().isStopping else { return }
        let observer = mapping.environment.streams.observeStream(
            mapping.mapping.eventSourceArn
        ) { [weak self] shardIds in
            self?.wake(shardIds)
        }
        var alarm = Alarm(mapping.environment.clock) { [doorbell] in
            doorbell.ring { $0.isDue = true }
        }
        await withDiscardingTaskGroup { group in
            while true {
                await look(&life, &group)
                let pause = life.isStreamGone ? Self.lookSecondsWhenGone : Self.lookSeconds
                alarm.set(mapping.environment.clock.now() + pause)
                let notes = await doorbell.wait()
                for (shardId, isDrained) in notes.finished {
                    life.lineage.finish(shardId, isDrained: isDrained)
                    workers.withLock { $0[shardId] = nil }
                }
                if notes.isStopping { break }
                if notes.isDue {
                    alarm.didRing()
                    wakeAll()
                }
            }
            for worker in workers.withLock({ Array($0.values) }) { worker.stop() }
        }
        alarm.set(nil)
        observer.cancel()
        await mapping.checkpoints.flush()
    }

    /// Reads the checkpoints, and notes where the mapping begins; nil where it was stopped before
    /// that was possible.
    private func restore(origin: String) async -> Life? {
        while true {
            do throws(ServiceError) {
                return try await stored(origin: origin)
            } catch {
                mapping.logger.error(
                    "a mapping cannot begin; it is tried again",
                    metadata: ["error": "\(error.message)"])
            }
            if doorbell.take().isStopping { return nil }
            try? await mapping.environment.clock.sleep(seconds: 1)
        }
    }

    private func stored(origin: String) async throws(ServiceError) -> Life {
        var life = Life()
        let uuid = mapping.mapping.uuid
        var stored = try await mapping.checkpoints.stored(uuid)
        let notedOrigin = stored.removeValue(forKey: "origin")
        if mapping.mapping.startingPosition == .latest {
            if let notedOrigin {
                life.origin = String(decoding: notedOrigin, as: UTF8.self)
            } else {
                try await mapping.checkpoints.write([
                    (CheckpointKeys.origin(uuid), Array(origin.utf8))
                ])
                life.origin = origin
            }
        }
        for (shardId, value) in stored {
            guard let checkpoint = ShardCheckpoint(encoded: value) else {
                throw .internalServerError("the checkpoint of \(shardId) cannot be read")
            }
            life.checkpoints[shardId] = checkpoint
        }
        life.lineage = ShardLineage(
            ended: Set(life.checkpoints.filter(\.value.isEnded).keys))
        return life
    }

    /// Starts the shards that may be.
    private func look(_ life: inout Life, _ group: inout DiscardingTaskGroup) async {
        let stream: StreamDescription
        do throws(ServiceError) {
            stream = try await describe()
        } catch {
            if error.code == "ResourceNotFoundException" {
                if !life.isStreamGone { mapping.logger.notice("the stream of a mapping is gone") }
                life.isStreamGone = true
                mapping.report(StreamMapping.ProcessingResult.streamNotFound)
            } else {
                mapping.report(StreamMapping.ProcessingResult.streamUnreadable)
                mapping.logger.error(
                    "a stream could not be described; it is tried again",
                    metadata: ["error": "\(error.code): \(error.message)"])
            }
            return
        }
        life.isStreamGone = false
        let step = life.lineage.look(stream.shards)
        let hashKey = stream.keySchema.first { $0.keyType == .hash }?.attributeName ?? ""
        for shard in step.starts { start(shard, hashKey: hashKey, &life, &group) }
        if !step.forgets.isEmpty {
            let uuid = mapping.mapping.uuid
            try? await mapping.checkpoints.write(
                step.forgets.map { (CheckpointKeys.shard(uuid, $0), nil) })
        }
    }

    private func start(
        _ shard: ShardDescription, hashKey: String, _ life: inout Life,
        _ group: inout DiscardingTaskGroup
    ) {
        let checkpoint = life.checkpoints.removeValue(forKey: shard.shardId)
        let position = Self.position(of: shard, origin: life.origin)
        let worker = ShardWorker(
            mapping, shardId: shard.shardId, hashKey: hashKey, checkpoint: checkpoint,
            position: position)
        workers.withLock { $0[shard.shardId] = worker }
        group.addTask { [doorbell] in
            let isDrained = await worker.run()
            doorbell.ring { $0.finished.append((shard.shardId, isDrained)) }
        }
    }

    /// Where a shard without a checkpoint is read from.
    static func position(of shard: ShardDescription, origin: String?) -> ShardCursor.Position {
        guard let origin, isAtMost(shard.startingSequenceNumber, origin) else {
            return .trimHorizon
        }
        // Behind the end of a closed shard nothing comes.
        if let end = shard.endingSequenceNumber, isAtMost(end, origin) { return .after(end) }
        return .after(origin)
    }

    /// Compares sequence numbers: decimal numbers without leading zeros.
    private static func isAtMost(_ left: String, _ right: String) -> Bool {
        left.utf8.count != right.utf8.count
            ? left.utf8.count < right.utf8.count : left <= right
    }

    /// The stream with all of its shards, page by page.
    private func describe() async throws(ServiceError) -> StreamDescription {
        var request = DescribeStreamRequest()
        request.streamArn = mapping.mapping.eventSourceArn
        var result: StreamDescription?
        while true {
            let answer = try await mapping.environment.operations.perform(
                .describeStream(request), region: mapping.mapping.region)
            guard case .streamDescription(let page) = answer else {
                throw .internalServerError("DescribeStream was answered with something else")
            }
            var shards = result?.shards ?? []
            shards += page.shards
            var whole = result ?? page
            whole.shards = shards
            guard let last = page.lastEvaluatedShardId, !page.shards.isEmpty else { return whole }
            result = whole
            request.exclusiveStartShardId = last
        }
    }

    // MARK: Waking

    private func wake(_ shardIds: [String]) {
        let hasUnknown = workers.withLock { workers in
            var hasUnknown = false
            for shardId in shardIds {
                if let worker = workers[shardId] { worker.wake() } else { hasUnknown = true }
            }
            return hasUnknown
        }
        // A shard that isn't known was opened when others ended.
        if hasUnknown { doorbell.ring { $0.isDue = true } }
    }

    private func wakeAll() {
        for worker in workers.withLock({ Array($0.values) }) { worker.wake() }
    }
}
