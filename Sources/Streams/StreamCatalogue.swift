internal import FoundationEssentials
package import Storage
internal import Synchronization

/// The streams of a store as last committed, and which sequence numbers have been given.
///
/// Read by anyone at any time; changed by `StreamWriter` alone, after the batch that holds the
/// change is durable. Streams outlive their tables.
package final class StreamCatalogue: Sendable {
    struct Contents: Sendable {
        var streams: [StreamName: ChangeStream] = [:]
        var history = SequenceHistory()
    }

    /// How many sequence numbers a millisecond of the clock is worth when a store is opened.
    private static let numbersPerMillisecond: UInt64 = 4_096

    let contents: Mutex<Contents>
    /// Who is told of new records.
    package let observers = StreamObservers()
    /// Below all numbers to be given.
    ///
    /// Made from the clock at opening, it lies above whatever a
    /// power cut took away together with the writes that were numbered.
    let floor: UInt64
    private let committed: Atomic<UInt64>

    /// Reads the streams of a store.
    ///
    /// - Throws: `StorageError.corrupt` where an entry cannot be read.
    package init(store: any KeyValueStore, now: Double) throws(StorageError) {
        var loaded = try Self.load(store)
        let milliseconds = Milliseconds.of(now)
        let last = loaded.history.last
        if last.milliseconds > milliseconds {
            loaded.history.apply(loaded.history.advance(to: last.sequence, at: milliseconds))
        }
        floor = UInt64(clamping: milliseconds) * Self.numbersPerMillisecond
        committed = Atomic(last.sequence)
        contents = Mutex(loaded)
    }

    /// The last sequence number of a committed change: all up to it can be read.
    package var lastSequence: UInt64 { committed.load(ordering: .acquiring) }

    /// The last sequence number that was given at or before a time: records up to it are past
    /// retention, where the time is that much ago.
    package func sequence(at time: Double) -> UInt64 {
        let milliseconds = Milliseconds.of(time)
        return contents.withLock { $0.history.sequence(at: milliseconds) }
    }

    /// The last sequence number that is trimmed for good.
    package var trimmedSequence: UInt64 { contents.withLock { $0.history.trimmed } }

    package func stream(_ name: StreamName) -> ChangeStream? {
        contents.withLock { $0.streams[name] }
    }

    /// Every stream of every region, ordered by table name and label.
    package var allStreams: [ChangeStream] {
        contents.withLock { Array($0.streams.values) }
            .sorted { ($0.name.tableName, $0.name.label) < ($1.name.tableName, $1.name.label) }
    }

    /// Makes a committed group's changes visible.
    func publish(
        streams changes: [StreamName: ChangeStream?], advance: SequenceHistory.Advance?,
        trimmed: UInt64?
    ) {
        contents.withLock { contents in
            for (name, stream) in changes { contents.streams[name] = stream }
            if let advance { contents.history.apply(advance) }
            if let trimmed { contents.history.trim(through: trimmed) }
        }
        if let advance { committed.store(advance.last.sequence, ordering: .releasing) }
    }

    // MARK: Reading a store

    private static func load(_ store: any KeyValueStore) throws(StorageError) -> Contents {
        var loaded = Contents()
        var descriptors: [UInt32: StreamDescriptor] = [:]
        var shards: [UInt32: [Shard]] = [:]
        var marks: [SequenceHistory.Mark] = []
        let range = StreamKeys.metadata
        let cursor = try store.cursor(.streams, lower: range.lower, upper: range.upper)
        try cursor.seek(nil)
        while cursor.isValid {
            let key = cursor.key
            let value = cursor.value
            switch key.count > 4 ? key[4] : 0 {
            case StreamKeys.descriptorMark:
                let descriptor: StreamDescriptor = try decode(value, "a stream")
                descriptors[descriptor.id] = descriptor
            case StreamKeys.shardMark:
                guard key.count == 13 else { throw damaged("a shard") }
                let stream = UInt32(truncatingIfNeeded: StreamKeys.integer(key[5..<9]))
                shards[stream, default: []].append(try decode(value, "a shard"))
            case StreamKeys.historyMark:
                guard key.count == 13, value.count == 8 else { throw damaged("a mark") }
                marks.append(
                    SequenceHistory.Mark(
                        milliseconds: Int64(clamping: StreamKeys.integer(value[...])),
                        sequence: StreamKeys.integer(key[5...])))
            case StreamKeys.positionMark:
                guard value.count == 24 else { throw damaged("the position") }
                loaded.history = SequenceHistory(
                    last: SequenceHistory.Mark(
                        milliseconds: Int64(clamping: StreamKeys.integer(value[8..<16])),
                        sequence: StreamKeys.integer(value[0..<8])),
                    trimmed: StreamKeys.integer(value[16..<24]))
            default:
                break
            }
            try cursor.next()
        }
        loaded.history = SequenceHistory(
            last: loaded.history.last, trimmed: loaded.history.trimmed, marks: marks)
        for descriptor in descriptors.values {
            var stream = ChangeStream(descriptor: descriptor)
            stream.shards = shards[descriptor.id] ?? []
            loaded.streams[descriptor.name] = stream
        }
        return loaded
    }

    private static func decode<Value: Decodable>(
        _ bytes: [UInt8], _ what: String
    ) throws(StorageError) -> Value {
        guard let value = try? JSONDecoder().decode(Value.self, from: Data(bytes)) else {
            throw damaged(what)
        }
        return value
    }

    private static func damaged(_ what: String) -> StorageError {
        .corrupt("the streams' entry of \(what) cannot be read")
    }
}
