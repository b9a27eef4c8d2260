internal import Operations

/// The records of a shard that are processed one batch after another, in order.
///
/// A shard has as many lanes as its mapping's ParallelizationFactor; all records of a partition
/// key are in the same one.
struct RecordLane: Sendable {
    enum Phase: Sendable, Hashable {
        /// Nothing is under way.
        case idle
        case invoking
        /// The next attempt waits.
        case backingOff(until: Timestamp)
        /// The destination on failure is being told.
        case discarding
    }

    /// A batch, or what is left of one.
    struct Piece: Sendable {
        var records: ArraySlice<ShardRecord>
        /// Attempts that counted and failed.
        var failureCount = 0
        /// Attempts in which the function ran.
        var invocationCount = 0
        /// How the last one failed.
        var failure: FailedInvocation?
        /// Whether it ends a window, without records.
        var isFinal = false
        var isTerminatedEarly = false

        init(records: ArraySlice<ShardRecord>) { self.records = records }
    }

    var pending = RecordQueue()
    /// The batch in hand, cut into pieces; the last one is next.
    var pieces: [Piece] = []
    var phase = Phase.idle
    /// Attempts in a row that the function was not run for.
    var refusalCount = 0

    /// Whether it could take records now.
    var isFree: Bool { phase == .idle && pieces.isEmpty }
    var isEmpty: Bool { isFree && pending.isEmpty }

    /// How many of the records that wait fit into one batch, and whether no more would.
    ///
    /// - Parameter isPart: whether a record may stand in the batch (is of its window).
    func batch(
        countMax: Int, bytesMax: Int, isPart: (ShardRecord) -> Bool
    ) -> (count: Int, isFull: Bool) {
        var count = 0
        var byteCount = 0
        for record in pending.waiting {
            let size = record.json.count + 1
            if count == countMax || (count > 0 && byteCount + size > bytesMax) || !isPart(record) {
                return (count, true)
            }
            count += 1
            byteCount += size
        }
        return (count, count == countMax || byteCount >= bytesMax)
    }
}

/// What is known of an invocation that failed.
struct FailedInvocation: Sendable, Hashable {
    var requestID: String
    var executedVersion: String
    /// nil where the function returned, and told of failures in its answer.
    var functionError: String?
}
