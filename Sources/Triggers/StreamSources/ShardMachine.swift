internal import Operations

/// What becomes of a shard's records: batches, lanes, retries, bisecting, windows, checkpoints.
///
/// A pure state machine: who drives it tells it what was read and how attempts went, does the
/// actions that `advance` gives, and writes the checkpoints. It promises that
/// - records of a lane are attempted in order, one batch at a time;
/// - a record is done when the function has processed it, or when the policy gave it up and the
///   destination on failure was told; nothing else skips it;
/// - the checkpoint never passes a record that isn't done.
struct ShardMachine: Sendable {
    enum Action: Sendable {
        case invoke(Attempt)
        case discard(Discard)
        /// A window's last invocation failed for good: its state is lost.
        case dropWindow(start: Timestamp)
    }

    /// An invocation to be made; `complete` is told how it went.
    struct Attempt: Sendable {
        let lane: Int
        let records: ArraySlice<ShardRecord>
        let window: WindowFrame?
    }

    /// Records to be given up; `finishDiscard` is told when that is done.
    struct Discard: Sendable {
        enum Condition: String, Sendable {
            case retryAttemptsExhausted = "RetryAttemptsExhausted"
            case maximumRecordAgeExceeded = "MaximumRecordAgeExceeded"
        }
        let lane: Int
        let records: ArraySlice<ShardRecord>
        let condition: Condition
        let invocationCount: Int
        let failure: FailedInvocation?
    }

    /// How an attempt went.
    enum Outcome: Sendable {
        /// - state: of the window, JSON; nil where the function returned none.
        case success(state: [UInt8]?)
        /// Records from an index on failed; those before are done.
        case failure(from: Int, state: [UInt8]?, FailedInvocation)
        /// The function was not run (throttled, not there): this counts as no attempt.
        case refused
    }

    let policy: ShardPolicy
    private(set) var lanes: [RecordLane]
    private var ledger: RecordLedger
    private(set) var window: TumblingWindow?
    private var isSourceAtEnd = false
    private var isStopping = false
    private var hasCheckpoint = false
    private var checkpointedThrough: String?

    /// - Parameter checkpoint: where the shard was left; reading goes on behind it.
    init(policy: ShardPolicy, checkpoint: ShardCheckpoint? = nil) {
        self.policy = policy
        lanes = Array(repeating: RecordLane(), count: policy.laneCount)
        ledger = RecordLedger(doneThrough: checkpoint?.sequenceNumber)
        checkpointedThrough = checkpoint?.sequenceNumber
        if policy.tumblingWindowSeconds != nil { window = checkpoint?.window }
    }

    // MARK: What was read

    /// Whether a lane could use more records, and there is room for them.
    var wantsRecords: Bool {
        guard !isStopping, !isSourceAtEnd, hasRoom else { return false }
        return lanes.contains { lane in
            lane.isFree && lane.pending.count < policy.batchSize
                && lane.pending.byteCount < policy.batchBytesMax
        }
    }

    /// What waits is bounded, and what is done behind a record that isn't too.
    private var hasRoom: Bool {
        let byteCount = lanes.reduce(0) { $0 + $1.pending.byteCount }
        return byteCount < (lanes.count + 1) * policy.batchBytesMax
            && ledger.count < 10_000 + 2 * policy.batchSize * lanes.count
    }

    /// Takes the shard's next record.
    mutating func admit(_ record: consuming ShardRecord, lane: Int, now: Timestamp) {
        var record = record
        record.ordinal = ledger.append(record.sequenceNumber, isDone: false)
        // Records tell whole seconds; one that was read late has waited already.
        record.waitingSince = min(now, record.createdAt + 1)
        lanes[lane % lanes.count].pending.append(record)
    }

    /// Passes over the shard's next record, which the filters don't let through.
    mutating func admitFilteredOut(_ sequenceNumber: String) {
        _ = ledger.append(sequenceNumber, isDone: true)
    }

    /// The shard has no more records, and never will.
    mutating func endSource() { isSourceAtEnd = true }

    /// Begins nothing from now on.
    mutating func stop() { isStopping = true }

    // MARK: What is to be done

    /// Begins all that is due.
    ///
    /// - Parameter mayGetMore: whether reading on may bring records for batches that aren't full.
    mutating func advance(now: Timestamp, mayGetMore: Bool) -> [Action] {
        guard !isStopping else { return [] }
        var actions: [Action] = []
        for index in lanes.indices {
            if case .backingOff(let time) = lanes[index].phase, time <= now {
                lanes[index].phase = .idle
            }
            guard lanes[index].phase == .idle else { continue }
            if lanes[index].pieces.isEmpty {
                guard let piece = nextPiece(index, now: now, mayGetMore: mayGetMore) else {
                    continue
                }
                lanes[index].pieces.append(piece)
            }
            actions.append(begin(index, now: now))
        }
        return actions
    }

