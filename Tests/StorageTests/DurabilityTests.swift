import Foundation
import Storage
import TestSupport
import Testing

@Suite("Durability")
struct DurabilityTests {
    @Test("what was committed is there after reopening", arguments: [Durability.os, .fsync])
    func reopening(durability: Durability) throws {
        let directory = try ThrowawayDirectory()
        do {
            let store = try directory.open(durability: durability)
            for keyspace in Keyspace.allCases {
                try store.put(keyspace, bytes(keyspace.name), [1])
            }
            store.close()
        }
        let store = try directory.open(durability: durability)
        for keyspace in Keyspace.allCases {
            #expect(try pairs(store, keyspace) == [[bytes(keyspace.name), [1]]])
        }
    }

    @Test("what was committed survives a killed process", arguments: [Durability.os, .fsync])
    func killed(durability: Durability) throws {
        let directory = try ThrowawayDirectory()
        let image = try ThrowawayDirectory()
        let store = try directory.open(durability: durability)
        for key in UInt8(0)..<50 { try store.put(.items, [key], [key]) }
        // The files as the system has them at this moment: what a killed process leaves.
        try FileManager.default.copyItem(atPath: directory.store, toPath: image.store)
        let recovered = try image.open()
        #expect(try pairs(recovered, .items).count == 50)
    }

    @Test("a torn log tail loses the torn commit only", arguments: [1, 3, 20])
    func tornTail(cut: Int) throws {
        let directory = try ThrowawayDirectory()
        do {
            let store = try directory.open()
            for key in UInt8(1)...5 { try store.put(.items, [key], [key, key, key]) }
            store.close()
        }
        let log = try #require(try directory.files(".log").last)
        let contents = try Data(contentsOf: URL(fileURLWithPath: log))
        #expect(contents.count > 100)
        try contents.dropLast(cut).write(to: URL(fileURLWithPath: log))
        let store = try directory.open()
        #expect(try pairs(store, .items).map { $0[0] } == [[1], [2], [3], [4]])
        try store.put(.items, [6], [6])
        store.close()
        let again = try directory.open()
        #expect(try pairs(again, .items).map { $0[0] } == [[1], [2], [3], [4], [6]])
    }

    @Test("a tail whose pages reached the device in part loses the torn commit only")
    func garbledTail() throws {
        for garble in Garble.allCases {
            let directory = try ThrowawayDirectory()
            do {
                let store = try directory.open()
                for key in UInt8(1)...5 {
                    try store.put(.items, [key], [UInt8](repeating: key, count: 5000))
                }
                store.close()
            }
            let log = try #require(try directory.files(".log").last)
            var contents = try Data(contentsOf: URL(fileURLWithPath: log))
            let end = contents.count
            switch garble {
            case .flippedEnd: contents[end - 1] ^= 0xFF
            case .zeroedMiddle:
                contents.replaceSubrange(end - 4000..<end - 100, with: Data(count: 3900))
            case .zeroedHead:
                contents.replaceSubrange(end - 5025..<end - 2000, with: Data(count: 3025))
            case .zeroedEnd: contents.replaceSubrange(end - 3000..<end, with: Data(count: 3000))
            case .zerosAfter: contents.append(Data(count: 10_000))
            case .garbageAfter: contents.append(Data(repeating: 0xA5, count: 10_000))
            }
            try contents.write(to: URL(fileURLWithPath: log))
            let expected = garble == .zerosAfter || garble == .garbageAfter ? 5 : 4
            do {
                let store = try directory.open()
                let keys = try pairs(store, .items).map { $0[0] }
                #expect(keys == (1...UInt8(expected)).map { [$0] }, "\(garble)")
            } catch {
                Issue.record("\(garble): \(error)")
            }
        }
    }

    private enum Garble: CaseIterable {
        case flippedEnd
        case zeroedMiddle
        case zeroedHead
        case zeroedEnd
        case zerosAfter
        case garbageAfter
    }

