import Items
import TestSupport
import Testing
import Wire

@testable import Transfer

@Suite("Differences of items")
struct ItemDifferenceTests {
    @Test("are told path by path")
    func paths() throws {
        let old: ItemBytes = [
            "same": .numberSet([DecimalNumber(1), DecimalNumber(2)]), "gone": .bool(true),
            "m": .map(["a": .list([.string("x"), .map(["b": .null])]), "c.d": .string("1")]),
            "type": .string("1"), "list": .list([.null]),
        ]
        let new: ItemBytes = [
            "same": .numberSet([DecimalNumber(2), DecimalNumber(1)]),
            "m": .map(["a": .list([.string("x"), .map(["b": .bool(true)])])]),
            "type": .number(DecimalNumber(1)), "list": .list([]), "more": .string("y"),
        ]
        #expect(
            ItemDifference.changes(from: old, to: new) == [
                .removed(path: "gone", value: "true"),
                .changed(path: "list", from: "[null]", to: "[]"),
                .changed(path: "m.a[1].b", from: "null", to: "true"),
                .removed(path: "m.`c.d`", value: "\"1\""),
                .added(path: "more", value: "\"y\""),
                .changed(path: "type", from: "\"1\"", to: "1"),
            ])
        #expect(ItemDifference.changes(from: new, to: new).isEmpty)
    }
}

@Suite("The lineage of shards")
struct ShardLineageTests {
    private func shard(_ id: String, _ parent: String? = nil, isClosed: Bool = false) -> JSONValue {
        .object(present: [
            ("ShardId", .string(id)), ("ParentShardId", parent.map { .string($0) }),
            (
                "SequenceNumberRange",
                .object(present: [
                    ("StartingSequenceNumber", .string("1")),
                    ("EndingSequenceNumber", isClosed ? .string("2") : nil),
                ])
            ),
        ])
    }

    @Test("lets children begin when their parents have been read")
    func children() {
        var lineage = ShardLineage()
        let shards = [shard("c", "b"), shard("a"), shard("b", "a"), shard("x", "trimmed")]
        lineage.note(shards, isFirstLook: true, fromNow: false)
        #expect(lineage.begin().map(\.id) == ["a", "x"])
        #expect(lineage.begin().isEmpty)
        lineage.end("a")
        lineage.note(shards, isFirstLook: false, fromNow: false)
        #expect(lineage.begin().map(\.id) == ["b"])
        lineage.end("b")
        lineage.end("b")
        #expect(lineage.begin().map(\.id) == ["c"])
    }

    @Test("from now on leaves out what is closed, and reads what comes later whole")
    func now() {
        var lineage = ShardLineage()
        lineage.note(
            [shard("a", isClosed: true), shard("b", "a")], isFirstLook: true, fromNow: true)
        let begun = lineage.begin()
        #expect(begun.map(\.id) == ["b"] && begun.allSatisfy { $0.start == .latest })
        lineage.end("b")
        lineage.note([shard("c", "b")], isFirstLook: false, fromNow: true)
        #expect(lineage.begin().map(\.start) == [.trimHorizon])
    }
}
