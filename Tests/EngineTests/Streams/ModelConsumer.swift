import Items
import Operations

@testable import Engine

/// A consumer as the Kinesis Client Library is one: parents before children, a checkpoint per
/// shard, each round a bounded number of records.
struct ModelConsumer {
    private enum Progress {
        case unread
        case after(String)
        case ended
    }

    let arn: String
    private var progress: [String: Progress] = [:]
    private(set) var seen: [StreamRecord] = []
    private(set) var faults: [String] = []

    init(arn: String) { self.arn = arn }

    /// Reads on in every shard whose parent has been read to its end.
    ///
    /// - Parameter limit: the most records of each shard in this round; nil: all.
    mutating func poll(_ harness: EngineHarness, limit: Int?) async throws {
        let shards = try await harness.allShards(arn, limit: 3)
        let known = Set(shards.map(\.shardId))
        for shard in shards {
            if let parent = shard.parentShardId, known.contains(parent) {
                guard case .ended = progress[parent] ?? .unread else { continue }
            }
            try await read(shard, harness, limit: limit)
        }
    }

    private mutating func read(
        _ shard: ShardDescription, _ harness: EngineHarness, limit: Int?
    ) async throws {
        var iterator: String?
        switch progress[shard.shardId] ?? .unread {
        case .ended: return
        case .unread: iterator = try await harness.iterator(arn, shard.shardId)
        case .after(let number):
            iterator = try await harness.iterator(
                arn, shard.shardId, .afterSequenceNumber, number)
        }
        var count = 0
        while let place = iterator {
            let page = try await harness.records(place, limit: limit.map { max(1, $0 - count) })
            for record in page.records {
                if record.sequenceNumber <= shard.startingSequenceNumber {
                    faults.append("\(record.sequenceNumber) lies before its shard")
                }
                if let ending = shard.endingSequenceNumber, record.sequenceNumber >= ending {
                    faults.append("\(record.sequenceNumber) lies behind its shard")
                }
                progress[shard.shardId] = .after(record.sequenceNumber)
            }
            seen += page.records
            count += page.records.count
            iterator = page.nextShardIterator
            if iterator == nil { progress[shard.shardId] = .ended }
            if page.records.isEmpty || (limit.map { count >= $0 } ?? false) { return }
        }
    }
}
