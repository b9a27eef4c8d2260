import Foundation
import Storage

/// A directory for one test, deleted with its last reference.
final class ThrowawayDirectory {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appendingPathComponent("basalt-storage-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of a store in this directory, not made yet.
    var store: String { "\(path)/store" }

    func open(durability: Durability = .os) throws -> RocksStore {
        try RocksStore.open(
            StoreOptions(path: store, durability: durability, cacheByteCount: 4 << 20))
    }

    /// The store's files with a suffix, oldest first.
    func files(_ suffix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: store)
            .filter { $0.hasSuffix(suffix) }.sorted().map { "\(store)/\($0)" }
    }
}

extension RocksStore {
    /// Commits one pair.
    func put(_ keyspace: Keyspace, _ key: [UInt8], _ value: [UInt8]) throws {
        let batch = makeBatch()
        batch.put(keyspace, key, value)
        try commit(batch)
    }
}

/// Every pair that a cursor finds, forwards.
func pairs(
    _ view: any ReadView, _ keyspace: Keyspace, _ lower: [UInt8] = [], _ upper: [UInt8]? = nil
) throws -> [[[UInt8]]] {
    let cursor = try view.cursor(keyspace, lower: lower, upper: upper)
    var result: [[[UInt8]]] = []
    try cursor.seek(nil)
    while cursor.isValid {
        result.append([cursor.key, cursor.value])
        try cursor.next()
    }
    return result
}

/// A key as text.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
