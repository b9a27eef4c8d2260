internal import CZlib
internal import CZstd

/// Unpacks a stream of bytes as they come: gzip members, zstd frames, or bytes as they are.
final class Unpacker {
    private let compression: Compression
    /// zlib keeps the stream's address, so it needs a place of its own.
    private let gzip: UnsafeMutablePointer<z_stream>?
    private let zstd: OpaquePointer?
    /// Whether the bytes so far end with a whole member or frame.
    private(set) var isWhole = true
    /// Packed bytes that have not been looked at.
    private var input: [UInt8] = []
    private var inputAt = 0

    init(_ compression: Compression) throws(TransferError) {
        self.compression = compression
        switch compression {
        case .none:
            gzip = nil
            zstd = nil
        case .gzip:
            let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
            stream.initialize(to: z_stream())
            guard basalt_inflateInit2(stream, 31) == Z_OK else {
                stream.deallocate()
                throw TransferError("zlib has no memory")
            }
            gzip = stream
            zstd = nil
        case .zstd:
            guard let context = ZSTD_createDStream() else {
                throw TransferError("zstd has no memory")
            }
            gzip = nil
            zstd = context
        }
    }

    deinit {
        if let gzip {
            inflateEnd(gzip)
            gzip.deallocate()
        }
        if let zstd { ZSTD_freeDStream(zstd) }
    }

    /// Whether all bytes that were given have been unpacked.
    var needsInput: Bool { inputAt >= input.count && !hasMore }
    /// Whether the last output was full, so that more may come without more input.
    private var hasMore = false

    /// Packed bytes that were given and not used.
    var inputLeft: Int { input.count - inputAt }

    /// Gives packed bytes; only when `needsInput`.
    func give(_ bytes: [UInt8]) {
        input = bytes
        inputAt = 0
    }

    /// Unpacks a piece.
    ///
    /// - Throws: where the bytes are not what they should be.
    func next(path: String) throws(TransferError) -> [UInt8] {
        switch compression {
        case .none:
            defer { inputAt = input.count }
            return inputAt == 0 ? input : Array(input[inputAt...])
        case .gzip: return try inflateNext(path: path)
        case .zstd: return try decompressNext(path: path)
        }
    }

    private static let pieceBytes = 1 << 18

    private func inflateNext(path: String) throws(TransferError) -> [UInt8] {
        guard let gzip else { return [] }
        var status = Z_OK
        var used = 0
        let capacity = Self.pieceBytes
        let output = input[inputAt...].withUnsafeBufferPointer { packed in
            [UInt8](unsafeUninitializedCapacity: capacity) { space, count in
                gzip.pointee.next_in = UnsafeMutablePointer(mutating: packed.baseAddress)
                gzip.pointee.avail_in = UInt32(clamping: packed.count)
                gzip.pointee.next_out = space.baseAddress
                gzip.pointee.avail_out = UInt32(capacity)
                status = inflate(gzip, Z_NO_FLUSH)
                used = packed.count - Int(gzip.pointee.avail_in)
                count = capacity - Int(gzip.pointee.avail_out)
            }
        }
        inputAt += used
        hasMore = output.count == capacity
        if used > 0 { isWhole = false }
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END:
            isWhole = true
            hasMore = false
            guard inflateReset(gzip) == Z_OK else { throw Self.corrupt(path, "gzip") }
        default: throw Self.corrupt(path, "gzip")
        }
        return output
    }

    private func decompressNext(path: String) throws(TransferError) -> [UInt8] {
        guard let zstd else { return [] }
        var result = 0
        var used = 0
        let capacity = Self.pieceBytes
        let output = input[inputAt...].withUnsafeBytes { packed in
            [UInt8](unsafeUninitializedCapacity: capacity) { space, count in
                var source = ZSTD_inBuffer(src: packed.baseAddress, size: packed.count, pos: 0)
                var target = ZSTD_outBuffer(dst: space.baseAddress, size: capacity, pos: 0)
                result = ZSTD_decompressStream(zstd, &target, &source)
                used = source.pos
                count = target.pos
            }
        }
        if ZSTD_isError(result) != 0 { throw Self.corrupt(path, "zstd") }
        inputAt += used
        hasMore = output.count == capacity
        // Without either, the result tells of a frame that may never come.
        if used > 0 || !output.isEmpty { isWhole = result == 0 }
        return output
    }

    private static func corrupt(_ path: String, _ what: String) -> TransferError {
        TransferError("\(path): is corrupt, or no \(what)")
    }
}
