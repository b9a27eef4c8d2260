/// Where unpacking can begin: the first byte of a gzip member or zstd frame, or any byte of what is
/// not packed.
struct ByteEntrance: Sendable, Equatable {
    var packed: Int
    var unpacked: Int
}

/// The bytes of a file or of the standard input, unpacked.
final class ByteSource {
    let path: String
    private let file: FileDescriptor
    private let compression: Compression
    private var unpacker: Unpacker
    private var isAtEnd = false
    /// Unpacked bytes that were given out.
    private var unpackedBytes = 0
    /// Of what was unpacked since the place that was asked about last.
    private var entrances: [ByteEntrance] = []
    /// Packed bytes read so far: how far along the file reading is.
    private(set) var packedBytesRead = 0

    private static let chunkBytes = 1 << 18

    /// - Parameter compression: nil: told by the first bytes.
    init(_ path: String, compression: Compression? = nil) throws(TransferError) {
        self.path = path == "-" ? "standard input" : path
        file = path == "-" ? .standardInput : try .reading(path)
        let first = try file.read(Self.chunkBytes)
        packedBytesRead = first.count
        let promised = Compression(fileName: path)
        guard !first.isEmpty || promised == .none else {
            throw TransferError("\(path): is empty, which nothing is that \(promised) packed")
        }
        self.compression = compression ?? Compression(magic: first)
        unpacker = try Unpacker(self.compression)
        unpacker.give(first)
        isAtEnd = first.isEmpty
    }

    /// How many packed bytes there are; nil where nobody knows.
    var packedLength: Int? { file.length }

    /// The next unpacked bytes; nil at the end.
    ///
    /// - Throws: where the file cannot be read, is corrupt, or ends within a member or frame.
    func next() throws(TransferError) -> [UInt8]? {
        while true {
            if unpacker.needsInput {
                guard !isAtEnd else {
                    guard unpacker.isWhole else {
                        throw TransferError("\(path): is cut off: its compressed data has no end")
                    }
                    return nil
                }
                let packed = try file.read(Self.chunkBytes)
                if packed.isEmpty {
                    isAtEnd = true
                    continue
                }
                packedBytesRead += packed.count
                unpacker.give(packed)
            }
            let bytes = try unpacker.next(path: path)
            unpackedBytes += bytes.count
            if compression != .none, unpacker.isWhole {
                let packed = packedBytesRead - unpacker.inputLeft
                entrances.append(ByteEntrance(packed: packed, unpacked: unpackedBytes))
            }
            if !bytes.isEmpty { return bytes }
        }
    }

    /// Where unpacking can begin to come to an offset: the last such place that is known; those
    /// before that are then forgotten.
    func entrance(before offset: Int) -> ByteEntrance? {
        if compression == .none { return ByteEntrance(packed: offset, unpacked: offset) }
        guard let last = entrances.lastIndex(where: { $0.unpacked <= offset }) else { return nil }
        entrances.removeFirst(last)
        return entrances.first
    }

    /// Goes on at an entrance; false for what has no places, like a pipe.
    func enter(_ entrance: ByteEntrance) throws(TransferError) -> Bool {
        guard file.seek(to: entrance.packed) else { return false }
        unpacker = try Unpacker(compression)
        isAtEnd = false
        packedBytesRead = entrance.packed
        unpackedBytes = entrance.unpacked
        entrances = compression == .none ? [] : [entrance]
        return true
    }
}
