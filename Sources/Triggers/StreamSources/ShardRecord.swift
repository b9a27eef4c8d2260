internal import Operations

/// A record of a shard that waits for its function.
struct ShardRecord: Sendable {
    let sequenceNumber: String
    /// When its item was written, as the record tells it: in whole seconds.
    let createdAt: Timestamp
    /// The record's element of an event, JSON.
    let json: [UInt8]
    /// Its place in the ledger of its shard.
    var ordinal = 0
    /// Since when a batch that isn't full waits for more: when it was read, or written.
    var waitingSince: Timestamp = 0

    init(sequenceNumber: String, createdAt: Timestamp, json: [UInt8]) {
        self.sequenceNumber = sequenceNumber
        self.createdAt = createdAt
        self.json = json
    }
}

/// Records in order, taken from the front.
struct RecordQueue: Sendable {
    private var records: [ShardRecord] = []
    private var head = 0
    /// Of their JSON.
    private(set) var byteCount = 0

    var count: Int { records.count - head }
    var isEmpty: Bool { head == records.count }
    var first: ShardRecord? { isEmpty ? nil : records[head] }
    /// The records, without taking them.
    var waiting: ArraySlice<ShardRecord> { records[head...] }

    mutating func append(_ record: ShardRecord) {
        records.append(record)
        byteCount += record.json.count
    }

    /// Takes records from the front, as many as there are at most.
    mutating func take(_ count: Int) -> ArraySlice<ShardRecord> {
        let end = head + min(count, self.count)
        let taken = Array(records[head..<end])
        for record in taken { byteCount -= record.json.count }
        head = end
        if isEmpty {
            records.removeAll(keepingCapacity: count < 4_096)
            head = 0
        } else if head > 1_024, head * 2 > records.count {
            records.removeFirst(head)
            head = 0
        }
        return taken[...]
    }
}
