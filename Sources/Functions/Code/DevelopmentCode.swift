internal import Crypto
internal import Glibc
internal import Wire

/// The state of a directory whose code runs in place.
package enum DevelopmentCode {
    /// The most files that are looked at; more are not code of one's own.
    private static let filesMax = 20_000

    /// A hash over names, sizes and times of the files in a directory (hidden ones and what Python
    /// leaves behind apart), and the bytes of them all; nil where there is no such directory.
    ///
    /// Waits for the device.
    package static func state(of directory: String) -> (sha256: String, byteCount: Int)? {
        guard FileBytes.isDirectory(directory) else { return nil }
        var hash = SHA256()
        var byteCount = 0
        var fileCount = 0
        var waiting = [directory]
        while let next = waiting.popLast(), fileCount < filesMax {
            for name in FileBytes.names(in: next).sorted() {
                guard !name.hasPrefix("."), name != "__pycache__" else { continue }
                let path = next + "/" + name
                var status = stat()
                guard lstat(path, &status) == 0 else { continue }
                if status.st_mode & S_IFMT == S_IFDIR {
                    waiting.append(path)
                    continue
                }
                fileCount += 1
                byteCount += Int(status.st_size)
                let line =
                    "\(path)\0\(status.st_size) \(status.st_mtim.tv_sec) "
                    + "\(status.st_mtim.tv_nsec) \(status.st_ino)\n"
                hash.update(data: Array(line.utf8))
            }
        }
        return (Base64.encoded(Array(hash.finalize())), byteCount)
    }
}
