internal import Crypto
internal import Glibc
internal import Wire

/// What the files under a directory look like: changes with any name, size or time of change.
///
/// Hidden directories of tools and what Python leaves behind aren't looked at, and of installed
/// packages of Node.js only which there are.
struct DirectorySignature {
    /// Deeper directories, and entries beyond this count, aren't looked at.
    private static let depthMax = 32
    private static let entriesMax = 50_000
    private static let ignored: Set<String> = [
        ".", "..", "__pycache__", ".git", ".venv", ".pytest_cache", ".mypy_cache",
    ]

    /// The same for the same files, in this process and in any other.
    private(set) var value: UInt64 = 0
    /// The bytes of all files that are looked at.
    private(set) var byteCount = 0
    private var entryCount = 0

    /// In the form of a zip's hash, for a function's configuration.
    var codeSha256: String {
        Base64.encoded(Array(SHA256.hash(data: Array("\(entryCount) \(value)".utf8))))
    }

    /// Reads the directory; blocks while it does.
    init(of path: String) {
        add(path, relativePath: "", depth: 0)
    }

    private mutating func add(_ path: String, relativePath: String, depth: Int) {
        guard depth < Self.depthMax, let directory = opendir(path) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory), entryCount < Self.entriesMax {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if Self.ignored.contains(name) { continue }
            var status = stat()
            guard fstatat(dirfd(directory), name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                continue
            }
            entryCount += 1
            let isDirectory = status.st_mode & S_IFMT == S_IFDIR
            let relativePath = "\(relativePath)/\(name)"
            // A directory's own time changes with what is ignored in it.
            if !isDirectory {
                add(relativePath, status)
                byteCount += Int(status.st_size)
            }
            guard isDirectory else { continue }
            if name == "node_modules" {
                addNames("\(path)/\(name)", relativePath: relativePath)
            } else {
                add("\(path)/\(name)", relativePath: relativePath, depth: depth + 1)
            }
        }
    }

    /// Packages that are installed: which there are, and when they last changed at their top.
    private mutating func addNames(_ path: String, relativePath: String) {
        guard let directory = opendir(path) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory), entryCount < Self.entriesMax {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            var status = stat()
            guard name != "..", fstatat(dirfd(directory), name, &status, AT_SYMLINK_NOFOLLOW) == 0
            else { continue }
            entryCount += 1
            add("\(relativePath)/\(name)", status)
        }
    }

    /// Adds an entry; the order of entries doesn't matter.
    private mutating func add(_ relativePath: String, _ status: stat) {
        let line =
            "\(relativePath)\0\(status.st_size) \(status.st_mtim.tv_sec) "
            + "\(status.st_mtim.tv_nsec) \(status.st_ino)"
        let digest = SHA256.hash(data: Array(line.utf8))
        value &+= digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
