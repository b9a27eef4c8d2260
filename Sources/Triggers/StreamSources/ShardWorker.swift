internal import Logging
internal import Operations

/// Processes one shard: reads it, lets the machine decide, does what it says.
final class ShardWorker: Sendable {
    /// What happened since the worker last looked.
    private struct Notes: Sendable {
        var isWoken = false
        var hasAlarmRung = false
        var isStopping = false
        var hasGivenUp = false
        var outcomes: [(lane: Int, outcome: ShardMachine.Outcome)] = []
        /// Lanes, and whether the destination was told.
        var discards: [(lane: Int, isDelivered: Bool)] = []
    }

    private let mapping: StreamMapping
    private let shardId: String
    private let hashKey: String
    private let checkpoint: ShardCheckpoint?
    private let position: ShardCursor.Position
    private let doorbell = Doorbell(Notes())

    /// - Parameters:
    ///   - hashKey: the name of the attribute that is the table's partition key.
    ///   - position: where to begin where there is no checkpoint.
    init(
        _ mapping: StreamMapping, shardId: String, hashKey: String, checkpoint: ShardCheckpoint?,
        position: ShardCursor.Position
    ) {
        self.mapping = mapping
        self.shardId = shardId
        self.hashKey = hashKey
        self.checkpoint = checkpoint
        self.position = checkpoint?.sequenceNumber.map { .after($0) } ?? position
    }

    /// There may be records to read.
    ///
    /// Called on the thread that commits writes, after each that changed the shard: it wakes
    /// nobody while the worker could not use records.
    func wake() { doorbell.murmur { $0.isWoken = true } }

    /// Lets `run` return as soon as what is under way is finished, or was given up.
    func stop() { doorbell.ring { $0.isStopping = true } }

    /// Processes the shard until it is drained (then its end is durable) or the worker is stopped.
    ///
    /// - Returns: whether it is drained.
    func run() async -> Bool {
        var life = Life(
            machine: ShardMachine(policy: mapping.policy, checkpoint: checkpoint),
            cursor: ShardCursor(
                mapping.environment.operations, streamArn: mapping.mapping.eventSourceArn,
                shardId: shardId, region: mapping.mapping.region, position: position,
                logger: mapping.logger))
        var alarm = Alarm(mapping.environment.clock) { [doorbell] in
            doorbell.ring { $0.hasAlarmRung = true }
        }
        defer { alarm.set(nil) }
        while true {
            if life.hasMore, life.machine.wantsRecords {
                await read(&life)
                // What happened meanwhile must not wait until all is read.
                take(doorbell.take(), &life)
            }
            let mayGetMore = life.hasMore && life.machine.wantsRecords
            let actions = life.machine.advance(
                now: mapping.environment.clock.now(), mayGetMore: mayGetMore)
            perform(actions, &life)
            note(&life.machine)
            if life.machine.isDrained {
                mapping.checkpoints.note(checkpointKey, ShardCheckpoint(isEnded: true).encoded)
                await mapping.checkpoints.flush()
                return true
            }
            if life.isStopping, life.machine.isQuiet || life.hasGivenUp {
                life.patience?.cancel()
                return false
            }
            if mayGetMore { continue }
            alarm.set(life.machine.wakeTime)
            take(await doorbell.wait(isAttentive: life.machine.wantsRecords), &life)
            if life.hasAlarmRung {
                alarm.didRing()
                life.hasAlarmRung = false
            }
        }
    }

    /// What a run of the worker keeps.
    private struct Life {
        var machine: ShardMachine
        var cursor: ShardCursor
        /// Whether there may be records to read.
        var hasMore = true
        var hasAlarmRung = false
        var isStopping = false
        var hasGivenUp = false
        var discarding: [Int: Task<Void, Never>] = [:]
        var patience: Task<Void, Never>?
    }

    private var checkpointKey: String { CheckpointKeys.shard(mapping.mapping.uuid, shardId) }

    /// Notes the checkpoint where it moved.
    private func note(_ machine: inout ShardMachine) {
        guard let checkpoint = machine.takeCheckpoint() else { return }
        mapping.checkpoints.note(checkpointKey, checkpoint.encoded)
    }

    /// Reads a page.
    private func read(_ life: inout Life) async {
        do throws(ServiceError) {
            let page = try await life.cursor.next()
            let now = mapping.environment.clock.now()
            var filteredOutCount = 0
            for record in page.records {
                if let admitted = mapping.shardRecord(record) {
                    life.machine.admit(
                        admitted, lane: mapping.lane(of: record, hashKey: hashKey), now: now)
                } else {
                    life.machine.admitFilteredOut(record.sequenceNumber)
                    filteredOutCount += 1
                }
            }
            if filteredOutCount > 0 {
                mapping.count { $0.filteredOutRecordCount += filteredOutCount }
            }
            life.hasMore = page.hasMore
            if page.isEnd { life.machine.endSource() }
        } catch {
            life.hasMore = false
            mapping.report(StreamMapping.ProcessingResult.streamUnreadable)
            mapping.logger.error(
                "a shard could not be read; it is tried again",
                metadata: ["shard": "\(shardId)", "error": "\(error.code): \(error.message)"])
        }
    }

    private func perform(_ actions: [ShardMachine.Action], _ life: inout Life) {
        for action in actions {
            switch action {
            case .invoke(let attempt):
                Task { [mapping, shardId, doorbell] in
                    let outcome = await mapping.pace.run {
                        await mapping.invoke(attempt, shardId: shardId)
                    }
                    doorbell.ring { $0.outcomes.append((attempt.lane, outcome)) }
                }
            case .discard(let discard):
                life.discarding[discard.lane] = Task { [mapping, shardId, doorbell] in
                    let isDelivered = await mapping.deliver(discard, shardId: shardId)
                    doorbell.ring { $0.discards.append((discard.lane, isDelivered)) }
                }
            case .dropWindow(let start):
                mapping.logger.warning(
                    "the last invocation of a window failed for good: its state is lost",
                    metadata: ["shard": "\(shardId)", "start": "\(start)"])
            }
        }
    }

    /// Tells the machine what happened.
    private func take(_ notes: Notes, _ life: inout Life) {
        if notes.isWoken { life.hasMore = true }
        if notes.hasAlarmRung { life.hasAlarmRung = true }
        let now = mapping.environment.clock.now()
        for (lane, outcome) in notes.outcomes {
            perform(life.machine.complete(lane: lane, outcome, now: now), &life)
        }
        for (lane, isDelivered) in notes.discards {
            life.discarding[lane] = nil
            if isDelivered {
                life.machine.finishDiscard(lane: lane)
            } else {
                life.machine.abandonDiscard(lane: lane)
            }
        }
        if notes.hasGivenUp { life.hasGivenUp = true }
        if notes.isStopping, !life.isStopping {
            life.isStopping = true
            life.machine.stop()
            for task in life.discarding.values { task.cancel() }
            life.patience = Task { [doorbell, mapping] in
                guard (try? await Task.sleep(for: mapping.stopPatience)) != nil else { return }
                doorbell.ring { $0.hasGivenUp = true }
            }
        } else if life.isStopping {
            for task in life.discarding.values { task.cancel() }
        }
    }
}
