internal import CZlib
internal import Glibc

/// A zip in memory: its central directory, and the content of its entries.
///
/// Entries are stored or deflated; zip64, encryption and archives of several parts are refused, as
/// Lambda's limits need none of them.
struct ZipArchive: Sendable {
    struct Entry: Sendable {
        /// As it stands in the archive.
        var name: String
        var isDirectory: Bool
        var isSymbolicLink: Bool
        /// Permission bits; nil where the archive tells none.
        var mode: UInt16?
        var byteCount: Int
        fileprivate var isDeflated: Bool
        fileprivate var compressedCount: Int
        fileprivate var checksum: UInt32
        fileprivate var headerOffset: Int
    }

    /// The archive cannot be read: no zip, damaged, or of a kind that is refused.
    struct Damaged: Error {}

    private let bytes: [UInt8]
    let entries: [Entry]

    /// Reads the central directory.
    init(_ bytes: [UInt8]) throws(Damaged) {
        self.bytes = bytes
        entries = try Self.directory(of: bytes)
    }

    /// The bytes of all entries, unpacked, as the directory tells.
    var unpackedByteCount: Int {
        var sum = 0
        for entry in entries { sum = sum.addingReportingOverflow(entry.byteCount).partialValue }
        return sum
    }

    // MARK: The directory

    private static let endSignature: UInt32 = 0x0605_4B50
    private static let entrySignature: UInt32 = 0x0201_4B50
    private static let headerSignature: UInt32 = 0x0403_4B50
    private static let endByteCount = 22
    private static let entryByteCount = 46
    private static let headerByteCount = 30

    private static func directory(of bytes: [UInt8]) throws(Damaged) -> [Entry] {
        let end = try endOffset(in: bytes)
        let fields = LittleEndian(bytes, at: end)
        let count = Int(fields.uint16(10))
        let size = Int(fields.uint32(12))
        let told = Int(fields.uint32(16))
        guard fields.uint16(4) == 0, count < 0xFFFF, size <= end else { throw Damaged() }
        // Where something stands before the archive, all offsets are short by its length.
        let start = end - size
        let shift = start - told
        guard shift >= 0 else { throw Damaged() }
        var entries: [Entry] = []
        entries.reserveCapacity(count)
        var offset = start
        for _ in 0..<count {
            guard offset + entryByteCount <= end else { throw Damaged() }
            let fields = LittleEndian(bytes, at: offset)
            let nameCount = Int(fields.uint16(28))
            let next =
                offset + entryByteCount + nameCount + Int(fields.uint16(30))
                + Int(fields.uint16(32))
            guard fields.uint32(0) == entrySignature, next <= end else { throw Damaged() }
            let name = bytes[offset + entryByteCount..<offset + entryByteCount + nameCount]
            entries.append(try entry(fields, name: name, shift: shift))
            offset = next
        }
        return entries
    }

    private static func endOffset(in bytes: [UInt8]) throws(Damaged) -> Int {
        guard bytes.count >= endByteCount else { throw Damaged() }
        let last = bytes.count - endByteCount
        // A comment of at most 65,535 bytes may follow.
        var offset = last
        while offset >= 0, offset >= last - 0xFFFF {
            let fields = LittleEndian(bytes, at: offset)
            if fields.uint32(0) == endSignature,
                offset + endByteCount + Int(fields.uint16(20)) <= bytes.count
            {
                return offset
            }
            offset -= 1
        }
        throw Damaged()
    }

    private static func entry(
        _ fields: LittleEndian, name: ArraySlice<UInt8>, shift: Int
    ) throws(Damaged) -> Entry {
        let flags = fields.uint16(8)
        let method = fields.uint16(10)
        let sizes = [fields.uint32(20), fields.uint32(24), fields.uint32(42)]
        guard flags & 1 == 0, method == 0 || method == 8, !sizes.contains(.max),
            let text = String(validating: name, as: UTF8.self) ?? Self.latin(name)
        else { throw Damaged() }
        let isUnix = fields.uint16(4) >> 8 == 3 || fields.uint16(4) >> 8 == 19
        let mode = UInt16(truncatingIfNeeded: fields.uint32(38) >> 16)
        let kind = UInt32(mode) & S_IFMT
        let knowsMode = isUnix && mode != 0
        return Entry(
            name: text, isDirectory: text.hasSuffix("/") || (knowsMode && kind == S_IFDIR),
            isSymbolicLink: knowsMode && kind == S_IFLNK,
            mode: knowsMode ? mode & 0o777 : nil, byteCount: Int(sizes[1]),
            isDeflated: method == 8, compressedCount: Int(sizes[0]),
            checksum: fields.uint32(16), headerOffset: Int(sizes[2]) + shift)
    }

