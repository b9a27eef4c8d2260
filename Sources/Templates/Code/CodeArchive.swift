internal import Crypto
internal import Dispatch
internal import Glibc
internal import Wire

/// A function's or a layer's code, packed.
struct CodeArchive: Sendable {
    let bytes: [UInt8]
    /// Base64 of SHA-256, as CodeSha256 is.
    let digest: String
    /// What should be said about it.
    var notes: [String] = []

    init(bytes: [UInt8]) {
        self.bytes = bytes
        digest = Base64.encoded(Array(SHA256.hash(data: bytes)))
    }

    /// The most bytes of code that a request may carry, and of code unpacked.
    private static let packedByteCountMax = 50 << 20
    private static let unpackedByteCountMax = 250 << 20

    /// Text that stands in a template, as the file that a runtime looks for.
    static func inline(_ text: String, runtime: String) throws(TemplateError) -> CodeArchive {
        let name = runtime.hasPrefix("python") ? "index.py" : "index.js"
        var zip = ZipWriter()
        guard zip.add(name, mode: 0o100644, Array(text.utf8)), let bytes = zip.finished() else {
            throw TemplateError("the code is too large")
        }
        return CodeArchive(bytes: bytes)
    }

    /// Packs a directory or a file; a zip is taken as it is.
    ///
    /// Reads on a thread of its own.
    static func packed(path: String) async throws(TemplateError) -> CodeArchive {
        let result = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                let result = Result { () throws(TemplateError) in try pack(path) }
                continuation.resume(returning: result)
            }
        }
        return try result.get()
    }

    private static func pack(_ path: String) throws(TemplateError) -> CodeArchive {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw TemplateError("\(path): \(String(cString: strerror(errno)))")
        }
        var archive: CodeArchive
        if status.st_mode & S_IFMT == S_IFDIR {
            let directory = try CodeDirectory(path, byteCountMax: unpackedByteCountMax)
            archive = CodeArchive(bytes: try directory.zip())
            if let note = directory.note { archive.notes.append(note) }
        } else {
            let content = try CodeDirectory.content(path, byteCountMax: unpackedByteCountMax)
            if content.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
                archive = CodeArchive(bytes: content)
            } else {
                var zip = ZipWriter()
                let name = path.split(separator: "/").last.map(String.init) ?? path
                guard zip.add(name, mode: UInt32(status.st_mode), content),
                    let bytes = zip.finished()
                else { throw TemplateError("\(path): is too large for a zip") }
                archive = CodeArchive(bytes: bytes)
            }
        }
        guard archive.bytes.count <= packedByteCountMax else {
            throw TemplateError(
                "\(path): is \(archive.bytes.count >> 20) MB as a zip, more than the 50 MB that a "
                    + "request may carry: put it in a bucket")
        }
        return archive
    }
}
