import Foundation
import Items
import Testing

/// Bytes from outside never crash the reader, and what it accepts can be read, whatever it is.
///
/// `BASALT_FUZZ_SECONDS` lengthens the fuzzing, `BASALT_FUZZ_SEED` repeats it.
@Suite("Bytes of unknown origin")
struct UntrustedBytesTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seconds = Double(environment["BASALT_FUZZ_SECONDS"] ?? "") ?? 2
    private static let seed =
        UInt64(environment["BASALT_FUZZ_SEED"] ?? "") ?? UInt64.random(in: 0...UInt64.max)

    private func item(_ random: inout RandomValues) -> [UInt8] {
        ItemBytes(random.members(depth: 3).map { (key: $0.key, value: $0.value) }).bytes
    }

    /// Reads everything there is to read of an accepted item.
    private func readAll(_ item: ItemBytes, _ place: Comment) {
        let attributes = item.attributes
        #expect(attributes.count == item.count, place)
        var size = 0
        item.forEachAttribute { name, value in
            size += name.count + value.size
            #expect(item.value(named: item.bytes[name])?.start == value.start, place)
        }
        #expect(size == item.size, place)
        #expect(item.names.count == item.count, place)
        let again = ItemBytes(attributes.map { (key: $0.key, value: $0.value) })
        #expect(again == item && item == again, place)
        #expect(again.size == item.size, place)
        #expect(item.filter { _ in true }.bytes == item.bytes, place)
    }

    @Test("random and mutated bytes are refused or are items")
    func fuzz() {
        var random = RandomValues(seed: Self.seed)
        let place = Comment(rawValue: "BASALT_FUZZ_SEED=\(Self.seed)")
        let end = ContinuousClock.now + .seconds(Self.seconds)
        var accepted = 0
        var refused = 0
        while ContinuousClock.now < end {
            var bytes = item(&random)
            switch random.int(0...5) {
            case 0: bytes = random.data()
            case 1: bytes.removeLast(random.int(0...min(bytes.count, 20)))
            case 2: bytes += random.data()
            default:
                for _ in 0...random.int(0...3) {
                    let index = random.int(0...(bytes.count - 1))
                    switch random.int(0...3) {
                    case 0: bytes[index] = UInt8(random.int(0...255))
                    case 1: bytes[index] ^= 1 << UInt8(random.int(0...7))
                    case 2: bytes[index] &+= 1
                    default: bytes.swapAt(index, random.int(0...(bytes.count - 1)))
                    }
                }
            }
            if let item = ItemBytes(untrusted: bytes) {
                accepted += 1
                readAll(item, place)
            } else {
                refused += 1
            }
        }
        #expect(accepted > 10 && refused > 10, place)
    }

    @Test("every truncation and every changed length of an item is refused")
    func truncations() {
        let item: ItemBytes = [
            "a": .string("text"), "m": .map(["x": .list([.number(DecimalNumber(12))])]),
            "s": .stringSet(["p", "q"]),
        ]
        #expect(ItemBytes(untrusted: item.bytes) == item)
        for count in 0..<item.bytes.count {
            #expect(ItemBytes(untrusted: Array(item.bytes.prefix(count))) == nil)
        }
        for index in 0..<9 {
            var bytes = item.bytes
            bytes[index] ^= 0x80
            #expect(ItemBytes(untrusted: bytes) == nil, "header byte \(index)")
        }
        #expect(ItemBytes(untrusted: item.bytes + [0]) == nil)
    }

    @Test("names and set members that repeat, and lengths written too long, are refused")
    func repetitions() {
        func bytes(_ count: Int, _ body: (inout ItemEncoder) -> Void) -> [UInt8] {
            var encoder = ItemEncoder()
            encoder.beginItem()
            body(&encoder)
            return encoder.finishItem(count: count).bytes
        }
        let twoNames = bytes(2) { encoder in
            for _ in 0..<2 {
                encoder.name("a".utf8)
                encoder.null()
            }
        }
        #expect(ItemBytes(untrusted: twoNames) == nil)
        let twoMembers = bytes(1) { encoder in
            encoder.name("a".utf8)
            AttributeValue.stringSet(["x", "x"]).encode(into: &encoder)
        }
        #expect(ItemBytes(untrusted: twoMembers) == nil)
        // The name length 1 as two bytes; the DynamoDB size stays right.
        var long = bytes(1) { encoder in
            encoder.name("a".utf8)
            encoder.null()
        }
        #expect(ItemBytes(untrusted: long) != nil)
        long.replaceSubrange(9..<10, with: [0x81, 0])
        #expect(ItemBytes(untrusted: long) == nil)
    }

    @Test("deep nesting is refused, not followed to the end of the stack")
    func nesting() {
        func nested(_ depth: Int) -> [UInt8] {
            var encoder = ItemEncoder()
            encoder.beginItem()
            encoder.name("a".utf8)
            let marks = (0..<depth).map { _ in encoder.beginContainer(.list) }
            for (index, mark) in marks.reversed().enumerated() {
                encoder.endContainer(mark, count: index == 0 ? 0 : 1)
            }
            return encoder.finishItem(count: 1).bytes
        }
        #expect(ItemBytes(untrusted: nested(32)) != nil)
        #expect(ItemBytes(untrusted: nested(64)) != nil)
        #expect(ItemBytes(untrusted: nested(65)) == nil)
        #expect(ItemBytes(untrusted: nested(100_000)) == nil)
    }
}
