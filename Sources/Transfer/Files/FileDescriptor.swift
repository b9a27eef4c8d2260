internal import Glibc

/// An open file, closed when nobody has it any more.
///
/// Reads and writes retry what a signal interrupted, and tell the file's path in their errors.
final class FileDescriptor {
    let path: String
    private let descriptor: Int32
    private let isOwned: Bool

    private init(path: String, descriptor: Int32, isOwned: Bool) {
        self.path = path
        self.descriptor = descriptor
        self.isOwned = isOwned
    }

    deinit { if isOwned { close(descriptor) } }

    static func reading(_ path: String) throws(TransferError) -> FileDescriptor {
        try open(path, O_RDONLY)
    }

    /// - Parameter keepsContent: whether what is in the file stays.
    static func writing(
        _ path: String, keepsContent: Bool = false
    ) throws(TransferError) -> FileDescriptor {
        try open(path, O_RDWR | O_CREAT | (keepsContent ? 0 : O_TRUNC))
    }

    static var standardInput: FileDescriptor {
        FileDescriptor(path: "standard input", descriptor: STDIN_FILENO, isOwned: false)
    }

    static var standardOutput: FileDescriptor {
        FileDescriptor(path: "standard output", descriptor: STDOUT_FILENO, isOwned: false)
    }

    private static func open(_ path: String, _ flags: Int32) throws(TransferError) -> FileDescriptor
    {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw fault(path) }
        return FileDescriptor(path: path, descriptor: descriptor, isOwned: true)
    }

    /// The bytes that come next, at most so many; empty at the end.
    ///
    /// What a pipe or terminal has still to say is waited for only until the task is cancelled.
    func read(_ count: Int) throws(TransferError) -> [UInt8] {
        var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&waited, 1, 200) == 0 {
            if Task.isCancelled { throw TransferError("\(path): the reading was broken off") }
        }
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { space, filled in
            var got = -1
            repeat {
                got = Glibc.read(descriptor, space.baseAddress, count)
            } while got < 0 && errno == EINTR
            failed = got < 0
            filled = max(0, got)
        }
        if failed { throw Self.fault(path) }
        return bytes
    }

    func write(_ bytes: [UInt8]) throws(TransferError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                var fault = Self.fault(path)
                fault.isOutputClosed = errno == EPIPE && descriptor == STDOUT_FILENO
                throw fault
            }
            written += count
        }
    }

    /// Goes to a place; false for what has no places, like a pipe.
    func seek(to offset: Int) -> Bool { lseek(descriptor, offset, SEEK_SET) == offset }

    /// Cuts the file off and goes to its end.
    func truncate(to length: Int) throws(TransferError) {
        guard ftruncate(descriptor, length) == 0, seek(to: length) else { throw Self.fault(path) }
    }

    /// Returns when what was written is on the disk.
    func synchronize() throws(TransferError) {
        guard fsync(descriptor) == 0 else { throw Self.fault(path) }
    }

    /// How many bytes there are; nil for what has no length, like a pipe.
    var length: Int? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        return Int(status.st_size)
    }

    private static func fault(_ path: String) -> TransferError {
        TransferError("\(path): \(String(cString: strerror(errno)))")
    }
}
