internal import CZlib
internal import CZstd

/// How a file's bytes are packed.
package enum Compression: String, Sendable, Hashable, CaseIterable {
    case none
    case gzip
    case zstd

    /// What a file's name ends with.
    package var suffix: String {
        switch self {
        case .none: ""
        case .gzip: ".gz"
        case .zstd: ".zst"
        }
    }

    /// By the end of a name.
    package init(fileName: String) {
        self = fileName.hasSuffix(".gz") ? .gzip : fileName.hasSuffix(".zst") ? .zstd : .none
    }

    /// By a file's first bytes.
    init(magic bytes: some Collection<UInt8>) {
        if bytes.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstd
        } else {
            self = .none
        }
    }

    /// Bytes packed as a whole of their own: a gzip member or a zstd frame.
    ///
    /// A file may be any number of them one after another, so it can be cut off after each.
    func packed(_ bytes: [UInt8]) throws(TransferError) -> [UInt8] {
        switch self {
        case .none: return bytes
        case .gzip: return try Self.gzip(bytes)
        case .zstd: return try Self.zstd(bytes)
        }
    }

    private static func gzip(_ bytes: [UInt8]) throws(TransferError) -> [UInt8] {
        let fault = TransferError("zlib could not compress \(bytes.count) bytes")
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        defer { stream.deallocate() }
        stream.initialize(to: z_stream())
        guard let inputCount = UInt32(exactly: bytes.count),
            basalt_deflateInit2(stream, 6, 31) == Z_OK
        else { throw fault }
        defer { deflateEnd(stream) }
        let bound = Int(deflateBound(stream, UInt(bytes.count)))
        guard let outputCount = UInt32(exactly: bound) else { throw fault }
        var succeeded = false
        let output = bytes.withUnsafeBufferPointer { input in
            [UInt8](unsafeUninitializedCapacity: bound) { space, count in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = inputCount
                stream.pointee.next_out = space.baseAddress
                stream.pointee.avail_out = outputCount
                succeeded = deflate(stream, Z_FINISH) == Z_STREAM_END
                count = bound - Int(stream.pointee.avail_out)
            }
        }
        guard succeeded else { throw fault }
        return output
    }

    private static func zstd(_ bytes: [UInt8]) throws(TransferError) -> [UInt8] {
        let bound = ZSTD_compressBound(bytes.count)
        var failed = false
        let output = bytes.withUnsafeBytes { input in
            [UInt8](unsafeUninitializedCapacity: bound) { space, count in
                let written = ZSTD_compress(
                    space.baseAddress, bound, input.baseAddress, input.count, 3)
                failed = ZSTD_isError(written) != 0
                count = failed ? 0 : written
            }
        }
        if failed { throw TransferError("zstd could not compress \(bytes.count) bytes") }
        return output
    }
}
