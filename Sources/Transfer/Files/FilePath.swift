internal import Glibc

/// What is done with files as a whole.
package enum FilePath {
    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    package static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether a path names a regular file, or nothing: neither a directory, a pipe nor a device.
    package static func isFileOrNothing(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
    }

    /// The bytes of a regular file; nil for anything else.
    ///
    /// It isn't opened, which a pipe's writer would see.
    static func length(_ path: String) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    static func joined(_ directory: String, _ name: String) -> String {
        directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
    }

    /// What comes after the last slash.
    static func name(_ path: String) -> String {
        String(path.split(separator: "/").last ?? "")
    }

    /// The directory that a path lies in.
    static func directory(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes a directory, and those above it.
    static func makeDirectory(_ path: String) throws(TransferError) {
        if path.isEmpty || isDirectory(path) { return }
        let above = directory(path)
        if above != path { try makeDirectory(above) }
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw fault(path) }
    }

    /// The names in a directory, sorted; without those that begin with a dot.
    static func names(in path: String) throws(TransferError) -> [String] {
        guard let directory = opendir(path) else { throw fault(path) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// Gives a file another's name, whose place it takes; durable when this returns, unless the
    /// caller synchronizes the directory.
    static func rename(
        _ path: String, to other: String, synchronizes: Bool = true
    ) throws(TransferError) {
        guard Glibc.rename(path, other) == 0 else { throw fault(path) }
        if synchronizes { try synchronize(directory: directory(other)) }
    }

    static func remove(_ path: String) {
        unlink(path)
    }

    /// Writes a small file whole or not at all.
    static func write(_ bytes: [UInt8], to path: String) throws(TransferError) {
        let partial = path + ".writing"
        let file = try FileDescriptor.writing(partial)
        try file.write(bytes)
        try file.synchronize()
        try rename(partial, to: path)
    }

    /// The bytes of a small file.
    static func read(_ path: String) throws(TransferError) -> [UInt8] {
        let file = try FileDescriptor.reading(path)
        var bytes: [UInt8] = []
        while true {
            let more = try file.read(1 << 16)
            if more.isEmpty { return bytes }
            bytes += more
            guard bytes.count <= 256 << 20 else {
                throw TransferError("\(path): too large for what it should be")
            }
        }
    }

    static func synchronize(directory: String) throws(TransferError) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault(directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw fault(directory) }
    }

    private static func fault(_ path: String) -> TransferError {
        TransferError("\(path): \(String(cString: strerror(errno)))")
    }
}
