import Glibc

/// A small text file, read whole.
enum TextFile {
    /// Larger files are refused, in bytes.
    private static let byteCountMax = 1 << 20

    /// - Throws: one line with the path and the system's reason.
    static func read(_ path: String) throws(ConfigurationError) -> String {
        String(decoding: try bytes(path, max: byteCountMax), as: UTF8.self)
    }

    /// The bytes of a file that has at most so many.
    static func bytes(_ path: String, max: Int) throws(ConfigurationError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else {
            throw ConfigurationError("\(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        return try bytes(of: descriptor, path, max: max)
    }

    /// What can be read from a descriptor, to the end.
    ///
    /// - Parameter name: what it is told as.
    static func bytes(
        of descriptor: Int32, _ name: String, max: Int
    ) throws(ConfigurationError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count <= max {
            var count = 0
            let piece = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, filled in
                count = Glibc.read(descriptor, buffer.baseAddress, 65_536)
                filled = Swift.max(0, count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw ConfigurationError("\(name): \(String(cString: strerror(errno)))")
            }
            if count == 0 { return bytes }
            bytes += piece
        }
        throw ConfigurationError("\(name): is larger than \(max >> 20) MB")
    }
}
