/// Makes zips byte by byte, whole ones and such as nobody should make.
struct ZipBuilder {
    struct File {
        var name: String
        var content: [UInt8]
        /// With the kind of file, as archives of Unix have it.
        var mode: UInt16 = 0o100644
        var checksum: UInt32?
        var claimedByteCount: Int?
    }

    var files: [File] = []
    /// What stands before the archive.
    var prefix: [UInt8] = []
    var comment: [UInt8] = []

    init(_ files: [(name: String, content: String)] = []) {
        self.files = files.map { File(name: $0.name, content: Array($0.content.utf8)) }
    }

    var bytes: [UInt8] {
        var body: [UInt8] = []
        var directory: [UInt8] = []
        for file in files {
            let name = Array(file.name.utf8)
            let checksum = file.checksum ?? Self.crc32(file.content)
            let sizes =
                Self.uint32(file.content.count)
                + Self.uint32(file.claimedByteCount ?? file.content.count)
            let common =
                Self.uint16(20) + Self.uint16(0) + Self.uint16(0) + Self.uint32(0)
                + Self.uint32(Int(checksum)) + sizes + Self.uint16(name.count) + Self.uint16(0)
            directory += [0x50, 0x4B, 1, 2, 20, 3]
            directory += common + [UInt8](repeating: 0, count: 6)
            directory += Self.uint32(Int(file.mode) << 16) + Self.uint32(body.count) + name
            body += [0x50, 0x4B, 3, 4] + common + name + file.content
        }
        let end =
            [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + Self.uint16(files.count) + Self.uint16(files.count)
            + Self.uint32(directory.count) + Self.uint32(body.count) + Self.uint16(comment.count)
        return prefix + body + directory + end + comment
    }

    private static func uint16(_ value: Int) -> [UInt8] {
        [UInt8(value & 0xFF), UInt8(value >> 8 & 0xFF)]
    }

    private static func uint32(_ value: Int) -> [UInt8] {
        uint16(value & 0xFFFF) + uint16(value >> 16 & 0xFFFF)
    }

    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }
}
