import Streams
import TestSupport
import Testing

@Suite struct ShardIteratorTests {
    private let arn =
        "arn:aws:dynamodb:us-east-1:000000000000:table/tab/stream/2026-11-21T08:16:24.062"

    @Test func whatIsWrittenIsRead() throws {
        for (shard, sequence, time) in [
            (0, 0, 0), (7, 123_456_789, 1_795_248_984_062), (.max, .max, .max),
        ] as [(UInt32, UInt64, Int64)] {
            let iterator = ShardIterator(
                streamArn: arn, shard: shard, sequence: sequence, issuedAt: time)
            #expect(iterator.text.hasPrefix("\(arn)|1|"))
            #expect(ShardIterator(text: iterator.text) == iterator)
        }
    }

    @Test func aChangedTextIsNone() throws {
        let text = ShardIterator(streamArn: arn, shard: 3, sequence: 99, issuedAt: 5).text
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<3_000 {
            var bytes = Array(text.utf8)
            let place = Int.random(in: bytes.indices, using: &generator)
            bytes[place] = UInt8.random(in: 0x20...0x7E, using: &generator)
            let changed = String(decoding: bytes, as: UTF8.self)
            if changed != text { #expect(ShardIterator(text: changed) == nil, "\(changed)") }
        }
    }
}
