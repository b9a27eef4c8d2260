internal import Glibc
internal import Operations

/// What archives, one over the other, come to as a directory.
///
/// Nothing is ever written outside of the directory: names that lead out are refused, and symbolic
/// links are made last, so that no file is written through one.
struct CodeTree {
    /// The most bytes that a function's code and layers unpack to.
    static let unpackedBytesMax = 262_144_000

    private struct Place {
        var archive: ZipArchive
        var entry: ZipArchive.Entry
    }

    private var directories: Set<String> = []
    private var files: [String: Place] = [:]

    /// - Parameter archives: a later one's files stand in place of an earlier one's.
    /// - Throws: InvalidParameterValueException where a name leads out of the directory.
    init(_ archives: [ZipArchive]) throws(ServiceError) {
        for archive in archives {
            for entry in archive.entries {
                guard let path = Self.path(entry.name) else { throw .badZip }
                if path.isEmpty { continue }
                if entry.isDirectory {
                    directories.insert(path)
                } else {
                    files[path] = Place(archive: archive, entry: entry)
                }
            }
        }
    }

    /// A name without `.` and empty parts; nil where it is absolute, leads upwards, or is none.
    static func path(_ name: String) -> String? {
        guard !name.hasPrefix("/"), !name.utf8.contains(0), name.utf8.count < 4_000 else {
            return nil
        }
        var parts: [Substring] = []
        for part in name.split(separator: "/") where part != "." {
            guard part != "..", part.utf8.count <= 255 else { return nil }
            parts.append(part)
        }
        return parts.joined(separator: "/")
    }

    /// Writes everything into a directory that is there and empty.
    ///
    /// - Throws: InvalidParameterValueException where an archive is damaged or contradicts itself,
    ///   ServiceException where the files cannot be written.
    func write(into root: String) throws(ServiceError) {
        var made: Set<String> = []
        for directory in directories.sorted() {
            try makeDirectory(directory, in: root, made: &made)
        }
        let paths = files.keys.sorted()
        for path in paths {
            guard let place = files[path], !place.entry.isSymbolicLink else { continue }
            if let slash = path.lastIndex(of: "/") {
                try makeDirectory(String(path[..<slash]), in: root, made: &made)
            }
            try write(place, to: root + "/" + path)
        }
        for path in paths {
            guard let place = files[path], place.entry.isSymbolicLink else { continue }
            try link(place, at: path, in: root, made: &made)
        }
    }

    private func makeDirectory(
        _ path: String, in root: String, made: inout Set<String>
    ) throws(ServiceError) {
        if made.contains(path) { return }
        var at = root
        for part in path.split(separator: "/") {
            at += "/" + part
            guard mkdir(at, 0o755) == 0 || errno == EEXIST else { throw Self.fault(at) }
        }
        made.insert(path)
    }

    private func write(_ place: Place, to path: String) throws(ServiceError) {
        // What runs it must be able to read it, whatever the archive says.
        let mode = (place.entry.mode ?? 0o644) | 0o400
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.fault(path) }
        defer { close(file) }
        var isWritten = true
        do throws(ZipArchive.Damaged) {
            try place.archive.unpack(place.entry) { piece in
                isWritten = FileBytes.writeAll(piece, to: file)
                return isWritten
            }
        } catch {
            if !isWritten { throw Self.fault(path) }
            throw .badZip
        }
        fchmod(file, mode_t(mode))
    }

    /// Makes a symbolic link, unless it leads out of the directory: such a one is left out.
    private func link(
        _ place: Place, at path: String, in root: String, made: inout Set<String>
    ) throws(ServiceError) {
        var bytes: [UInt8] = []
        do throws(ZipArchive.Damaged) {
            try place.archive.unpack(place.entry) { piece in
                bytes += piece
                return bytes.count < 4_096
            }
        } catch {
            throw .badZip
        }
        let target = String(decoding: bytes, as: UTF8.self)
        guard Self.staysInside(target, from: path) else { return }
        if let slash = path.lastIndex(of: "/") {
            try makeDirectory(String(path[..<slash]), in: root, made: &made)
        }
        guard symlink(target, root + "/" + path) == 0 else { throw Self.fault(path) }
    }

    /// Whether a link's target, read from where the link stands, lies within the directory.
    static func staysInside(_ target: String, from path: String) -> Bool {
        guard !target.isEmpty, !target.hasPrefix("/"), !target.utf8.contains(0) else {
            return false
        }
        var depth = path.split(separator: "/").count - 1
        for part in target.split(separator: "/") where part != "." {
            depth += part == ".." ? -1 : 1
            if depth < 0 { return false }
        }
        return true
    }

    /// A name that is both file and directory is the archive's fault, anything else ours.
    private static func fault(_ path: String) -> ServiceError {
        switch errno {
        case ENOTDIR, EEXIST, EISDIR, ELOOP, ENAMETOOLONG: .badZip
        default: .serviceException("Cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }
}