    /// When `advance` has something to do even if nothing happens; nil: never.
    var wakeTime: Timestamp? {
        guard !isStopping else { return nil }
        var earliest: Timestamp?
        func note(_ time: Timestamp) { earliest = min(earliest ?? time, time) }
        for lane in lanes {
            if case .backingOff(let time) = lane.phase { note(time) }
            guard lane.isFree else { continue }
            if let first = lane.pending.first {
                note(first.waitingSince + policy.batchingWindowSeconds)
            } else if let window {
                note(closeTime(of: window))
            }
        }
        return earliest
    }

    private func end(of window: TumblingWindow) -> Timestamp {
        window.start + Double(policy.tumblingWindowSeconds ?? 0)
    }

    private func closeTime(of window: TumblingWindow) -> Timestamp {
        end(of: window) + TumblingWindow.graceSeconds
    }

    private func windowStart(of record: ShardRecord) -> Timestamp? {
        policy.tumblingWindowSeconds.map {
            TumblingWindow.start(of: record.createdAt, seconds: $0)
        }
    }

    /// The lane's next batch, or the end of its window, if one is due.
    private mutating func nextPiece(
        _ index: Int, now: Timestamp, mayGetMore: Bool
    ) -> RecordLane.Piece? {
        let lane = lanes[index]
        guard let first = lane.pending.first else {
            guard let window, isSourceAtEnd || (now >= closeTime(of: window) && !mayGetMore) else {
                return nil
            }
            return Self.finalPiece()
        }
        let start = windowStart(of: first)
        if let window, let start, start > window.start { return Self.finalPiece() }
        // A record that comes late counts to the window that is open.
        let latest = max(start ?? 0, window?.start ?? 0)
        let stateByteCount = window?.state.count ?? 0
        let batch = lane.batch(
            countMax: policy.batchSize, bytesMax: max(1, policy.batchBytesMax - stateByteCount)
        ) { record in
            windowStart(of: record).map { $0 <= latest } ?? true
        }
        let isDue =
            batch.isFull || isSourceAtEnd
            || (!mayGetMore && now >= first.waitingSince + policy.batchingWindowSeconds)
        guard isDue else { return nil }
        return RecordLane.Piece(records: lanes[index].pending.take(batch.count))
    }

    private static func finalPiece(isTerminatedEarly: Bool = false) -> RecordLane.Piece {
        var piece = RecordLane.Piece(records: [])
        piece.isFinal = true
        piece.isTerminatedEarly = isTerminatedEarly
        return piece
    }

    /// Attempts the lane's next piece, or gives up what is too old of it.
    private mutating func begin(_ index: Int, now: Timestamp) -> Action {
        let piece = lanes[index].pieces[lanes[index].pieces.count - 1]
        let tooOld = piece.records.prefix { record in
            policy.recordAgeSecondsMax.map { now - record.createdAt > $0 } ?? false
        }
        if !tooOld.isEmpty {
            if tooOld.count < piece.records.count {
                lanes[index].pieces[lanes[index].pieces.count - 1].records =
                    piece.records.dropFirst(tooOld.count)
                var discarded = piece
                discarded.records = tooOld
                lanes[index].pieces.append(discarded)
            }
            return discard(index, .maximumRecordAgeExceeded)
        }
        lanes[index].phase = .invoking
        return .invoke(Attempt(lane: index, records: piece.records, window: frame(of: piece)))
    }

    /// The window that a piece is processed in, which begins with it if none is open.
    private mutating func frame(of piece: RecordLane.Piece) -> WindowFrame? {
        if window == nil, let first = piece.records.first, let start = windowStart(of: first) {
            window = TumblingWindow(start: start)
        }
        return window.map { window in
            WindowFrame(
                start: window.start, end: end(of: window), state: window.state,
                isFinal: piece.isFinal, isTerminatedEarly: piece.isTerminatedEarly)
        }
    }

    /// Gives up the lane's next piece.
    private mutating func discard(_ index: Int, _ condition: Discard.Condition) -> Action {
        let piece = lanes[index].pieces[lanes[index].pieces.count - 1]
        lanes[index].phase = .discarding
        return .discard(
            Discard(
                lane: index, records: piece.records, condition: condition,
                invocationCount: piece.invocationCount, failure: piece.failure))
    }

    // MARK: How it went

