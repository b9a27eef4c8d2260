internal import Glibc

/// Whole files and directories; everything here waits for the device.
enum FileBytes {
    static func writeAll(_ bytes: UnsafeRawBufferPointer, to file: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(
                file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                return false
            }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Puts a file in place, whole and durable; false where it cannot be.
    static func put(_ bytes: [UInt8], at path: String) -> Bool {
        let draft = path + ".part"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
        let isWritten = bytes.withUnsafeBytes { writeAll($0, to: file) } && fsync(file) == 0
        close(file)
        guard isWritten, rename(draft, path) == 0 else {
            unlink(draft)
            return false
        }
        return syncDirectory(ofPath: path)
    }

    private static func syncDirectory(ofPath path: String) -> Bool {
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return false }
        defer { close(directory) }
        return fsync(directory) == 0
    }

    /// A file's bytes; nil where it cannot be read or is larger than allowed.
    static func read(_ path: String, max: Int) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var space = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(file, &space, space.count)
            if count < 0 {
                if errno == EINTR { continue }
                return nil
            }
            if count == 0 { return bytes }
            bytes += space[..<count]
            if bytes.count > max { return nil }
        }
    }

    /// Makes a directory and those above it.
    static func makeDirectories(_ path: String) -> Bool {
        var at = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            at += "/" + part
            guard mkdir(at, 0o755) == 0 || errno == EEXIST else { return false }
        }
        return true
    }

    /// The names in a directory, without `.` and `..`; empty where there is none.
    static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Removes a file, or a directory and all within it; links are removed, not followed.
    static func remove(_ path: String) {
        var waiting = [path]
        var emptied: [String] = []
        while let next = waiting.popLast() {
            var status = stat()
            guard lstat(next, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                chmod(next, 0o700)
                emptied.append(next)
                waiting += names(in: next).map { next + "/" + $0 }
            } else {
                unlink(next)
            }
        }
        for directory in emptied.reversed() { rmdir(directory) }
    }
}
