import Glibc

/// A small text file, read whole.
enum TextFile {
    /// Larger files are refused, in bytes.
    private static let byteCountMax = 1 << 20

    /// - Throws: one line with the path and the system's reason.
    static func read(_ path: String) throws(ConfigurationError) -> String {
        guard let file = fopen(path, "r") else {
            throw ConfigurationError("\(path): \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while bytes.count <= byteCountMax {
            let piece = [UInt8](unsafeUninitializedCapacity: 4_096) { buffer, count in
                count = fread(buffer.baseAddress, 1, 4_096, file)
            }
            if piece.isEmpty { break }
            bytes += piece
        }
        guard ferror(file) == 0 else { throw ConfigurationError("\(path): cannot be read") }
        guard bytes.count <= byteCountMax else {
            throw ConfigurationError("\(path): is larger than 1 MB")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
