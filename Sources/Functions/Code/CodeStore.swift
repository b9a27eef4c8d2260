internal import Crypto
internal import Glibc
internal import Operations
internal import Synchronization
internal import Wire

/// Zips of functions and layers by their hash, and what they unpack to.
///
///     DIRECTORY/zips/HASH           as uploaded
///     DIRECTORY/code/HASH/          unpacked: the LAMBDA_TASK_ROOT of functions
///     DIRECTORY/layers/HASH/        layers one over the other, by the hash of their hashes
///     DIRECTORY/boot                which start of the machine the unpacked files come from
///
/// The zips are durable; what is unpacked is made again after the machine went down. Everything
/// here waits for the device, so it is called on a thread that may.
final class CodeStore: Sendable {
    /// What a zip came to.
    struct Stored: Sendable {
        /// Base64 of the SHA-256 of the zip: CodeSha256.
        var sha256: String
        var byteCount: Int
    }

    /// The most bytes of a zip.
    static let zipBytesMax = 52_428_800

    /// Unpacked directories that nothing refers to any more, and when that was seen first.
    private let unused = Mutex<[String: ContinuousClock.Instant]>([:])
    private let directory: String

    /// Makes nothing yet: who has no function needs no files.
    init(directory: String) {
        self.directory = directory
        guard FileBytes.isDirectory(directory) else { return }
        FileBytes.names(in: "\(directory)/drafts").forEach {
            FileBytes.remove("\(directory)/drafts/\($0)")
        }
        forgetUnpackedOfEarlierBoot()
    }

    /// What was unpacked isn't synced: after a power cut, files may be there without their bytes.
    private func forgetUnpackedOfEarlierBoot() {
        let boot = FileBytes.read("/proc/sys/kernel/random/boot_id", max: 1_024) ?? []
        let marker = "\(directory)/boot"
        if !boot.isEmpty, FileBytes.read(marker, max: 1_024) == boot { return }
        for part in ["code", "layers"] {
            for name in FileBytes.names(in: "\(directory)/\(part)") {
                FileBytes.remove("\(directory)/\(part)/\(name)")
            }
        }
        _ = FileBytes.put(boot, at: marker)
    }

    private func makeDirectories() throws(ServiceError) {
        let isThere = FileBytes.isDirectory(directory)
        for part in ["zips", "code", "layers", "drafts"] {
            guard FileBytes.makeDirectories("\(directory)/\(part)") else {
                throw .serviceException("Cannot make \(directory)/\(part)")
            }
        }
        if !isThere { forgetUnpackedOfEarlierBoot() }
    }

    // MARK: Names

    /// A hash as a file's name.
    static func fileName(_ sha256: String) -> String {
        String(sha256.compactMap { $0 == "/" ? "_" : $0 == "+" ? "-" : $0 == "=" ? nil : $0 })
    }

    static func sha256(_ bytes: [UInt8]) -> String {
        Base64.encoded(Array(SHA256.hash(data: bytes)))
    }

    static func hexadecimalSHA256(_ text: String) -> String {
        Hexadecimal.text(SHA256.hash(data: Array(text.utf8)))
    }

    /// Where the code of a zip is unpacked.
    func codeDirectory(_ sha256: String) -> String {
        "\(directory)/code/\(Self.fileName(sha256))"
    }

    /// Where layers are unpacked one over the other; nil where there are none.
    func layerDirectory(_ layers: [String]) -> String? {
        guard !layers.isEmpty else { return nil }
        let name = Self.sha256(Array(layers.joined(separator: " ").utf8))
        return "\(directory)/layers/\(Self.fileName(name))"
    }

    // MARK: Zips

    /// Keeps a function's zip and unpacks it.
    ///
    /// - Throws: InvalidParameterValueException for what is no zip, or too large unpacked.
    func keepCode(_ zip: [UInt8]) throws(ServiceError) -> Stored {
        let stored = try keepZip(zip)
        try unpack([stored.sha256], to: codeDirectory(stored.sha256))
        return stored
    }

    /// Keeps a layer's zip, which is unpacked only with those that a function has beside it.
    func keepZip(_ zip: [UInt8]) throws(ServiceError) -> Stored {
        guard !zip.isEmpty else {
            throw .invalidParameterValue("Uploaded file must be a non-empty zip")
        }
        let archive = try Self.archive(zip)
        guard !archive.entries.isEmpty else {
            throw .invalidParameterValue("Uploaded file must be a non-empty zip")
        }
        guard archive.unpackedByteCount <= CodeTree.unpackedBytesMax else {
            throw .invalidParameterValue(
                "Unzipped size must be smaller than \(CodeTree.unpackedBytesMax) bytes")
        }
        _ = try CodeTree([archive])
        try makeDirectories()
        let stored = Stored(sha256: Self.sha256(zip), byteCount: zip.count)
        let path = zipPath(stored.sha256)
        if access(path, F_OK) != 0, !FileBytes.put(zip, at: path) {
            throw .serviceException("Cannot write \(path)")
        }
        return stored
    }

