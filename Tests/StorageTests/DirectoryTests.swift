import Foundation
import Storage
import Testing

@Suite("The data directory")
struct DirectoryTests {
    private func write(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    @Test("a missing directory is made, its parents too, and marked")
    func missing() throws {
        let directory = try ThrowawayDirectory()
        let path = "\(directory.path)/a/b/c"
        let store = try RocksStore.open(StoreOptions(path: path, durability: .os))
        try store.put(.items, [1], [1])
        #expect(try String(contentsOfFile: "\(path)/BASALT", encoding: .utf8) == "basalt-store 2\n")
    }

    @Test(
        "an empty directory is taken, whatever a crash or a mount left in it",
        arguments: [[], ["BASALT.tmp"], ["lost+found"], ["BASALT.tmp", "lost+found"]])
    func empty(leftovers: [String]) throws {
        let directory = try ThrowawayDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.store, withIntermediateDirectories: true)
        for name in leftovers { try write("", "\(directory.store)/\(name)") }
        let store = try directory.open()
        try store.put(.items, [1], [1])
        store.close()
        #expect(try directory.open().get(.items, [1]) == [1])
    }

    @Test("a marked directory without a database is an interrupted making, and is taken")
    func markedOnly() throws {
        let directory = try ThrowawayDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.store, withIntermediateDirectories: true)
        try write("basalt-store 1\n", "\(directory.store)/BASALT")
        try directory.open().put(.items, [1], [1])
    }

    @Test("a directory with other files is foreign, and is left alone")
    func foreign() throws {
        let directory = try ThrowawayDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.store, withIntermediateDirectories: true)
        try write("hello", "\(directory.store)/thesis.txt")
        let error = #expect(throws: StorageError.self) { try directory.open() }
        guard case .foreign(let text) = error, text.contains(directory.store) else {
            Issue.record("\(String(describing: error))")
            return
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.store)
        #expect(names == ["thesis.txt"])
    }

    @Test(
        "a marker that is none makes a directory foreign",
        arguments: ["", "hello", "basalt-store", "basalt-store x", "basalt-store 0", "other 1"])
    func badMarker(text: String) throws {
        let directory = try ThrowawayDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.store, withIntermediateDirectories: true)
        try write(text, "\(directory.store)/BASALT")
        let error = #expect(throws: StorageError.self) { try directory.open() }
        guard case .foreign = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a store of an older format keeps its data and is marked with ours")
    func older() throws {
        let directory = try ThrowawayDirectory()
        let store = try directory.open()
        try store.put(.items, [1], [1])
        store.close()
        let marker = "\(directory.store)/BASALT"
        try write("basalt-store 1\n", marker)
        #expect(try directory.open().get(.items, [1]) == [1])
        #expect(try String(contentsOfFile: marker, encoding: .utf8) == "basalt-store 2\n")
    }

    @Test("a newer format is told with both versions")
    func newer() throws {
        let directory = try ThrowawayDirectory()
        do { try directory.open().close() }
        try write("basalt-store 3\n", "\(directory.store)/BASALT")
        #expect(throws: StorageError.newerFormat(found: 3, supported: 2)) {
            try directory.open()
        }
    }

    @Test("a path that can't be a directory is unreadable")
    func unreadable() throws {
        let directory = try ThrowawayDirectory()
        try write("", "\(directory.path)/file")
        for path in ["", "\(directory.path)/file", "\(directory.path)/file/store", "/proc/basalt"] {
            let error = #expect(throws: StorageError.self) {
                try RocksStore.open(StoreOptions(path: path))
            }
            guard case .unreadable(let text) = error, path.isEmpty || text.contains(path) else {
                Issue.record("\(path): \(String(describing: error))")
                continue
            }
        }
    }

    @Test("a directory without permission is unreadable", .enabled(if: geteuid() != 0))
    func forbidden() throws {
        let directory = try ThrowawayDirectory()
        do { try directory.open().close() }
        chmod(directory.store, 0)
        defer { chmod(directory.store, 0o755) }
        let error = #expect(throws: StorageError.self) { try directory.open() }
        guard case .unreadable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a store that is open is locked, and free once it is closed")
    func locked() throws {
        let directory = try ThrowawayDirectory()
        let store = try directory.open()
        let error = #expect(throws: StorageError.self) { try directory.open() }
        guard case .locked(let text) = error, text.contains(directory.store) else {
            Issue.record("\(String(describing: error))")
            return
        }
        store.close()
        try directory.open().put(.items, [1], [1])
    }
}