    @Test("damage in the midst of the log is an error, not a shorter store")
    func damagedLog() throws {
        let directory = try ThrowawayDirectory()
        do {
            let store = try directory.open()
            for key in UInt8(1)...5 {
                try store.put(.items, [key], [UInt8](repeating: key, count: 100))
            }
            store.close()
        }
        let log = try #require(try directory.files(".log").last)
        try flip(log, at: 200)
        let error = #expect(throws: StorageError.self) { try directory.open() }
        guard case .corrupt(let text) = error, text.contains(log) else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: log)).count > 500)
    }

    @Test("damage of a commit of many blocks is an error unless it is the last", arguments: [0, 1])
    func damagedLargeCommit(later: UInt8) throws {
        let directory = try ThrowawayDirectory()
        do {
            let store = try directory.open()
            try store.put(.items, [1], [1])
            try store.put(
                .items, [2], (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) })
            for key in 0..<later { try store.put(.items, [3 + key], [3]) }
            store.close()
        }
        let log = try #require(try directory.files(".log").last)
        try flip(log, at: 50_000)
        if later == 0 {
            #expect(try pairs(directory.open(), .items) == [[[1], [1]]])
        } else {
            #expect(throws: StorageError.self) { try directory.open() }
        }
    }

    @Test("a damaged table is told by the read that meets it, and others go on")
    func damagedTable() throws {
        let directory = try ThrowawayDirectory()
        var generator = SeededGenerator(seed: 3)
        do {
            let store = try directory.open()
            for key in UInt8(0)..<200 {
                let value = (0..<1000).map { _ in UInt8.random(in: 0...255, using: &generator) }
                try store.put(.items, [key], value)
            }
            try store.flush()
            store.close()
        }
        let table = try #require(try directory.files(".sst").first)
        let size = try Data(contentsOf: URL(fileURLWithPath: table)).count
        try flip(table, at: size / 2)
        let store = try directory.open()
        var failures: [StorageError] = []
        var found = 0
        for key in UInt8(0)..<200 {
            do throws(StorageError) {
                if try store.get(.items, [key]) != nil { found += 1 }
            } catch {
                failures.append(error)
            }
        }
        #expect(found > 150 && !failures.isEmpty && found + failures.count == 200)
        let name = try #require(table.split(separator: "/").last)
        for failure in failures {
            guard case .corrupt(let text) = failure, text.contains(name) else {
                Issue.record("\(failure) does not name \(name)")
                continue
            }
        }
        let scan = #expect(throws: StorageError.self) { _ = try pairs(store, .items) }
        guard case .corrupt = scan else {
            Issue.record("a scan failed with \(String(describing: scan))")
            return
        }
        try store.put(.items, [250], [1])
        #expect(try store.get(.items, [250]) == [1])
    }

    @Test("a missing root file beside data is damage, not an empty store")
    func missingRoot() throws {
        let directory = try ThrowawayDirectory()
        do {
            let store = try directory.open()
            try store.put(.items, [1], [1])
            try store.flush()
            store.close()
        }
        try FileManager.default.removeItem(atPath: "\(directory.store)/CURRENT")
        let error = #expect(throws: StorageError.self) { try directory.open() }
        guard case .corrupt = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try directory.files(".sst").count > 0)
    }

    @Test("a store in memory keeps nothing and makes no file")
    func inMemory() throws {
        let directory = try ThrowawayDirectory()
        let options = StoreOptions(path: directory.store, durability: .none)
        do {
            let store = try RocksStore.open(options)
            try store.put(.items, [1], [1])
            try store.flush()
            store.close()
        }
        #expect(!FileManager.default.fileExists(atPath: directory.store))
        #expect(try RocksStore.open(options).get(.items, [1]) == nil)
    }

    private func flip(_ path: String, at offset: Int) throws {
        var contents = try Data(contentsOf: URL(fileURLWithPath: path))
        for index in offset..<(offset + 8) { contents[index] ^= 0xFF }
        try contents.write(to: URL(fileURLWithPath: path))
    }
}
