internal import CZlib

/// Writes a zip whose bytes depend on the files alone: fixed times, entries in the order given.
struct ZipWriter {
    private(set) var bytes: [UInt8] = []
    private var directory: [UInt8] = []
    private var entryCount = 0

    /// 1 January 1980, the first day that a zip can tell.
    private static let date: UInt16 = 0x0021

    /// Adds a file.
    ///
    /// - Parameters:
    ///   - path: with slashes, relative.
    ///   - mode: its type and permissions, as `stat` tells them.
    /// - Returns: false where a zip cannot hold it.
    mutating func add(_ path: String, mode: UInt32, _ content: [UInt8]) -> Bool {
        let packed = Self.deflated(content)
        let isPacked = packed.map { $0.count < content.count } ?? false
        let data = isPacked ? packed ?? content : content
        let name = Array(path.utf8)
        guard let offset = UInt32(exactly: bytes.count), let size = UInt32(exactly: content.count),
            let packedSize = UInt32(exactly: data.count), name.count < 65_536, entryCount < 65_535
        else { return false }
        var head: [UInt8] = []
        // Version 2.0; names are UTF-8.
        Self.append(UInt16(20), to: &head)
        Self.append(UInt16(0x0800), to: &head)
        Self.append(UInt16(isPacked ? 8 : 0), to: &head)
        Self.append(UInt16(0), to: &head)
        Self.append(Self.date, to: &head)
        Self.append(Self.checksum(content), to: &head)
        Self.append(packedSize, to: &head)
        Self.append(size, to: &head)
        Self.append(UInt16(name.count), to: &head)
        Self.append(UInt16(0), to: &head)
        bytes += [0x50, 0x4B, 0x03, 0x04] + head + name + data
        // Made on Unix, so that the modes count.
        directory += [0x50, 0x4B, 0x01, 0x02, 20, 3] + head
        Self.append(UInt16(0), to: &directory)
        Self.append(UInt16(0), to: &directory)
        Self.append(UInt16(0), to: &directory)
        Self.append(mode << 16, to: &directory)
        Self.append(offset, to: &directory)
        directory += name
        entryCount += 1
        return true
    }

    /// The whole file; nil where it is too large for a zip.
    func finished() -> [UInt8]? {
        guard let offset = UInt32(exactly: bytes.count),
            let size = UInt32(exactly: directory.count)
        else { return nil }
        var end: [UInt8] = [0x50, 0x4B, 0x05, 0x06, 0, 0, 0, 0]
        Self.append(UInt16(entryCount), to: &end)
        Self.append(UInt16(entryCount), to: &end)
        Self.append(size, to: &end)
        Self.append(offset, to: &end)
        Self.append(UInt16(0), to: &end)
        return bytes + directory + end
    }

    private static func append<Number: FixedWidthInteger>(
        _ number: Number, to bytes: inout [UInt8]
    ) {
        withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }

    private static func checksum(_ content: [UInt8]) -> UInt32 {
        var sum = crc32(0, nil, 0)
        var start = 0
        while start < content.count {
            let count = min(content.count - start, 1 << 30)
            sum = content.withUnsafeBufferPointer { buffer in
                crc32(sum, buffer.baseAddress.map { $0 + start }, UInt32(count))
            }
            start += count
        }
        return UInt32(truncatingIfNeeded: sum)
    }

    /// Content packed without a header; nil where zlib fails.
    private static func deflated(_ content: [UInt8]) -> [UInt8]? {
        guard let inputCount = UInt32(exactly: content.count) else { return nil }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        defer { stream.deallocate() }
        stream.initialize(to: z_stream())
        guard basalt_deflateInit2(stream, 6, -15) == Z_OK else { return nil }
        defer { deflateEnd(stream) }
        let bound = Int(deflateBound(stream, UInt(content.count)))
        guard let outputCount = UInt32(exactly: bound) else { return nil }
        var isDone = false
        let output = [UInt8](unsafeUninitializedCapacity: bound) { space, count in
            content.withUnsafeBufferPointer { input in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = inputCount
                stream.pointee.next_out = space.baseAddress
                stream.pointee.avail_out = outputCount
                isDone = CZlib.deflate(stream, Z_FINISH) == Z_STREAM_END
                count = bound - Int(stream.pointee.avail_out)
            }
        }
        return isDone ? output : nil
    }
}
