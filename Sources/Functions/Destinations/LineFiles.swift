internal import Dispatch
internal import Glibc
internal import Operations
internal import Wire

/// A destination that is a file of this machine.
enum LocalFile {
    static let scheme = "file:"

    /// The path of `file:///tmp/a.jsonl`, `file:/tmp/a.jsonl` or `file:a.jsonl`, where the last is
    /// relative to where the server was started.
    static func path(_ url: String) throws(ServiceError) -> String {
        var rest = url.dropFirst(scheme.count)
        if rest.hasPrefix("//localhost/") {
            rest = rest.dropFirst("//localhost".count)
        } else if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            // What stands there names another machine.
            guard rest.hasPrefix("/") else { throw fault(url, "names another machine") }
        }
        let path = PercentText.decoded(rest)
        guard !path.isEmpty, !path.hasSuffix("/"), !path.utf8.contains(0) else {
            throw fault(url, "names no file")
        }
        return path
    }

    static func fault(_ name: String, _ reason: String) -> ServiceError {
        ServiceError("InvalidDestination", "\(name): \(reason)", namespace: .rest)
    }
}

/// Appends lines to files, one after another, away from the threads of tasks.
final class LineFiles: Sendable {
    private let queue = DispatchQueue(label: "basalt.destinations.files")

    /// Appends a JSON document as one line; returns when it is on the device.
    func append(_ document: [UInt8], to path: String) async throws(ServiceError) {
        // Line ends within JSON stand between tokens only, where a space means the same.
        let line = document.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 } + [0x0A]
        let result = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Self.write(line, to: path)) }
        }
        try result.get()
    }

    private static func write(_ line: [UInt8], to path: String) -> Result<Void, ServiceError> {
        func failure() -> Result<Void, ServiceError> {
            .failure(LocalFile.fault(path, String(cString: strerror(errno))))
        }
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { return failure() }
        defer { close(file) }
        var written = 0
        while written < line.count {
            let count = line[written...].withUnsafeBytes {
                Glibc.write(file, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return failure() }
            written += count
        }
        // Pipes and terminals have nothing to sync.
        guard fdatasync(file) == 0 || errno == EINVAL || errno == EROFS else { return failure() }
        return .success(())
    }
}