    /// An attempt came to an end.
    ///
    /// - Returns: what is to be done at once; `advance` gives the rest.
    mutating func complete(lane index: Int, _ outcome: Outcome, now: Timestamp) -> [Action] {
        guard lanes[index].phase == .invoking, var piece = lanes[index].pieces.popLast() else {
            return []
        }
        lanes[index].phase = .idle
        switch outcome {
        case .refused:
            lanes[index].refusalCount += 1
            lanes[index].pieces.append(piece)
            backOff(index, failures: lanes[index].refusalCount, now: now)
            return []
        case .success(let state):
            lanes[index].refusalCount = 0
            finish(piece.records)
            if piece.isFinal { closeWindow() } else { keep(state: state, lane: index) }
            return []
        case .failure(let first, let state, let failure):
            lanes[index].refusalCount = 0
            piece.invocationCount += 1
            piece.failure = failure
            let doneCount = min(max(0, first), max(0, piece.records.count - 1))
            finish(piece.records.prefix(doneCount))
            piece.records = piece.records.dropFirst(doneCount)
            return retry(piece, lane: index, afterProgress: doneCount > 0, state: state, now: now)
        }
    }

    /// Decides what becomes of a piece that failed.
    private mutating func retry(
        _ failed: RecordLane.Piece, lane index: Int, afterProgress: Bool, state: [UInt8]?,
        now: Timestamp
    ) -> [Action] {
        var piece = failed
        var actions: [Action] = []
        if policy.bisects, afterProgress {
            // The batch is bisected where the function said.
            lanes[index].pieces.append(piece)
        } else if policy.bisects, piece.records.count > 1 {
            var second = piece
            second.records = piece.records.suffix(piece.records.count / 2)
            piece.records = piece.records.prefix(piece.records.count - second.records.count)
            lanes[index].pieces.append(second)
            lanes[index].pieces.append(piece)
        } else {
            piece.failureCount += 1
            lanes[index].pieces.append(piece)
            if let most = policy.retryAttemptsMax, piece.failureCount > most {
                if piece.isFinal {
                    lanes[index].pieces.removeLast()
                    actions.append(.dropWindow(start: window?.start ?? 0))
                    closeWindow()
                } else {
                    actions.append(discard(index, .retryAttemptsExhausted))
                }
            } else {
                backOff(index, failures: piece.failureCount, now: now)
            }
        }
        if afterProgress { keep(state: state, lane: index) }
        return actions
    }

    /// The destination on failure was told of the records that a lane gives up, or there is none.
    mutating func finishDiscard(lane index: Int) {
        guard lanes[index].phase == .discarding, let piece = lanes[index].pieces.popLast() else {
            return
        }
        lanes[index].phase = .idle
        finish(piece.records)
    }

    /// The destination could not be told before the machine was stopped: nothing is given up.
    mutating func abandonDiscard(lane index: Int) {
        if lanes[index].phase == .discarding { lanes[index].phase = .idle }
    }

    private mutating func backOff(_ index: Int, failures: Int, now: Timestamp) {
        lanes[index].phase = .backingOff(
            until: now + ShardPolicy.backOffSeconds(afterFailures: failures))
    }

    private mutating func finish(_ records: ArraySlice<ShardRecord>) {
        ledger.finish(records.lazy.map(\.ordinal))
    }

    /// Keeps the state that the function returned; one that is too large ends the window.
    private mutating func keep(state: [UInt8]?, lane index: Int) {
        guard window != nil else { return }
        let state = state ?? TumblingWindow.emptyState
        window?.state = state
        hasCheckpoint = true
        if state.count > TumblingWindow.stateBytesMax {
            // What is being discarded stays on top.
            let place = lanes[index].pieces.count - (lanes[index].phase == .discarding ? 1 : 0)
            lanes[index].pieces.insert(Self.finalPiece(isTerminatedEarly: true), at: place)
        }
    }

    private mutating func closeWindow() {
        window = nil
        hasCheckpoint = true
    }

    // MARK: Where it stands

    /// Whether all records of the shard are done, and it has no more.
    var isDrained: Bool {
        isSourceAtEnd && window == nil && ledger.count == 0 && lanes.allSatisfy(\.isEmpty)
    }

    /// Whether nothing is under way.
    var isQuiet: Bool {
        lanes.allSatisfy { $0.phase != .invoking && $0.phase != .discarding }
    }

    /// The checkpoint, where it changed since it was last taken.
    mutating func takeCheckpoint() -> ShardCheckpoint? {
        guard hasCheckpoint || ledger.doneThrough != checkpointedThrough else { return nil }
        hasCheckpoint = false
        checkpointedThrough = ledger.doneThrough
        return ShardCheckpoint(sequenceNumber: ledger.doneThrough, window: window)
    }
}
