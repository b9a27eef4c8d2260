import Items
import Operations
import Testing

@testable import Wire

@Suite("An item comes back from its JSON as it was")
struct ItemRoundTripTests {
    /// The item's JSON, as a GetItem would answer it.
    private func json(_ item: ItemBytes) -> String {
        var writer = JSONWriter()
        writer.item(item)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test("Random items: encode, decode, equal to the byte")
    func randomItems() throws {
        let randomSeed = UInt64.random(in: 0...UInt64.max)
        for seed in [1, 2, randomSeed] {
            var items = RandomItems(seed: seed)
            for _ in 0..<300 {
                let item = items.item()
                let request = try put(json(item))
                #expect(request.valueFault == nil, "seed \(seed)")
                #expect(request.item.bytes == item.bytes, "seed \(seed): \(json(item))")
                #expect(ItemBytes(untrusted: request.item.bytes) != nil, "seed \(seed)")
            }
        }
    }

    @Test("The slow path reads what the streaming pass reads")
    func slowPath() throws {
        var items = RandomItems(seed: 5)
        for _ in 0..<200 {
            let item = items.item()
            // A name given twice sends the body to the slow path.
            let twice = json(item).dropLast() + (item.isEmpty ? "" : ",")
            let request = try put(twice + #""twice":{"S":"1"},"twice":{"S":"2"}}"#)
            var expected = ItemEncoder()
            expected.beginItem()
            item.forEachAttribute { name, value in
                expected.name(item.bytes[name])
                expected.value(value)
            }
            expected.name("twice".utf8)
            expected.string("2")
            #expect(request.item == expected.finishItem(count: item.count + 1))
        }
    }

    @Test("Bytes that no item has give JSON all the same")
    func damagedBytes() {
        var items = RandomItems(seed: 9)
        for _ in 0..<300 {
            var bytes = items.item().bytes
            for _ in 0...items.below(4) {
                bytes[items.below(bytes.count)] = UInt8(items.below(256))
            }
            let cut = Array(bytes.prefix(items.below(bytes.count + 1)))
            // Damage may leave a string that is no UTF-8, so only the end is looked at.
            #expect(json(ItemBytes(trusted: cut)).hasSuffix("}"))
        }
    }

    @Test("Levels beyond what an item may have are not followed")
    func deepBytes() {
        var encoder = ItemEncoder()
        encoder.beginItem()
        encoder.name("a".utf8)
        var marks: [Int] = []
        for _ in 0..<40_000 { marks.append(encoder.beginContainer(.list)) }
        for mark in marks.reversed() { encoder.endContainer(mark, count: 1) }
        let text = json(encoder.finishItem(count: 1))
        #expect(text.contains(#"{"NULL":true}"#))
    }
}
