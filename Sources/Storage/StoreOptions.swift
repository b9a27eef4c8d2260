/// How a store is opened.
package struct StoreOptions: Sendable {
    /// The data directory; of no meaning in memory.
    package var path: String
    /// Whether to keep everything in memory, with no file and no log.
    package var inMemory: Bool
    /// When a commit counts as kept; `.none` is the same as `inMemory`.
    package var durability: Durability
    /// The size of the cache of uncompressed blocks, indexes and filters that all keyspaces share.
    package var cacheByteCount: Int
    /// The size at which a keyspace's write buffer is written out.
    package var writeBufferByteCount: Int

    package init(
        path: String,
        inMemory: Bool = false,
        durability: Durability = .fsync,
        cacheByteCount: Int = 64 << 20,
        writeBufferByteCount: Int = 16 << 20
    ) {
        self.path = path
        self.inMemory = inMemory || durability == .none
        self.durability = durability
        self.cacheByteCount = max(cacheByteCount, 1 << 20)
        self.writeBufferByteCount = max(writeBufferByteCount, 64 << 10)
    }

    /// Options of a store that keeps nothing.
    package static let inMemory = StoreOptions(path: "", inMemory: true, durability: .none)
}
