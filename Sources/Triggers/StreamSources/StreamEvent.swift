internal import Operations
internal import Wire

/// The event that a function is invoked with: a batch of records, and its window if it has one.
enum StreamEvent {
    static func payload(
        _ records: ArraySlice<ShardRecord>, window: WindowFrame?, shardID: String,
        streamArn: String
    ) -> [UInt8] {
        var writer = JSONWriter()
        let byteCount = records.reduce(64) { $0 + $1.json.count + 1 }
        writer.bytes.reserveCapacity(byteCount + (window.map { $0.state.count + 512 } ?? 0))
        writer.literal("{\"Records\":[")
        for record in records {
            writer.element()
            writer.bytes += record.json
        }
        writer.literal("]")
        if let window { write(window, shardID: shardID, streamArn: streamArn, to: &writer) }
        writer.endObject()
        return writer.bytes
    }

    private static func write(
        _ window: WindowFrame, shardID: String, streamArn: String, to writer: inout JSONWriter
    ) {
        writer.name("window")
        writer.beginObject()
        writer.name("start")
        writer.string(EventTime.wholeSeconds(window.start))
        writer.name("end")
        writer.string(EventTime.wholeSeconds(window.end))
        writer.endObject()
        writer.name("state")
        writer.bytes += window.state
        writer.name("shardId")
        writer.string(shardID)
        writer.name("eventSourceARN")
        writer.string(streamArn)
        writer.name("isFinalInvokeForWindow")
        writer.bool(window.isFinal)
        writer.name("isWindowTerminatedEarly")
        writer.bool(window.isTerminatedEarly)
    }
}

/// How Lambda writes times into events.
enum EventTime {
    /// `2026-11-21T16:00:00Z`.
    static func wholeSeconds(_ time: Timestamp) -> String {
        // Milliseconds and the Z are the last five characters.
        TimeText.iso8601(time).dropLast(5) + "Z"
    }
}
