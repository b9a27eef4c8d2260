internal import Glibc

/// How much memory processes have, read from /proc.
enum ProcessMemory {
    /// The most kilobytes that a process itself has ever had in memory; 0 where that isn't told.
    static func peakKilobytes(of process: Int32) -> Int {
        field("VmHWM:", of: contents("/proc/\(process)/status", byteCountMax: 4096))
    }

    /// Kilobytes that a process has in memory now; 0 where that isn't told.
    static func residentKilobytes(of process: Int32) -> Int {
        let text = contents("/proc/\(process)/statm", byteCountMax: 256)
        let fields = text.split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard fields.count > 1, let pages = number(fields[1]) else { return 0 }
        return pages * pageKilobytes
    }

    /// Kilobytes in memory by session, of those sessions that are asked for.
    static func residentKilobytes(ofSessions sessions: Set<Int32>) -> [Int32: Int] {
        var sums: [Int32: Int] = [:]
        guard let directory = opendir("/proc") else { return sums }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            guard let process = processID(entry) else { continue }
            let stat = contents("/proc/\(process)/stat", byteCountMax: 1024)
            // The name stands in brackets and may hold anything, brackets included.
            guard let bracket = stat.lastIndex(of: UInt8(ascii: ")")) else { continue }
            let fields = stat[(bracket + 1)...].split(separator: UInt8(ascii: " "))
            // After the name: state, parent, group, session; the 22nd is the resident pages.
            guard fields.count > 21, let session = number(fields[3]),
                let id = Int32(exactly: session), sessions.contains(id),
                let pages = number(fields[21])
            else { continue }
            sums[id, default: 0] += pages * pageKilobytes
        }
        return sums
    }

    private static let pageKilobytes = max(1, Int(sysconf(Int32(_SC_PAGESIZE))) / 1024)

    /// The process that an entry of /proc stands for; nil for other entries.
    private static func processID(_ entry: UnsafeMutablePointer<dirent>) -> Int? {
        withUnsafeBytes(of: &entry.pointee.d_name) { name in
            number(name.prefix { $0 != 0 })
        }
    }

    private static func number(_ digits: some Collection<UInt8>) -> Int? {
        guard !digits.isEmpty, digits.count <= 15 else { return nil }
        var value = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }

    /// The number after a name, spaces and tabs between them.
    private static func field(_ name: String, of text: [UInt8]) -> Int {
        for line in text.split(separator: UInt8(ascii: "\n"))
        where line.starts(with: name.utf8) {
            let digits = line.dropFirst(name.utf8.count).drop { !(0x30...0x39).contains($0) }
                .prefix { (0x30...0x39).contains($0) }
            return number(digits) ?? 0
        }
        return 0
    }

    /// The start of a small file; empty where it can't be read.
    private static func contents(_ path: String, byteCountMax: Int) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        return [UInt8](unsafeUninitializedCapacity: byteCountMax) { buffer, count in
            count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
        }
    }
}
