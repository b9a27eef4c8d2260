package import Items

/// A change of an item as a stream keeps it.
///
/// Only the images that the stream's view shows are kept; the keys beside them only where no image
/// holds them. The encoded form is told in docs/storage-format.md.
package struct ChangeRecord: Sendable, Equatable {
    package enum Event: UInt8, Sendable {
        case insert = 1
        case modify = 2
        case remove = 3
    }

    package let event: Event
    /// Whether the item was deleted because it had expired.
    package let isTimeToLiveDeletion: Bool
    /// When the change was made, in milliseconds since 1970.
    package let milliseconds: Int64
    /// The key attributes; nil where an image holds them.
    package let keys: ItemBytes?
    package let newImage: ItemBytes?
    package let oldImage: ItemBytes?

    static let format: UInt8 = 1
    private static let headerByteCount = 10
    private static let eventMask: UInt8 = 0b11
    private static let timeToLiveBit: UInt8 = 0b100
    private static let keysBit: UInt8 = 0b1000
    private static let newImageBit: UInt8 = 0b1_0000
    private static let oldImageBit: UInt8 = 0b10_0000

    /// The record of a change; nil for none (neither an old item nor a new one).
    package init?(
        of old: ItemBytes?, to new: ItemBytes?, view: StreamView, keySchema: StreamKeySchema,
        milliseconds: Int64, isTimeToLiveDeletion: Bool
    ) {
        guard let present = new ?? old else { return nil }
        event = old == nil ? .insert : new == nil ? .remove : .modify
        newImage = view.showsNewImage ? new : nil
        oldImage = view.showsOldImage ? old : nil
        keys = newImage == nil && oldImage == nil ? keySchema.key(of: present) : nil
        self.milliseconds = milliseconds
        self.isTimeToLiveDeletion = isTimeToLiveDeletion
    }

    /// The bytes that the store keeps.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(
            Self.headerByteCount + Self.byteCount(keys) + Self.byteCount(newImage)
                + Self.byteCount(oldImage))
        bytes.append(Self.format)
        bytes.append(
            event.rawValue | (isTimeToLiveDeletion ? Self.timeToLiveBit : 0)
                | (keys == nil ? 0 : Self.keysBit) | (newImage == nil ? 0 : Self.newImageBit)
                | (oldImage == nil ? 0 : Self.oldImageBit))
        Self.append(UInt64(bitPattern: milliseconds), byteCount: 8, to: &bytes)
        for item in [keys, newImage, oldImage] {
            guard let item else { continue }
            Self.append(UInt64(item.bytes.count), byteCount: 4, to: &bytes)
            bytes.append(contentsOf: item.bytes)
        }
        return bytes
    }

    /// Reads what `encoded` wrote; nil for anything else.
    package init?(encoded bytes: [UInt8]) {
        guard bytes.count >= Self.headerByteCount, bytes[0] == Self.format,
            let event = Event(rawValue: bytes[1] & Self.eventMask)
        else { return nil }
        let marks = bytes[1]
        var offset = Self.headerByteCount
        func item(_ bit: UInt8) -> ItemBytes?? {
            guard marks & bit != 0 else { return .some(nil) }
            guard bytes.count - offset >= 4 else { return nil }
            let count = Int(Self.integer(bytes, at: offset, byteCount: 4))
            let start = offset + 4
            guard count >= ItemBytes.headerByteCount, count <= bytes.count - start else {
                return nil
            }
            offset = start + count
            return ItemBytes(trusted: Array(bytes[start..<offset]))
        }
        guard let keys = item(Self.keysBit), let newImage = item(Self.newImageBit),
            let oldImage = item(Self.oldImageBit), offset == bytes.count,
            keys != nil || newImage != nil || oldImage != nil
        else { return nil }
        self.event = event
        self.keys = keys
        self.newImage = newImage
        self.oldImage = oldImage
        isTimeToLiveDeletion = marks & Self.timeToLiveBit != 0
        milliseconds = Self.milliseconds(ofEncoded: bytes)
    }

    /// When an encoded record's change was made, without decoding the rest.
    ///
    /// Precondition: bytes that `encoded` wrote.
    static func milliseconds(ofEncoded bytes: [UInt8]) -> Int64 {
        guard bytes.count >= headerByteCount else { return 0 }
        return Int64(bitPattern: integer(bytes, at: 2, byteCount: 8))
    }

    private static func byteCount(_ item: ItemBytes?) -> Int {
        item.map { $0.bytes.count + 4 } ?? 0
    }

    private static func append(_ value: UInt64, byteCount: Int, to bytes: inout [UInt8]) {
        for index in 0..<byteCount {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index)))
        }
    }

    private static func integer(_ bytes: [UInt8], at offset: Int, byteCount: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<byteCount { value |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
        return value
    }
}

extension ChangeRecord {
    /// The key attributes of the item that was changed.
    package func keys(keySchema: StreamKeySchema) -> ItemBytes {
        keys ?? (newImage ?? oldImage).map { keySchema.key(of: $0) } ?? ItemBytes()
    }

    /// Keys and images in DynamoDB's count of bytes: what the service tells as SizeBytes.
    package func byteCount(keySchema: StreamKeySchema) -> Int {
        keys(keySchema: keySchema).size + (newImage?.size ?? 0) + (oldImage?.size ?? 0)
    }
}