    /// A zip that was kept.
    func zip(_ sha256: String) -> [UInt8]? {
        FileBytes.read(zipPath(sha256), max: 1 << 30)
    }

    /// The same, by a name that `fileName` gave.
    func zip(fileName: String) -> [UInt8]? {
        guard Self.isFileName(fileName) else { return nil }
        return FileBytes.read("\(directory)/zips/\(fileName)", max: 1 << 30)
    }

    static func isFileName(_ name: String) -> Bool {
        name.utf8.count == 43
            && name.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20)
                    || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            }
    }

    private func zipPath(_ sha256: String) -> String {
        "\(directory)/zips/\(Self.fileName(sha256))"
    }

    private static func archive(_ zip: [UInt8]) throws(ServiceError) -> ZipArchive {
        do throws(ZipArchive.Damaged) {
            return try ZipArchive(zip)
        } catch {
            throw .badZip
        }
    }

    /// The bytes that kept zips unpack to, all together.
    func unpackedByteCount(_ hashes: [String]) throws(ServiceError) -> Int {
        var sum = 0
        for hash in hashes {
            guard let zip = zip(hash) else { continue }
            sum += try Self.archive(zip).unpackedByteCount
        }
        return sum
    }

    // MARK: Unpacking

    /// Makes sure that code and layers are unpacked.
    ///
    /// - Throws: ServiceException where a zip is gone.
    func prepare(code: String, layers: [String]) throws(ServiceError) {
        try unpack([code], to: codeDirectory(code))
        if let target = layerDirectory(layers) { try unpack(layers, to: target) }
    }

    private func unpack(_ hashes: [String], to target: String) throws(ServiceError) {
        _ = unused.withLock { $0.removeValue(forKey: target) }
        if FileBytes.isDirectory(target) { return }
        var archives: [ZipArchive] = []
        for hash in hashes {
            guard let zip = zip(hash) else {
                throw .serviceException("The zip \(Self.fileName(hash)) is gone")
            }
            archives.append(try Self.archive(zip))
        }
        let tree = try CodeTree(archives)
        try makeDirectories()
        var random = SystemRandomNumberGenerator()
        let draft = "\(directory)/drafts/\(random.next())"
        guard mkdir(draft, 0o755) == 0 else {
            throw .serviceException("Cannot make \(draft)")
        }
        do throws(ServiceError) {
            try tree.write(into: draft)
        } catch {
            FileBytes.remove(draft)
            throw error
        }
        if rename(draft, target) != 0 {
            let isThere = errno == EEXIST || errno == ENOTEMPTY
            FileBytes.remove(draft)
            guard isThere else { throw .serviceException("Cannot make \(target)") }
        }
    }

    // MARK: Removing

    /// How long an environment may go on with code that no function has any more: the longest
    /// timeout of an invocation, and some.
    private static let graceSeconds = 1_000

    /// Removes what nothing refers to.
    ///
    /// - Parameters:
    ///   - zips: hashes of the zips in use.
    ///   - layers: the combinations of layers in use.
    ///   - isStarting: nothing runs yet, so that nothing is granted time.
    func sweep(zips: Set<String>, layers: Set<[String]>, isStarting: Bool = false) {
        let names = Set(zips.map(Self.fileName))
        for name in FileBytes.names(in: "\(directory)/zips") where !names.contains(name) {
            FileBytes.remove("\(directory)/zips/\(name)")
        }
        let kept = Set(zips.map(codeDirectory) + layers.compactMap(layerDirectory))
        let now = ContinuousClock.now
        for part in ["code", "layers"] {
            for name in FileBytes.names(in: "\(directory)/\(part)") {
                let path = "\(directory)/\(part)/\(name)"
                let isDue = unused.withLock { unused -> Bool in
                    if kept.contains(path) {
                        unused[path] = nil
                        return false
                    }
                    let since = unused[path] ?? now
                    unused[path] = since
                    let isDue = isStarting || since.duration(to: now) >= .seconds(Self.graceSeconds)
                    if isDue { unused[path] = nil }
                    return isDue
                }
                if isDue { FileBytes.remove(path) }
            }
        }
    }
}
