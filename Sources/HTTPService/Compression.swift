import CZlib
import NIOCore

/// Why a compressed body cannot be read.
enum InflateError: Error {
    /// Not what its Content-Encoding says, or cut off.
    case corrupt
    /// More than the limit comes out of it.
    case tooLarge
}

/// Unpacks request bodies, never further than a limit.
enum RequestDecompressor {
    /// Unpacks a gzip body (of one or several members) or a deflate body (zlib or bare).
    ///
    /// - Parameter limit: the bytes that may come out; work stops there.
    static func inflate(
        _ body: ByteBuffer, coding: ContentCoding, limit: Int
    ) throws(InflateError) -> ByteBuffer {
        let outcome = body.withUnsafeReadableBytes { input -> Result<ByteBuffer, InflateError> in
            do throws(InflateError) {
                return .success(try inflate(input, coding: coding, limit: limit))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private static func inflate(
        _ input: UnsafeRawBufferPointer, coding: ContentCoding, limit: Int
    ) throws(InflateError) -> ByteBuffer {
        // zlib keeps the stream's address, so it needs a place of its own.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        defer { stream.deallocate() }
        stream.initialize(to: z_stream())
        guard basalt_inflateInit2(stream, windowBits(input, coding: coding)) == Z_OK else {
            throw .corrupt
        }
        defer { inflateEnd(stream) }
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(clamping: input.count)
        var output = ByteBuffer()
        let chunk = max(4_096, min(65_536, input.count &* 4))
        while true {
            var status = Z_OK
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: chunk) { space in
                let count = min(space.count, 1 << 30)
                stream.pointee.next_out = space.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_out = UInt32(count)
                status = CZlib.inflate(stream, Z_NO_FLUSH)
                return count - Int(stream.pointee.avail_out)
            }
            guard output.readableBytes <= limit else { throw .tooLarge }
            switch status {
            case Z_OK:
                continue
            case Z_STREAM_END where stream.pointee.avail_in == 0:
                return output
            case Z_STREAM_END where coding == .gzip:
                guard inflateReset(stream) == Z_OK else { throw .corrupt }
            default:
                throw .corrupt
            }
        }
    }

    /// What zlib shall expect: 31 a gzip header, 15 a zlib header, -15 none.
    private static func windowBits(_ input: UnsafeRawBufferPointer, coding: ContentCoding) -> Int32
    {
        if coding == .gzip { return 31 }
        guard input.count >= 2 else { return 15 }
        let header = Int(input[0]) << 8 | Int(input[1])
        return input[0] & 0x0F == 8 && header % 31 == 0 ? 15 : -15
    }
}

/// Packs answers; keeps zlib's state, some 260 KB per coding, from one answer to the next.
///
/// Belongs to one event loop.
final class ResponseCompressor {
    private var gzip: UnsafeMutablePointer<z_stream>?
    private var deflate: UnsafeMutablePointer<z_stream>?

    deinit {
        for stream in [gzip, deflate] {
            guard let stream else { continue }
            deflateEnd(stream)
            stream.deallocate()
        }
    }

    /// Packs a body; nil where zlib fails, so that it is sent as it is.
    func compress(_ body: UnsafeRawBufferPointer, coding: ContentCoding) -> [UInt8]? {
        guard let stream = stream(for: coding), deflateReset(stream) == Z_OK,
            let inputCount = UInt32(exactly: body.count)
        else { return nil }
        let bound = Int(deflateBound(stream, UInt(body.count)))
        guard let outputCount = UInt32(exactly: bound) else { return nil }
        var succeeded = false
        let output = [UInt8](unsafeUninitializedCapacity: bound) { space, count in
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: body.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = inputCount
            stream.pointee.next_out = space.baseAddress
            stream.pointee.avail_out = outputCount
            succeeded = CZlib.deflate(stream, Z_FINISH) == Z_STREAM_END
            count = bound - Int(stream.pointee.avail_out)
        }
        return succeeded ? output : nil
    }

    private func stream(for coding: ContentCoding) -> UnsafeMutablePointer<z_stream>? {
        switch coding {
        case .gzip:
            if gzip == nil { gzip = Self.makeStream(windowBits: 31) }
            return gzip
        case .deflate:
            if deflate == nil { deflate = Self.makeStream(windowBits: 15) }
            return deflate
        case .identity, .unsupported:
            return nil
        }
    }

    private static func makeStream(windowBits: Int32) -> UnsafeMutablePointer<z_stream>? {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Level 2: JSON shrinks to nearly the same size as at 6, in a third of the time.
        guard basalt_deflateInit2(stream, 2, windowBits) == Z_OK else {
            stream.deallocate()
            return nil
        }
        return stream
    }
}

extension ContentCoding {
    /// The coding an Accept-Encoding header likes best; gzip before deflate where it likes both
    /// the same.
    static func preferred(_ acceptEncoding: String) -> ContentCoding {
        var gzip: Int?
        var deflate: Int?
        var any: Int?
        var identity: Int?
        for element in acceptEncoding.split(separator: ",") {
            let parts = element.split(separator: ";")
            guard let first = parts.first else { continue }
            let name = RequestHead.trimmed(first)
            let quality = quality(parts.dropFirst())
            if name.equalsIgnoringCase("gzip") || name.equalsIgnoringCase("x-gzip") {
                gzip = quality
            } else if name.equalsIgnoringCase("deflate") {
                deflate = quality
            } else if name == "*" {
                any = quality
            } else if name.equalsIgnoringCase("identity") {
                identity = quality
            }
        }
        let gzipQuality = gzip ?? any ?? 0
        let deflateQuality = deflate ?? any ?? 0
        let identityQuality = identity ?? 0
        if gzipQuality > 0, gzipQuality >= deflateQuality, gzipQuality >= identityQuality {
            return .gzip
        }
        return deflateQuality > 0 && deflateQuality >= identityQuality ? .deflate : .identity
    }

    /// The q-value in thousandths; 1,000 where there is none, 0 where it is unreadable.
    private static func quality(_ parameters: ArraySlice<Substring>) -> Int {
        for parameter in parameters {
            let text = RequestHead.trimmed(parameter)
            guard text.hasPrefix("q=") || text.hasPrefix("Q=") else { continue }
            guard let value = Double(text.dropFirst(2)), value >= 0, value <= 1 else { return 0 }
            return Int(value * 1_000)
        }
        return 1_000
    }
}
