import Foundation
import Storage
import TestSupport
import Testing

/// Random operations against dictionaries, with flushes, compactions and reopenings between.
@Suite("The store and its model agree")
struct ModelTests {
    private typealias Contents = [Keyspace: [[UInt8]: [UInt8]]]

    @Test("on disk", arguments: [11, 12, 13] as [UInt64])
    func onDisk(seed: UInt64) throws {
        let directory = try ThrowawayDirectory()
        try run(
            seed: seed,
            StoreOptions(
                path: directory.store, durability: .os, cacheByteCount: 1 << 20,
                writeBufferByteCount: 64 << 10))
    }

    @Test("in memory", arguments: [21, 22] as [UInt64])
    func inMemory(seed: UInt64) throws {
        try run(seed: seed, .inMemory)
    }

    private func run(seed: UInt64, _ options: StoreOptions) throws {
        var generator = SeededGenerator(seed: seed)
        var store = try RocksStore.open(options)
        var model: Contents = [:]
        for keyspace in Keyspace.allCases { model[keyspace] = [:] }
        for step in 0..<600 {
            let where_ = Comment(rawValue: "seed \(seed), step \(step)")
            switch Int.random(in: 0..<20, using: &generator) {
            case 0: try store.flush()
            case 1: try store.compact(.items)
            case 2 where !options.inMemory:
                store.close()
                store = try RocksStore.open(options)
            case 3...9:
                try change(store, &model, &generator)
            case 10...12:
                let snapshot = store.snapshot()
                let before = model
                try change(store, &model, &generator)
                try check(snapshot, before, &generator, where_)
            default:
                try check(store, model, &generator, where_)
            }
            #expect(store.liveHandleCount == 0, where_)
        }
        for keyspace in Keyspace.allCases {
            let expected = (model[keyspace] ?? [:]).map { [$0.key, $0.value] }
                .sorted { $0[0].lexicographicallyPrecedes($1[0]) }
            #expect(try pairs(store, keyspace) == expected, "seed \(seed), keyspace \(keyspace)")
        }
    }

    private func keyspace(_ generator: inout SeededGenerator) -> Keyspace {
        [.items, .items, .items, .indexes, .catalogue].randomElement(using: &generator) ?? .items
    }

    /// Few prefixes, with neighbours and 0xFF at the end, short tails, and keys without a prefix.
    private func key(_ generator: inout SeededGenerator) -> [UInt8] {
        let shape: [UInt8] = [0, 1, 0xFE, 0xFF]
        let tail = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
            shape.randomElement(using: &generator) ?? 0
        }
        if Int.random(in: 0..<8, using: &generator) == 0 { return tail }
        var prefix: [UInt8] = [0, 0, 0, UInt8.random(in: 1...2, using: &generator)]
        prefix += [0x80, 0, 0, 0, 0, 0]
        prefix.append(shape.randomElement(using: &generator) ?? 0)
        prefix.append(shape.randomElement(using: &generator) ?? 0)
        return prefix + tail
    }

    private func change(
        _ store: RocksStore, _ model: inout Contents, _ generator: inout SeededGenerator
    ) throws {
        let batch = store.makeBatch()
        for _ in 0..<Int.random(in: 1...12, using: &generator) {
            let keyspace = keyspace(&generator)
            let first = key(&generator)
            switch Int.random(in: 0..<12, using: &generator) {
            case 0:
                let second = key(&generator)
                batch.deleteRange(keyspace, lower: first, upper: second)
                for key in (model[keyspace] ?? [:]).keys
                where !key.lexicographicallyPrecedes(first) && key.lexicographicallyPrecedes(second)
                {
                    model[keyspace]?[key] = nil
                }
            case 1...3:
                batch.delete(keyspace, first)
                model[keyspace]?[first] = nil
            default:
                let count = Int.random(in: 0...600, using: &generator)
                let value = [UInt8](
                    repeating: UInt8.random(in: 0...255, using: &generator), count: count)
                batch.put(keyspace, first, value)
                model[keyspace]?[first] = value
            }
        }
        try store.commit(batch)
    }

    private func check(
        _ view: any ReadView, _ model: Contents, _ generator: inout SeededGenerator,
        _ place: Comment
    ) throws {
        let keyspace = keyspace(&generator)
        let contents = model[keyspace] ?? [:]
        for _ in 0..<5 {
            let key = key(&generator)
            #expect(try view.get(keyspace, key) == contents[key], place)
            switch try view.getCached(keyspace, key) {
            case .found(let value): #expect(value == contents[key], place)
            case .absent: #expect(contents[key] == nil, place)
            case .unknown: break
            }
        }
        let (lower, upper) = bounds(&generator)
        let range = contents.keys.filter { key in
            !key.lexicographicallyPrecedes(lower)
                && (upper.map { key.lexicographicallyPrecedes($0) } ?? true)
        }.sorted { $0.lexicographicallyPrecedes($1) }
        let cursor = try view.cursor(keyspace, lower: lower, upper: upper)
        for _ in 0..<4 {
            let target = Bool.random(using: &generator) ? key(&generator) : nil
            var index: Int
            if Bool.random(using: &generator) {
                try cursor.seek(target)
                index =
                    range.firstIndex { !$0.lexicographicallyPrecedes(target ?? []) } ?? range.count
            } else {
                try cursor.seekBackward(target)
                index =
                    range.lastIndex { key in
                        target.map { !$0.lexicographicallyPrecedes(key) } ?? true
                    } ?? -1
            }
            for _ in 0..<Int.random(in: 0...12, using: &generator) {
                try #require(cursor.isValid == range.indices.contains(index), place)
                guard cursor.isValid else { break }
                try #require(cursor.key == range[index], place)
                #expect(cursor.value == contents[range[index]], place)
                if Int.random(in: 0..<3, using: &generator) == 0 {
                    try cursor.previous()
                    index -= 1
                } else {
                    try cursor.next()
                    index += 1
                }
            }
        }
    }

    /// Half of the time a range within one prefix, as a query has it.
    private func bounds(
        _ generator: inout SeededGenerator
    ) -> (lower: [UInt8], upper: [UInt8]?) {
        let first = key(&generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: return (first, nil)
        case 1: return (first, key(&generator))
        default:
            guard first.count >= 12 else { return ([], first) }
            var upper = Array(first.prefix(12))
            if Bool.random(using: &generator) { return (first, upper + [0xFF]) }
            while let last = upper.popLast() {
                if last < 0xFF { return (first, upper + [last + 1]) }
            }
            return (first, nil)
        }
    }
}
