package import Items
package import Operations
package import Wire

/// One record of a stream.
package struct StreamChange: Sendable {
    package enum Kind: String, Sendable {
        case insert = "INSERT"
        case modify = "MODIFY"
        case remove = "REMOVE"
    }

    package let kind: Kind
    /// When it was made, in seconds since 1970; the service tells whole seconds.
    package let time: Timestamp
    package let sequenceNumber: String
    package let keys: ItemBytes
    package let oldImage: ItemBytes?
    package let newImage: ItemBytes?
    /// Whether time to live deleted it.
    package let isExpiry: Bool

    /// - Throws: where it is no record.
    package init(_ record: JSONValue) throws(TransferError) {
        guard let name = record["eventName"]?.string, let kind = Kind(rawValue: name),
            let change = record["dynamodb"], let number = change["SequenceNumber"]?.string
        else { throw TransferError("the stream answered what is no record") }
        self.kind = kind
        sequenceNumber = number
        time = change["ApproximateCreationDateTime"]?.double ?? 0
        keys = try Self.item(change["Keys"]) ?? ItemBytes()
        oldImage = try Self.item(change["OldImage"])
        newImage = try Self.item(change["NewImage"])
        isExpiry = record["userIdentity"]?["principalId"]?.string == "dynamodb.amazonaws.com"
    }

    private static func item(_ json: JSONValue?) throws(TransferError) -> ItemBytes? {
        guard let json, !json.isNull else { return nil }
        do throws(TextFault) {
            return try ItemText.dynamodb(json.encoded)
        } catch {
            throw TransferError("the stream answered an item that is none: \(error.message)")
        }
    }

    /// The record as a plain JSON object in a line.
    package var line: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("event")
        writer.string(kind.rawValue)
        writer.name("time")
        writer.string(TimeText.iso8601(time))
        writer.name("sequenceNumber")
        writer.string(sequenceNumber)
        if isExpiry {
            writer.name("expired")
            writer.bool(true)
        }
        for (name, image) in [("keys", keys), ("old", oldImage), ("new", newImage)] {
            guard let image else { continue }
            writer.name(name)
            writer.plainItem(image)
        }
        writer.endObject()
        return writer.bytes
    }
}
