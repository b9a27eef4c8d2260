import Operations
import Testing

@testable import Triggers

/// Which shards may be processed, where they begin, and what is stored of them.
@Suite struct ShardLineageTests {
    private func shard(
        _ id: String, parent: String? = nil, from start: String = "1", to end: String? = nil
    ) -> ShardDescription {
        ShardDescription(
            shardId: id, parentShardId: parent, startingSequenceNumber: start,
            endingSequenceNumber: end)
    }

    @Test func childrenWaitForTheirParent() {
        var lineage = ShardLineage()
        let shards = [shard("a"), shard("b", parent: "a"), shard("c", parent: "b"), shard("d")]
        #expect(lineage.look(shards).starts.map(\.shardId) == ["a", "d"])
        #expect(lineage.look(shards).starts.isEmpty)
        lineage.finish("a", isDrained: true)
        #expect(lineage.look(shards).starts.map(\.shardId) == ["b"])
        lineage.finish("b", isDrained: false)
        #expect(lineage.look(shards).starts.map(\.shardId) == ["b"])
        lineage.finish("b", isDrained: true)
        #expect(lineage.look(shards).starts.map(\.shardId) == ["c"])
    }

    @Test func parentsPastRetentionHoldNobodyBack() {
        var lineage = ShardLineage(ended: ["old", "older"])
        let step = lineage.look([shard("b", parent: "a"), shard("c", parent: "old")])
        #expect(step.starts.map(\.shardId) == ["b", "c"])
        #expect(step.forgets == ["old", "older"])
        #expect(lineage.look([shard("b", parent: "a")]).forgets.isEmpty)
    }

    @Test func latestIsAPlaceInEachShard() {
        func position(_ shard: ShardDescription, _ origin: String?) -> ShardCursor.Position {
            StreamMappingRun.position(of: shard, origin: origin)
        }
        #expect(position(shard("a", from: "10"), nil) == .trimHorizon)
        #expect(position(shard("a", from: "10"), "9") == .trimHorizon)
        #expect(position(shard("a", from: "10"), "10") == .after("10"))
        #expect(position(shard("a", from: "10", to: "20"), "15") == .after("15"))
        #expect(position(shard("a", from: "10", to: "20"), "25") == .after("20"))
        #expect(position(shard("a", from: "10", to: "100"), "25") == .after("25"))
    }

    @Test func checkpointsAreReadAsTheyWereWritten() {
        let checkpoints = [
            ShardCheckpoint(), ShardCheckpoint(sequenceNumber: "100"),
            ShardCheckpoint(isEnded: true),
            ShardCheckpoint(
                sequenceNumber: "1",
                window: TumblingWindow(start: 60, state: Array(#"{"a":[1.50,"ü\n"]}"#.utf8))),
        ]
        for checkpoint in checkpoints {
            #expect(ShardCheckpoint(encoded: checkpoint.encoded) == checkpoint)
        }
        #expect(ShardCheckpoint(encoded: []) == nil)
        #expect(ShardCheckpoint(encoded: Array("[]".utf8)) == nil)
        #expect(ShardCheckpoint(encoded: Array(#"{"Window":{}}"#.utf8)) == nil)
    }

    @Test func ledgersAdvanceOverWhatIsDone() {
        var ledger = RecordLedger(doneThrough: "0")
        let ordinals = (1...5_000).map { ledger.append(String($0), isDone: $0 % 3 == 0) }
        #expect(ledger.doneThrough == "0")
        ledger.finish(ordinals[1...])
        #expect(ledger.doneThrough == "0" && ledger.count == 5_000)
        ledger.finish(ordinals[..<1])
        #expect(ledger.doneThrough == "5000" && ledger.count == 0)
        let next = ledger.append("5001", isDone: false)
        #expect(ledger.count == 1)
        ledger.finish([next, 17])
        #expect(ledger.doneThrough == "5001")
    }
}
