import Items
import Testing

@Suite("Item bytes")
struct ItemEncodingTests {
    private func tree(_ item: ItemBytes) -> [String: AttributeValue] { item.attributes }

    @Test("random items come back as they were, with the size that the rules give")
    func roundTrip() throws {
        for seed in UInt64(1)...5 {
            var random = RandomValues(seed: seed)
            for index in 0..<300 {
                let attributes = random.members(depth: 4)
                let item = ItemBytes(attributes.map { (key: $0.key, value: $0.value) })
                let place = Comment(rawValue: "seed \(seed), item \(index)")
                #expect(item.attributes == attributes, place)
                #expect(item.count == attributes.count, place)
                let expected = attributes.reduce(0) { $0 + $1.key.utf8.count + size($1.value) }
                #expect(item.size == expected, place)
                for (name, value) in attributes {
                    let found = try #require(item.value(named: name), place)
                    #expect(found.attributeValue == value, place)
                    #expect(found.size == size(value), place)
                    let utf8 = Array(name.utf8)
                    #expect(item.value(named: utf8)?.start == found.start, place)
                    #expect(item.value(named: utf8[...])?.start == found.start, place)
                    #expect(
                        item.value(named: utf8.lazy.map { $0 })?.start == found.start
                    )
                    #expect(ItemValue(value).isEqual(to: found), place)
                }
                #expect(item.value(named: "no such name") == nil)
                #expect(ItemBytes(untrusted: item.bytes)?.bytes == item.bytes, place)
            }
        }
    }

    /// The size by the documented rules, from the tree.
    private func size(_ value: AttributeValue) -> Int {
        switch value {
        case .string(let text): text.utf8.count
        case .number(let number): numberSize(number)
        case .binary(let data): data.count
        case .bool, .null: 1
        case .map(let members):
            3 + members.reduce(0) { $0 + 1 + $1.key.utf8.count + size($1.value) }
        case .list(let elements): 3 + elements.reduce(0) { $0 + 1 + size($1) }
        case .stringSet(let members): members.reduce(0) { $0 + $1.utf8.count }
        case .numberSet(let members): members.reduce(0) { $0 + numberSize($1) }
        case .binarySet(let members): members.reduce(0) { $0 + $1.count }
        }
    }

    /// 1 + half the significant digits on each side of the point, + 1 if negative.
    private func numberSize(_ number: DecimalNumber) -> Int {
        guard number != .zero else { return 1 }
        let integer = min(max(number.exponent, 0), number.digits.count)
        let fraction = number.digits.count - integer
        return 1 + (integer + 1) / 2 + (fraction + 1) / 2 + (number.isNegative ? 1 : 0)
    }

    @Test("documented sizes")
    func sizes() {
        let cases: [(AttributeValue, Int)] = [
            (.null, 1), (.bool(true), 1), (.string("é"), 2), (.binary([]), 0),
            (.map([:]), 3), (.list([]), 3), (.list([.null, .null]), 7),
            (.map(["ab": .string("c")]), 7), (.stringSet(["a", "bcd"]), 4),
            (.numberSet([DecimalNumber(1), DecimalNumber(100)]), 4),
        ]
        for (value, expected) in cases {
            #expect(ItemBytes(["n": value].map { ($0.key, $0.value) }).size == 1 + expected)
        }
        #expect(ItemBytes().size == 0 && ItemBytes().isEmpty)
    }

    @Test("members and elements are found, others are not")
    func lookups() throws {
        let item: ItemBytes = [
            "m": .map(["": .null, "x": .list([.bool(false), .string("y"), .null])]),
            "s": .stringSet(["p", "q"]),
        ]
        let map = try #require(item.value(named: "m"))
        #expect(map.count == 2 && map.tag == .map)
        #expect(map.member(named: "")?.tag == .null)
        let list = try #require(map.member(named: "x"))
        #expect(list.elements.count == 3)
        #expect(list.element(at: 1)?.string == "y")
        #expect(list.element(at: 3) == nil && list.element(at: -1) == nil)
        #expect(list.member(named: "y") == nil && map.element(at: 0) == nil)
        #expect(map.member(named: "z") == nil)
        #expect(item.value(named: "s")?.setMembers.map { Array($0) } == [[112], [113]])
        #expect(item.value(named: "s")?.elements.isEmpty == true)
        #expect(item.value(named: "") == nil)
    }

    @Test("filtering keeps the rest, the count and the size")
    func editing() {
        var random = RandomValues(seed: 41)
        for _ in 0..<200 {
            let attributes = random.members(depth: 2, count: 6)
            let item = ItemBytes(attributes.map { (key: $0.key, value: $0.value) })
            let names = attributes.keys.sorted()
            let kept = Set(names.filter { _ in random.int(0...1) == 0 })
            let filtered = item.filter { kept.contains(String(decoding: $0, as: UTF8.self)) }
            #expect(filtered.attributes == attributes.filter { kept.contains($0.key) })
            #expect(ItemBytes(untrusted: filtered.bytes) != nil)
        }
    }
}

