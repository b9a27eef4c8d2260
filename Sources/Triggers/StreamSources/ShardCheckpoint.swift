internal import Operations
internal import Wire

/// How far a mapping has come in a shard, as it is stored.
struct ShardCheckpoint: Sendable, Hashable {
    /// All records up to this one are done; nil: none is.
    var sequenceNumber: String?
    /// The window that is open, with the state after those records.
    var window: TumblingWindow?
    /// The shard has no more records, and all are done.
    var isEnded = false

    init(sequenceNumber: String? = nil, window: TumblingWindow? = nil, isEnded: Bool = false) {
        self.sequenceNumber = sequenceNumber
        self.window = window
        self.isEnded = isEnded
    }

    /// `{"SequenceNumber":"…","Ended":true,"Window":{"Start":1763712300,"State":{}}}`, where there
    /// is any of it.
    var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        if let sequenceNumber {
            writer.name("SequenceNumber")
            writer.string(sequenceNumber)
        }
        if isEnded {
            writer.name("Ended")
            writer.bool(true)
        }
        if let window {
            writer.name("Window")
            writer.beginObject()
            writer.name("Start")
            writer.integer(Int(window.start))
            writer.name("State")
            writer.bytes += window.state
            writer.endObject()
        }
        writer.endObject()
        return writer.bytes
    }

    /// nil for what is no checkpoint.
    init?(encoded: [UInt8]) {
        guard let value = try? JSONValue(parsing: encoded), value.members != nil else {
            return nil
        }
        sequenceNumber = value["SequenceNumber"]?.string
        isEnded = value["Ended"]?.bool ?? false
        if let stored = value["Window"] {
            guard let start = stored["Start"]?.integer, let state = stored["State"] else {
                return nil
            }
            window = TumblingWindow(start: Timestamp(start), state: state.encoded)
        }
    }
}

/// The keys of a mapping's checkpoints.
///
/// `<UUID>/<shard id>` has a shard's checkpoint, `<UUID>/origin` the sequence number behind which
/// a mapping began that began at LATEST.
enum CheckpointKeys {
    static func prefix(_ uuid: String) -> String { uuid + "/" }
    static func shard(_ uuid: String, _ shardId: String) -> String { prefix(uuid) + shardId }
    static func origin(_ uuid: String) -> String { prefix(uuid) + "origin" }
}
