import Glibc

/// The data directory and its marker, the file `BASALT` with the text `basalt-store <version>`.
///
/// The marker is written before anything else and by renaming, so a crash at any point leaves
/// either an empty directory (with at most the temporary file) or a marked one; only a directory
/// that someone else filled is foreign.
enum StoreDirectory {
    /// The format that this build writes, and the newest it reads.
    ///
    /// 2 added streams, expiry entries and transaction tokens, which a build that knows nothing of
    /// them would let fall behind the items. A store of format 1 becomes one of 2 when it is
    /// opened.
    static let formatVersion = 2
    static let markerName = "BASALT"
    private static let temporaryName = "BASALT.tmp"
    private static let markerWord = "basalt-store"
    /// Names that an otherwise empty directory may hold: our own, and a mount point's.
    private static let ignoredNames: Set<String> = [temporaryName, "lost+found"]

    /// Makes or checks the directory of a store.
    ///
    /// - Throws: `.unreadable`, `.foreign`, `.newerFormat`, or `.corrupt` where the database's
    ///   own root file is gone beside its data (opening it would make an empty store of it).
    static func prepare(_ path: String) throws(StorageError) {
        guard !path.isEmpty else { throw .unreadable("the data directory has no name") }
        try makeDirectory(path)
        guard access(path, R_OK | W_OK | X_OK) == 0 else {
            throw .unreadable("cannot use the data directory \(path): \(systemError())")
        }
        let names = try entries(of: path)
        guard names.contains(markerName) else {
            guard names.subtracting(ignoredNames).isEmpty else {
                throw .foreign("\(path) is not empty and is no Basalt store: it has no BASALT file")
            }
            try writeMarker(in: path)
            return
        }
        let version = try markedVersion(in: path)
        let hasData = names.contains { $0.hasSuffix(".sst") || $0.hasSuffix(".log") }
        if hasData, !names.contains("CURRENT") {
            throw .corrupt("\(path)/CURRENT is missing beside the store's data")
        }
        if version < formatVersion { try writeMarker(in: path) }
    }

    /// Writes the marker: to a temporary file, synced, then renamed, then the directory synced.
    static func writeMarker(in path: String) throws(StorageError) {
        let temporary = "\(path)/\(temporaryName)"
        let text = Array("\(markerWord) \(formatVersion)\n".utf8)
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw failure("cannot write \(temporary)") }
        let written = text.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard written == text.count, fsync(file) == 0 else {
            let error = failure("cannot write \(temporary)")
            Glibc.close(file)
            throw error
        }
        Glibc.close(file)
        guard rename(temporary, "\(path)/\(markerName)") == 0 else {
            throw failure("cannot write \(path)/\(markerName)")
        }
        try sync(path)
    }

    /// Syncs a directory, so that the names in it are kept.
    static func sync(_ path: String) throws(StorageError) {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure("cannot open \(path)") }
        defer { Glibc.close(directory) }
        guard fsync(directory) == 0 else { throw failure("cannot sync \(path)") }
    }

    /// The directory that holds a path.
    static func parent(of path: String) -> String {
        var trimmed = path[...]
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        let parent = trimmed[..<slash]
        return parent.isEmpty ? "/" : String(parent)
    }

    /// Whether anything is at a path, a dangling link included.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// The names in a directory, without `.` and `..`.
    static func entries(of path: String) throws(StorageError) -> Set<String> {
        guard let directory = opendir(path) else {
            throw .unreadable("cannot read the directory \(path): \(systemError())")
        }
        defer { closedir(directory) }
        var names: Set<String> = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.insert(name) }
        }
        return names
    }

    /// Deletes a directory and the files in it; for the leftovers of a failed copy.
    static func removeFlatDirectory(_ path: String) {
        for name in (try? entries(of: path)) ?? [] { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    /// The text of the last failed system call.
    static func systemError() -> String { String(cString: strerror(errno)) }

    private static func failure(_ what: String) -> StorageError {
        let code = errno
        let text = "\(what): \(String(cString: strerror(code)))"
        switch code {
        case ENOSPC, EDQUOT: return .full(text)
        case EACCES, EPERM, EROFS, ENOENT, ENOTDIR: return .unreadable(text)
        default: return .io(text)
        }
    }

    /// Makes a directory and those above it, each synced into its parent.
    private static func makeDirectory(_ path: String) throws(StorageError) {
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw .unreadable("\(path) is not a directory")
            }
            return
        }
        guard errno == ENOENT else {
            throw .unreadable("cannot use the data directory \(path): \(systemError())")
        }
        let above = parent(of: path)
        if above != path { try makeDirectory(above) }
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw failure("cannot make the data directory \(path)")
        }
        try sync(above)
    }

    /// The version that the marker names.
    private static func markedVersion(in path: String) throws(StorageError) -> Int {
        let marker = "\(path)/\(markerName)"
        let file = open(marker, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .unreadable("cannot read \(marker): \(systemError())") }
        defer { Glibc.close(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw .unreadable("cannot read \(marker): \(systemError())") }
        let words = String(decoding: bytes[..<count], as: UTF8.self)
            .split(whereSeparator: \.isWhitespace)
        guard words.count == 2, words[0] == markerWord, let version = Int(words[1]), version > 0
        else {
            throw .foreign("\(marker) is not a Basalt store's marker")
        }
        guard version <= formatVersion else {
            throw .newerFormat(found: version, supported: formatVersion)
        }
        return version
    }
}
