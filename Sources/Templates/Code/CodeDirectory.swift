internal import Glibc

/// The files of a directory that go into a function's code.
struct CodeDirectory {
    private struct File {
        /// Relative, with slashes.
        let path: String
        let mode: UInt32
        /// Where a link points to; nil: it is a file.
        let link: String?
        let byteCount: Int
    }

    private let root: String
    private var files: [File] = []
    private let byteCountMax: Int

    private static let depthMax = 64
    /// What no function runs: version control, caches, builds and data of ours.
    private static let passedOver: Set<String> = [
        ".git", ".hg", ".svn", ".DS_Store", "__pycache__", ".pytest_cache", ".aws-sam",
        ".terraform", "basalt-data",
    ]

    /// Lists a directory, in the order of the names' bytes.
    init(_ root: String, byteCountMax: Int) throws(TemplateError) {
        self.root = root
        self.byteCountMax = byteCountMax
        var total = 0
        var pending: [(path: String, depth: Int)] = [("", 0)]
        while let next = pending.popLast() {
            for name in try Self.names(in: root + "/" + next.path) {
                if Self.passedOver.contains(name) || name.hasSuffix(".pyc") { continue }
                let path = next.path.isEmpty ? name : next.path + "/" + name
                guard let file = try Self.file(root, path) else {
                    guard next.depth < Self.depthMax else {
                        throw TemplateError("\(root)/\(path): is nested too deeply")
                    }
                    pending.append((path, next.depth + 1))
                    continue
                }
                total += file.byteCount
                guard total <= byteCountMax else {
                    throw TemplateError("\(root): has more than \(byteCountMax >> 20) MB of files")
                }
                files.append(file)
            }
        }
        files.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// Says what is missing: packages that Python code asks for aren't installed.
    var note: String? {
        guard files.contains(where: { $0.path == "requirements.txt" }),
            !files.contains(where: { $0.path.contains(".dist-info/") })
        else { return nil }
        let names = Set(files.compactMap { $0.path.split(separator: "/").first })
        let hasRequirements =
            (try? Self.content(root + "/requirements.txt", byteCountMax: 1 << 20))
            .map { text in
                String(decoding: text, as: UTF8.self).split(separator: "\n").contains {
                    let line = $0.drop { $0 == " " }
                    let name = line.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
                    // boto3 is there where the functions run.
                    return !name.isEmpty && name != "boto3" && name != "botocore"
                        && !names.contains(name)
                }
            } ?? false
        guard hasRequirements else { return nil }
        return "\(root)/requirements.txt isn't installed: vendor the packages with "
            + "`pip install -r requirements.txt -t .` or run `sam build` first"
    }

    func zip() throws(TemplateError) -> [UInt8] {
        var zip = ZipWriter()
        for file in files {
            let content: [UInt8]
            if let link = file.link {
                content = Array(link.utf8)
            } else {
                content = try Self.content(root + "/" + file.path, byteCountMax: byteCountMax)
            }
            guard zip.add(file.path, mode: file.mode, content) else {
                throw TemplateError("\(root)/\(file.path): doesn't fit into a zip")
            }
        }
        guard let bytes = zip.finished() else {
            throw TemplateError("\(root): doesn't fit into a zip")
        }
        return bytes
    }

    // MARK: The file system

    /// A file or a link at a path; nil where it is a directory.
    private static func file(_ root: String, _ path: String) throws(TemplateError) -> File? {
        let full = root + "/" + path
        var status = stat()
        guard lstat(full, &status) == 0 else { throw fault(full) }
        if status.st_mode & S_IFMT == S_IFLNK, let target = inner(link: full, at: path) {
            return File(path: path, mode: 0o120777, link: target, byteCount: target.utf8.count)
        }
        guard stat(full, &status) == 0 else { throw fault(full) }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return nil
        case S_IFREG:
            // Permissions as Git keeps them: what a umask does is no change of the code.
            let mode: UInt32 = status.st_mode & 0o100 == 0 ? 0o100644 : 0o100755
            return File(path: path, mode: mode, link: nil, byteCount: Int(status.st_size))
        default: throw TemplateError("\(full): is no file")
        }
    }

    /// What a link says, where it stays in the directory; nil where it leads out of it.
    private static func inner(link: String, at path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(link, &buffer, buffer.count)
        guard count > 0, count < buffer.count else { return nil }
        let target = String(
            decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard !target.hasPrefix("/") else { return nil }
        var depth = path.split(separator: "/").count - 1
        for part in target.split(separator: "/") where part != "." {
            depth += part == ".." ? -1 : 1
            if depth < 0 { return nil }
        }
        return target
    }

    private static func names(in path: String) throws(TemplateError) -> [String] {
        guard let directory = opendir(path) else { throw fault(path) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// A file's bytes.
    static func content(_ path: String, byteCountMax: Int) throws(TemplateError) -> [UInt8] {
        guard let file = fopen(path, "r") else { throw fault(path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while true {
            let piece = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                count = fread(buffer.baseAddress, 1, 1 << 16, file)
            }
            if piece.isEmpty { break }
            bytes += piece
            guard bytes.count <= byteCountMax else {
                throw TemplateError("\(path): is larger than \(byteCountMax >> 20) MB")
            }
        }
        guard ferror(file) == 0 else { throw TemplateError("\(path): cannot be read") }
        return bytes
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func fault(_ path: String) -> TemplateError {
        TemplateError("\(path): \(String(cString: strerror(errno)))")
    }
}
