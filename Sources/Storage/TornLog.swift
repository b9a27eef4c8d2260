import Glibc

/// The removal of what a write that was cut short left at the end of the newest log.
///
/// RocksDB itself tolerates a log that is too short, but not one whose last pages reached the
/// device in part, and a power cut leaves either. A damaged end is torn, and may be cut off, if no
/// later record begins behind it: a synced commit is one record, and the next is written only
/// after it, so what is cut off was never acknowledged. Damage with a record behind it is real.
///
/// A log is blocks of 32 KB. A record is fragments, none of which crosses a block's end: masked
/// CRC-32C of what follows the length, `u32`; payload length, `u16`; type (1 a whole record, 2 its
/// first, 3 a middle, 4 its last fragment); payload. Fewer than 7 bytes at a block's end are void.
enum TornLog {
    enum Verdict: Equatable {
        case whole
        /// Only the record that begins at this offset is damaged, and it is the last.
        case torn(at: Int)
        /// There is damage at this offset, and a sound record behind it.
        case damaged(at: Int)
    }

    /// Cuts the newest log of a store that does not open, if it is torn.
    ///
    /// - Returns: whether opening is worth another try.
    /// - Throws: `.corrupt` naming the log where it is damaged otherwise.
    static func cut(in directory: String) throws(StorageError) -> Bool {
        let lock = try lockStore(directory)
        defer { Glibc.close(lock) }
        let logs = try StoreDirectory.entries(of: directory).filter { $0.hasSuffix(".log") }
        // Names are numbers with leading zeros, longer once six digits don't suffice.
        guard let name = logs.max(by: { ($0.utf8.count, $0) < ($1.utf8.count, $1) }) else {
            return false
        }
        let path = "\(directory)/\(name)"
        let file = open(path, O_RDWR | O_CLOEXEC)
        guard file >= 0 else {
            throw .io("cannot open \(path): \(StoreDirectory.systemError())")
        }
        defer { Glibc.close(file) }
        switch verdict(try contents(of: file, path)) {
        case .whole:
            return false
        case .damaged(let offset):
            throw .corrupt("\(path) is damaged at byte \(offset), and later commits follow")
        case .torn(let offset):
            guard ftruncate(file, off_t(offset)) == 0, fsync(file) == 0 else {
                throw .io("cannot cut \(path): \(StoreDirectory.systemError())")
            }
            return true
        }
    }

    /// Where a log is damaged, and whether anything sound begins behind it.
    static func verdict(_ log: [UInt8]) -> Verdict {
        var offset = 0
        var recordStart = 0
        while offset < log.count {
            if isVoid(offset) {
                offset = blockEnd(offset)
                continue
            }
            guard let fragment = Fragment(log, at: offset) else {
                return recordBegins(in: log, after: offset)
                    ? .damaged(at: offset) : .torn(at: recordStart)
            }
            if fragment.type == .first { recordStart = offset }
            offset = fragment.end
            if fragment.type == .full || fragment.type == .last { recordStart = offset }
        }
        return recordStart < offset ? .torn(at: recordStart) : .whole
    }

    private static let blockByteCount = 32 << 10
    private static let headerByteCount = 7

    private static func blockEnd(_ offset: Int) -> Int {
        (offset / blockByteCount + 1) * blockByteCount
    }

    /// Whether an offset is in the last bytes of a block, too few for a fragment.
    private static func isVoid(_ offset: Int) -> Bool {
        blockEnd(offset) - offset < headerByteCount
    }

    private static func recordBegins(in log: [UInt8], after offset: Int) -> Bool {
        var next = offset + 1
        while next < log.count {
            if !isVoid(next), let fragment = Fragment(log, at: next) {
                if fragment.type == .full || fragment.type == .first { return true }
                next = fragment.end
            } else {
                next += 1
            }
        }
        return false
    }

    /// A fragment whose checksum is right.
    private struct Fragment {
        enum Kind: UInt8 {
            case full = 1
            case first = 2
            case middle = 3
            case last = 4
        }

        let type: Kind
        /// One past its last byte.
        let end: Int

        init?(_ log: [UInt8], at offset: Int) {
            guard log.count - offset >= headerByteCount,
                let type = Kind(rawValue: log[offset + 6])
            else { return nil }
            let length = Int(log[offset + 4]) | Int(log[offset + 5]) << 8
            let end = offset + headerByteCount + length
            guard end <= min(log.count, blockEnd(offset)) else { return nil }
            let stored = (0..<4).reduce(UInt32(0)) { $0 | UInt32(log[offset + $1]) << (8 * $1) }
            let checksum = crc32c(log[(offset + 6)..<end])
            let masked = (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
            guard stored == masked else { return nil }
            self.type = type
            self.end = end
        }
    }

    private static let crcTable: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1
        }
    }

    private static func crc32c(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var value = ~UInt32(0)
        crcTable.withUnsafeBufferPointer { table in
            for byte in bytes {
                value = table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ value >> 8
            }
        }
        return ~value
    }

    /// The database's own lock, so that no other process opens the store meanwhile.
    private static func lockStore(_ directory: String) throws(StorageError) -> Int32 {
        let path = "\(directory)/LOCK"
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            throw .io("cannot open \(path): \(StoreDirectory.systemError())")
        }
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        guard fcntl(file, F_SETLK, &lock) == 0 else {
            Glibc.close(file)
            throw .locked("the store \(directory) is in use by another process")
        }
        return file
    }

    private static func contents(
        of file: Int32, _ path: String
    ) throws(StorageError) -> [UInt8] {
        var status = stat()
        guard fstat(file, &status) == 0 else {
            throw .io("cannot read \(path): \(StoreDirectory.systemError())")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < bytes.count {
            let part = bytes.withUnsafeMutableBytes { buffer in
                read(file, buffer.baseAddress.map { $0 + count }, buffer.count - count)
            }
            guard part > 0 else {
                throw .io("cannot read \(path): \(StoreDirectory.systemError())")
            }
            count += part
        }
        return bytes
    }
}
