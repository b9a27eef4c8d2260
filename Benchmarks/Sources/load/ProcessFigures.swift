import Glibc

/// What the kernel tells of a process.
enum ProcessFigures {
    /// The CPU seconds, user and system, that all threads of a process have used.
    static func cpuSeconds(_ process: Int) throws(LoadError) -> Double {
        let stat = try contents("/proc/\(process)/stat")
        // The name, in brackets, may hold spaces: fields are counted from behind it.
        guard let bracket = stat.lastIndex(of: ")") else {
            throw LoadError("/proc/\(process)/stat cannot be read")
        }
        let fields = stat[stat.index(after: bracket)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12])
        else { throw LoadError("/proc/\(process)/stat cannot be read") }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The resident memory of a process, in bytes.
    static func residentBytes(_ process: Int) throws(LoadError) -> Int {
        let status = try contents("/proc/\(process)/status")
        for line in status.split(separator: "\n") where line.hasPrefix("VmRSS:") {
            let fields = line.split { $0 == " " || $0 == "\t" }
            if fields.count > 1, let kilobytes = Int(fields[1]) { return kilobytes * 1_024 }
        }
        throw LoadError("/proc/\(process)/status has no VmRSS")
    }

    private static func contents(_ path: String) throws(LoadError) -> String {
        guard let file = fopen(path, "r") else {
            throw LoadError("\(path): \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 8_192)
        let count = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer[..<count], as: UTF8.self)
    }
}