    /// A name of another coding, byte by byte: such a name is only kept, not understood.
    private static func latin(_ name: ArraySlice<UInt8>) -> String? {
        String(String.UnicodeScalarView(name.map { Unicode.Scalar($0) }))
    }

    // MARK: Content

    /// Unpacks an entry piece by piece, and checks its length and checksum.
    ///
    /// - Parameter take: is given the pieces in order; false ends it, and counts as damage.
    func unpack(
        _ entry: Entry, take: (UnsafeRawBufferPointer) -> Bool
    ) throws(Damaged) {
        let fits =
            entry.headerOffset >= 0 && entry.headerOffset + Self.headerByteCount <= bytes.count
        guard fits else { throw Damaged() }
        let fields = LittleEndian(bytes, at: entry.headerOffset)
        let start =
            entry.headerOffset + Self.headerByteCount + Int(fields.uint16(26))
            + Int(fields.uint16(28))
        guard fields.uint32(0) == Self.headerSignature,
            start + entry.compressedCount <= bytes.count
        else { throw Damaged() }
        var checksum: UInt = 0
        var count = 0
        func passOn(_ piece: UnsafeRawBufferPointer) -> Bool {
            count += piece.count
            guard count <= entry.byteCount else { return false }
            checksum = crc32(
                checksum, piece.bindMemory(to: UInt8.self).baseAddress,
                UInt32(truncatingIfNeeded: piece.count))
            return take(piece)
        }
        let isWhole = bytes.withUnsafeBytes { bytes in
            let packed = UnsafeRawBufferPointer(
                rebasing: bytes[start..<start + entry.compressedCount])
            if !entry.isDeflated { return packed.isEmpty || passOn(packed) }
            return Self.inflateAll(packed, take: passOn)
        }
        guard isWhole, count == entry.byteCount,
            UInt32(truncatingIfNeeded: checksum) == entry.checksum
        else { throw Damaged() }
    }

    private static func inflateAll(
        _ input: UnsafeRawBufferPointer, take: (UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        // zlib keeps the stream's address, so it needs a place of its own.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        defer { stream.deallocate() }
        stream.initialize(to: z_stream())
        guard basalt_inflateInit2(stream, -15) == Z_OK else { return false }
        defer { inflateEnd(stream) }
        let space = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { space.deallocate() }
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(clamping: input.count)
        while true {
            stream.pointee.next_out = space.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(space.count)
            let status = CZlib.inflate(stream, Z_NO_FLUSH)
            let made = space.count - Int(stream.pointee.avail_out)
            guard status == Z_OK || status == Z_STREAM_END else { return false }
            if made > 0, !take(UnsafeRawBufferPointer(rebasing: space[..<made])) { return false }
            if status == Z_STREAM_END { return true }
            // Nothing came out and nothing is left: the data ends too early.
            if made == 0, stream.pointee.avail_in == 0 { return false }
        }
    }
}

/// Reads the numbers of a record within bytes; what lies beyond their end reads as zero.
private struct LittleEndian {
    private let bytes: [UInt8]
    private let start: Int

    init(_ bytes: [UInt8], at start: Int) {
        self.bytes = bytes
        self.start = start
    }

    func uint16(_ offset: Int) -> UInt16 {
        let at = start + offset
        guard at >= 0, at + 2 <= bytes.count else { return 0 }
        return UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8
    }

    func uint32(_ offset: Int) -> UInt32 {
        UInt32(uint16(offset)) | UInt32(uint16(offset + 2)) << 16
    }
}
