/// The bytes of a file or of the standard input, unpacked.
final class ByteSource {
    let path: String
    private let file: FileDescriptor
    private let unpacker: Unpacker
    private var isAtEnd = false
    /// Packed bytes read so far: how far along the file reading is.
    private(set) var packedBytesRead = 0

    private static let chunkBytes = 1 << 18

    /// - Parameter compression: nil: told by the first bytes.
    init(_ path: String, compression: Compression? = nil) throws(TransferError) {
        self.path = path == "-" ? "standard input" : path
        file = path == "-" ? .standardInput : try .reading(path)
        let first = try file.read(Self.chunkBytes)
        packedBytesRead = first.count
        unpacker = try Unpacker(compression ?? Compression(magic: first))
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
            if !bytes.isEmpty { return bytes }
        }
    }
}
