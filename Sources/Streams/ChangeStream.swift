/// What a stream is named by: a table's name in a region, and the label.
package struct StreamName: Sendable, Codable, Hashable {
    package let region: String
    package let tableName: String
    package let label: String

    package init(region: String, tableName: String, label: String) {
        self.region = region
        self.tableName = tableName
        self.label = label
    }
}

/// What the store keeps of a stream beside its shards and records, as JSON.
package struct StreamDescriptor: Sendable, Codable, Hashable {
    /// The storage id: the first four bytes of every key of the stream's records.
    package let id: UInt32
    package let name: StreamName
    package let view: StreamView
    package let keySchema: StreamKeySchema
    package let createdAt: Double
    /// When the stream was switched off, or its table deleted; nil while it is on.
    package internal(set) var disabledAt: Double?
    /// The number of the next shard to open.
    package internal(set) var nextShardNumber: UInt32 = 0

    package init(
        id: UInt32, name: StreamName, view: StreamView, keySchema: StreamKeySchema,
        createdAt: Double
    ) {
        self.id = id
        self.name = name
        self.view = view
        self.keySchema = keySchema
        self.createdAt = createdAt
    }
}

/// A stream with its shards, as last committed.
package struct ChangeStream: Sendable {
    package internal(set) var descriptor: StreamDescriptor
    /// In the order of their opening: parents before their children.
    package internal(set) var shards: [Shard] = []

    package var id: UInt32 { descriptor.id }
    package var name: StreamName { descriptor.name }
    package var isEnabled: Bool { descriptor.disabledAt == nil }

    /// The open shards by their range of the partition hash.
    package var openShards: [Shard] {
        shards.filter(\.isOpen).sorted { $0.lowerHash < $1.lowerHash }
    }

    package func shard(id: String) -> Shard? { shards.first { $0.id == id } }
    package func shard(number: UInt32) -> Shard? { shards.first { $0.number == number } }

    /// Whether the stream was off for as long as records are kept: it counts as gone.
    package func isGone(at now: Double, retentionSeconds: Double) -> Bool {
        descriptor.disabledAt.map { $0 + retentionSeconds <= now } ?? false
    }

    /// Opens a shard; `nextSequence` gives the sequence number that it starts at.
    mutating func open(
        _ hashes: ClosedRange<UInt64>, parentID: String?, at now: Double,
        nextSequence: () -> UInt64
    ) -> Shard {
        let shard = Shard(
            number: descriptor.nextShardNumber, parentID: parentID, hashes: hashes,
            startingSequence: nextSequence(), openedAt: now)
        descriptor.nextShardNumber += 1
        shards.append(shard)
        return shard
    }

    /// Closes an open shard at a sequence number.
    mutating func close(_ number: UInt32, nextSequence: () -> UInt64) {
        guard let place = shards.firstIndex(where: { $0.number == number && $0.isOpen }) else {
            return
        }
        shards[place].endingSequence = nextSequence()
    }

    /// Notes that records of a shard were deleted.
    mutating func markTrimmed(_ number: UInt32, through sequence: UInt64) {
        guard let place = shards.firstIndex(where: { $0.number == number }) else { return }
        shards[place].trimmedSequence = sequence
    }
}
