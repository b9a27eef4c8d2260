internal import CLaunch
internal import Glibc
internal import Synchronization

/// The pipe that a process writes to, and where what it wrote goes.
final class ProcessOutput: Sendable {
    private struct Reader {
        /// -1 before it is opened and after it is closed.
        var descriptor: Int32 = -1
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
    }

    private let reader = Mutex(Reader())
    /// Gets all that is read, in order, one piece at a time.
    ///
    /// Must not block.
    private let take: @Sendable (ArraySlice<UInt8>) -> Void

    init(_ take: @escaping @Sendable (ArraySlice<UInt8>) -> Void) {
        self.take = take
    }

    deinit { close() }

    /// Where it is read from; -1 where it isn't open.
    var descriptor: Int32 { reader.withLock { $0.descriptor } }

    /// Makes the pipe; returns the end to write to, which is the caller's to close; nil with errno
    /// where there are no descriptors left.
    func open() -> Int32? {
        var ends: [Int32] = [-1, -1]
        guard basalt_pipe(&ends) == 0 else { return nil }
        reader.withLock { $0.descriptor = ends[0] }
        return ends[1]
    }

    /// Reads what is there, a turn's worth at most; what was written before the call is among it.
    ///
    /// - Returns: false where nobody can write any more.
    @discardableResult func drain() -> Bool {
        reader.withLock { reader in
            guard reader.descriptor >= 0 else { return false }
            var byteCount = 0
            while byteCount < ProcessSupervisor.turnByteCount {
                let descriptor = reader.descriptor
                let count = reader.buffer.withUnsafeMutableBytes {
                    read(descriptor, $0.baseAddress, $0.count)
                }
                if count == 0 { return false }
                if count < 0 {
                    if errno == EINTR { continue }
                    return true
                }
                take(reader.buffer[..<count])
                byteCount += count
            }
            return true
        }
    }

    func close() {
        reader.withLock { reader in
            if reader.descriptor >= 0 { _ = Glibc.close(reader.descriptor) }
            reader.descriptor = -1
        }
    }
}
