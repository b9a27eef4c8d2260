/// Which records of a shard are done, in the shard's order, and so how far its checkpoint may go.
///
/// Lanes finish records out of order; the checkpoint is the last record before the first that
/// isn't done.
struct RecordLedger: Sendable {
    private struct Entry {
        let sequenceNumber: String
        var isDone: Bool
    }

    private var entries: [Entry] = []
    /// Where the first entry that isn't behind the checkpoint stands in `entries`.
    private var head = 0
    /// The ordinal of `entries[0]`.
    private var base = 0
    /// The last record of which it and all before it are done; nil before the first.
    private(set) var doneThrough: String?

    init(doneThrough: String? = nil) { self.doneThrough = doneThrough }

    /// Records that are not behind the checkpoint yet.
    var count: Int { entries.count - head }

    /// Enters the shard's next record.
    ///
    /// - Returns: what `finish` takes.
    mutating func append(_ sequenceNumber: String, isDone: Bool) -> Int {
        let ordinal = base + entries.count
        entries.append(Entry(sequenceNumber: sequenceNumber, isDone: isDone))
        if isDone { advance() }
        return ordinal
    }

    mutating func finish(_ ordinals: some Sequence<Int>) {
        for ordinal in ordinals where entries.indices.contains(ordinal - base) {
            entries[ordinal - base].isDone = true
        }
        advance()
    }

    private mutating func advance() {
        let start = head
        while head < entries.count, entries[head].isDone { head += 1 }
        if head > start { doneThrough = entries[head - 1].sequenceNumber }
        if head > 1_024, head * 2 > entries.count {
            entries.removeFirst(head)
            base += head
            head = 0
        }
    }
}