@Suite("Equality of items")
struct ItemEqualityTests {
    /// A value whose maps and sets are written in another order.
    private func encodeShuffled(
        _ value: AttributeValue, _ encoder: inout ItemEncoder, _ random: inout RandomValues
    ) {
        switch value {
        case .map(let members):
            let mark = encoder.beginContainer(.map)
            for (name, member) in members.shuffled(using: &random.generator) {
                encoder.name(name.utf8)
                encodeShuffled(member, &encoder, &random)
            }
            encoder.endContainer(mark, count: members.count)
        case .list(let elements):
            let mark = encoder.beginContainer(.list)
            for element in elements { encodeShuffled(element, &encoder, &random) }
            encoder.endContainer(mark, count: elements.count)
        case .stringSet(let members):
            AttributeValue.stringSet(members.shuffled(using: &random.generator))
                .encode(into: &encoder)
        case .numberSet(let members):
            AttributeValue.numberSet(members.shuffled(using: &random.generator))
                .encode(into: &encoder)
        case .binarySet(let members):
            AttributeValue.binarySet(members.shuffled(using: &random.generator))
                .encode(into: &encoder)
        default: value.encode(into: &encoder)
        }
    }

    @Test("order of attributes, entries and members does not matter; values do")
    func order() {
        for seed in UInt64(51)...54 {
            var random = RandomValues(seed: seed)
            for _ in 0..<200 {
                let attributes = random.members(depth: 4)
                let item = ItemBytes(attributes.map { (key: $0.key, value: $0.value) })
                var encoder = ItemEncoder()
                encoder.beginItem()
                for (name, value) in attributes.shuffled(using: &random.generator) {
                    encoder.name(name.utf8)
                    encodeShuffled(value, &encoder, &random)
                }
                let shuffled = encoder.finishItem(count: attributes.count)
                #expect(item == shuffled, "seed \(seed)")
                #expect(shuffled == item, "seed \(seed)")
                var other = attributes
                guard let name = attributes.keys.sorted().first else { continue }
                let value = random.value()
                other[name] = value
                let changed = ItemBytes(other.map { (key: $0.key, value: $0.value) })
                #expect((item == changed) == item.value(named: name)?.isEqual(to: ItemValue(value)))
            }
        }
    }

    @Test("types, list order, counts and names tell items apart")
    func differences() throws {
        let different: [AttributeValue] = [
            .string("1"), .number(DecimalNumber(1)), .binary([49]), .bool(true), .bool(false),
            .null, .list([]), .map([:]), .stringSet(["1"]), .binarySet([[49]]),
            .numberSet([DecimalNumber(1)]), .list([.null, .bool(true)]),
            .list([.bool(true), .null]), .map(["a": .null]), .map(["b": .null]),
            .map(["a": .null, "b": .null]), .stringSet(["1", "2"]), .stringSet(["1", "3"]),
        ]
        for (index, left) in different.enumerated() {
            for (otherIndex, right) in different.enumerated() {
                let equal = ItemValue(left).isEqual(to: ItemValue(right))
                #expect(equal == (index == otherIndex), "\(left) \(right)")
            }
        }
        #expect(
            ItemValue(.number(try DecimalNumber("1.0"))).isEqual(
                to: ItemValue(.number(DecimalNumber(1)))))
        let item: ItemBytes = ["a": .null, "b": .null]
        #expect(item != ["a": .null, "c": .null])
        #expect(item != ["a": .null])
        #expect(item == ["b": .null, "a": .null])
    }

    @Test(
        "comparing large maps in opposite orders takes no quadratic time", .timeLimit(.minutes(1)))
    func largeMaps() {
        let count = 60_000
        func map(_ indices: some Sequence<Int>) -> ItemValue {
            var encoder = ItemEncoder()
            let mark = encoder.beginContainer(.map)
            for index in indices {
                encoder.name(String(index).utf8)
                encoder.null()
            }
            encoder.endContainer(mark, count: count)
            return encoder.finishValue()
        }
        let clock = ContinuousClock()
        let elapsed = clock.measure {
            #expect(map(0..<count).isEqual(to: map((0..<count).reversed())))
        }
        #expect(elapsed < .seconds(30))
    }
}
