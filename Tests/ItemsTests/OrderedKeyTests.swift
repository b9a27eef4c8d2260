import Items
import Testing

@Suite("Ordered keys")
struct OrderedKeyTests {
    private func key(_ values: AttributeValue...) -> [UInt8] {
        var key: [UInt8] = []
        for value in values { OrderedKey.append(ItemValue(value), to: &key) }
        return key
    }

    @Test("components are escaped and ended")
    func bytes() {
        #expect(key(.string("")) == [0, 0])
        #expect(key(.string("ab")) == [97, 98, 0, 0])
        #expect(key(.binary([0, 1, 0])) == [0, 0xFF, 1, 0, 0xFF, 0, 0])
        #expect(key(.number(.zero)) == [0x80, 0])
        #expect(key(.string("a"), .number(DecimalNumber(1))) == [97, 0, 0, 0xC1, 2, 0])
    }

    @Test("keys sort as their strings, binaries and numbers do")
    func order() {
        var random = RandomValues(seed: 31)
        for _ in 0..<4000 {
            let (left, right) = (random.data(), random.data())
            #expect(
                key(.binary(left)).lexicographicallyPrecedes(key(.binary(right)))
                    == left.lexicographicallyPrecedes(right), "\(left) \(right)")
            let (one, other) = (random.string(), random.string())
            #expect(
                key(.string(one)).lexicographicallyPrecedes(key(.string(other)))
                    == one.utf8.lexicographicallyPrecedes(other.utf8))
            let (small, large) = (random.number(), random.number())
            #expect(
                key(.number(small)).lexicographicallyPrecedes(key(.number(large)))
                    == (small < large), "\(small) \(large)")
        }
    }

    @Test("a later component decides only where the earlier are equal")
    func composite() {
        var random = RandomValues(seed: 32)
        for _ in 0..<2000 {
            let first = (random.data(), random.number())
            let second = (random.int(0...1) == 0 ? first.0 : random.data(), random.number())
            let expected =
                first.0 == second.0
                ? first.1 < second.1 : first.0.lexicographicallyPrecedes(second.0)
            let left = key(.binary(first.0), .number(first.1))
            let right = key(.binary(second.0), .number(second.1))
            #expect(left.lexicographicallyPrecedes(right) == expected, "\(first) \(second)")
        }
    }

    @Test("components read back, one after another")
    func readBack() {
        var random = RandomValues(seed: 33)
        for _ in 0..<2000 {
            let values: [AttributeValue] = [
                .string(random.string()), .number(random.number()), .binary(random.data()),
                .number(random.number()),
            ]
            var key: [UInt8] = [1, 2, 3]
            for value in values { OrderedKey.append(ItemValue(value), to: &key) }
            var offset = 3
            for (value, type) in zip(
                values, [ScalarAttributeType.string, .number, .binary, .number])
            {
                #expect(OrderedKey.read(type, from: key, at: &offset) == value)
            }
            #expect(offset == key.count)
        }
    }

    @Test("bytes that are no component are refused, and leave the offset")
    func malformed() {
        var random = RandomValues(seed: 34)
        for _ in 0..<20_000 {
            let bytes = random.data()
            for type in ScalarAttributeType.allCases {
                let start = random.int(0...(bytes.count + 1))
                var offset = start
                let value = OrderedKey.read(type, from: bytes, at: &offset)
                #expect(value == nil ? offset == start : offset > start && offset <= bytes.count)
            }
        }
    }

    @Test("a prefix begins the keys that begin with it, and no other")
    func prefixes() {
        var random = RandomValues(seed: 35)
        for _ in 0..<4000 {
            let whole = random.data()
            let cut =
                random.int(0...1) == 0 ? Array(whole.prefix(random.int(0...8))) : random.data()
            var prefix: [UInt8] = []
            OrderedKey.appendPrefix(cut[...], to: &prefix)
            #expect(key(.binary(whole)).starts(with: prefix) == whole.starts(with: cut))
        }
    }

    @Test("the successor is the least key above all with a prefix")
    func successors() {
        #expect(OrderedKey.successor(of: [1, 2]) == [1, 3])
        #expect(OrderedKey.successor(of: [1, 0xFF]) == [2])
        #expect(OrderedKey.successor(of: [0xFF, 0xFF]) == nil)
        #expect(OrderedKey.successor(of: []) == nil)
    }
}

@Suite("Partition hashes")
struct PartitionHashTests {
    private func hash(_ values: AttributeValue...) -> String {
        var key: [UInt8] = []
        PartitionHash.append(values.map { ItemValue($0) }, to: &key)
        return key.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    @Test("a hash is the front of MD5 of Outliers and the key's bytes")
    func vectors() throws {
        #expect(hash(.string("a")) == "f6558e516275dee2")
        #expect(hash(.string("user-1")) == "8a77f5a09efa58ac")
        #expect(hash(.string("é")) == "1062807ac84fe65a")
        #expect(hash(.binary([0, 255, 16])) == "9fb40f1e377a85d1")
        #expect(hash(.number(DecimalNumber(1))) == "c3a0310aed78739b")
        #expect(hash(.number(DecimalNumber(-42))) == "7efbab598e3c082b")
        #expect(hash(.number(try DecimalNumber("3.140"))) == "386480e20fc42179")
        #expect(hash(.string("user"), .string("-1")) == "8a77f5a09efa58ac")
    }

    @Test("segments cut the space in order and without a gap")
    func segments() {
        for total in [1, 2, 3, 7, 64, 1000, 4096] {
            var last: [UInt8] = []
            for segment in 0..<total {
                guard let start = PartitionHash.segmentStart(segment, of: total) else {
                    Issue.record("segment \(segment) of \(total) has no start")
                    continue
                }
                #expect(start.count == PartitionHash.byteCount)
                #expect(
                    segment == 0
                        ? start.allSatisfy { $0 == 0 } : last.lexicographicallyPrecedes(start))
                last = start
            }
            #expect(PartitionHash.segmentStart(total, of: total) == nil)
        }
        #expect(PartitionHash.segmentStart(1, of: 3) == [0x55, 0x60, 0, 0, 0, 0, 0, 0])
        #expect(PartitionHash.segmentStart(1, of: 2) == [0x80, 0, 0, 0, 0, 0, 0, 0])
        #expect(PartitionHash.segmentStart(1, of: 0) == nil)
        #expect(PartitionHash.segmentStart(Int.max, of: 2) == nil)
    }

    @Test("more segments than cuts share starts, and stay in order")
    func manySegments() {
        var last: [UInt8] = [UInt8](repeating: 0, count: 8)
        for segment in 0..<1_000_000 where segment % 997 == 0 {
            guard let start = PartitionHash.segmentStart(segment, of: 1_000_000) else { continue }
            #expect(!start.lexicographicallyPrecedes(last))
            last = start
        }
    }
}
