import CRocksDB

/// The database's status texts as errors of the store.
enum RocksStatus {
    /// Takes a status text that the C interface returned, frees it, and classifies it.
    static func error(taking text: UnsafeMutablePointer<CChar>) -> StorageError {
        let message = String(cString: text)
        rocksdb_free(text)
        return error(message)
    }

    /// Whether a status text says that memory could not tell; frees nothing.
    static func isIncomplete(_ text: UnsafePointer<CChar>) -> Bool {
        String(cString: text).hasPrefix("Result incomplete")
    }

    /// Classifies a status text.
    static func error(_ message: String) -> StorageError {
        if message.hasPrefix("Corruption") { return .corrupt(message) }
        if message.contains("No space left on device") || message.contains("Disk quota exceeded")
            || message.contains("Space limit reached")
        {
            return .full(message)
        }
        return .io(message)
    }

    /// Classifies the status text of a failed opening.
    static func openingError(_ message: String, path: String) -> StorageError {
        if message.contains("While lock file") || message.contains("lock hold by current process") {
            return .locked("the store \(path) is in use by another process (\(message))")
        }
        if message.contains("Permission denied") || message.contains("Read-only file system") {
            return .unreadable("cannot open the store \(path): \(message)")
        }
        return error(message)
    }
}

extension [UInt8] {
    /// Calls back with the bytes as the C interface takes them.
    @inline(__always)
    func withCharacters<Result>(_ body: (UnsafePointer<CChar>?, Int) -> Result) -> Result {
        withUnsafeBytes { body($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) }
    }

    /// Copies bytes that the C interface lends.
    @inline(__always)
    init(lent bytes: UnsafePointer<CChar>?, count: Int) {
        self = Array(UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count))
    }
}
