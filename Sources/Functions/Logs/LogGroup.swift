internal import Wire

/// Which log group: names are unique in a region.
package struct LogGroupName: Sendable, Hashable {
    package var region: String
    package var name: String

    package init(region: String, name: String) {
        self.region = region
        self.name = name
    }
}

/// A log group: its settings and its streams.
package struct LogGroup: Sendable {
    /// Never given again.
    package let id: UInt64
    package let name: LogGroupName
    /// Milliseconds since 1970, like all times here.
    package let creationTime: Int
    package var retentionInDays: Int?
    package var kmsKeyID: String?
    package var logGroupClass = "STANDARD"
    package var isDeletionProtected = false
    package var tags: [String: String] = [:]
    /// What its events count, in bytes.
    package var storedBytes = 0
    package var streams: [String: LogStream] = [:]
    /// The names of the streams by their ids.
    var streamNames: [UInt64: String] = [:]
    /// Everything before it was trimmed.
    var trimmedTo = LogPosition(timestamp: 0)

    init(id: UInt64, name: LogGroupName, creationTime: Int) {
        self.id = id
        self.name = name
        self.creationTime = creationTime
    }

    /// The record; the streams have their own.
    var encoded: [UInt8] {
        JSONValue.object(present: [
            ("region", .string(name.region)), ("name", .string(name.name)),
            ("creationTime", .number(String(creationTime))),
            ("retentionInDays", retentionInDays.map { .number(String($0)) }),
            ("kmsKeyId", kmsKeyID.map { .string($0) }),
            ("class", .string(logGroupClass)),
            ("isDeletionProtected", .bool(isDeletionProtected)),
            ("tags", .object(tags.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            ("storedBytes", .number(String(storedBytes))),
        ]).encoded
    }

    init?(id: UInt64, record: [UInt8]) {
        guard let value = try? JSONValue(parsing: record), let region = value["region"]?.string,
            let name = value["name"]?.string, let time = value["creationTime"]?.integer
        else { return nil }
        self.init(id: id, name: LogGroupName(region: region, name: name), creationTime: time)
        retentionInDays = value["retentionInDays"]?.integer
        kmsKeyID = value["kmsKeyId"]?.string
        logGroupClass = value["class"]?.string ?? logGroupClass
        isDeletionProtected = value["isDeletionProtected"]?.bool ?? false
        for (name, value) in value["tags"]?.members ?? [] { tags[name] = value.string ?? "" }
        storedBytes = value["storedBytes"]?.integer ?? 0
    }

    mutating func add(_ stream: LogStream) {
        streams[stream.name] = stream
        streamNames[stream.id] = stream.name
    }

    mutating func remove(stream name: String) {
        guard let stream = streams.removeValue(forKey: name) else { return }
        streamNames[stream.id] = nil
    }
}

/// A log stream: what is known of it without reading its events.
package struct LogStream: Sendable {
    package let id: UInt64
    package let name: String
    package let creationTime: Int
    package var firstEventTimestamp: Int?
    package var lastEventTimestamp: Int?
    package var lastIngestionTime: Int?
    /// Whether a function's printing made it: then it goes when the last of its events does.
    package var isImplicit: Bool

    init(id: UInt64, name: String, creationTime: Int, isImplicit: Bool) {
        self.id = id
        self.name = name
        self.creationTime = creationTime
        self.isImplicit = isImplicit
    }

    var encoded: [UInt8] {
        JSONValue.object(present: [
            ("name", .string(name)), ("creationTime", .number(String(creationTime))),
            ("firstEventTimestamp", firstEventTimestamp.map { .number(String($0)) }),
            ("lastEventTimestamp", lastEventTimestamp.map { .number(String($0)) }),
            ("lastIngestionTime", lastIngestionTime.map { .number(String($0)) }),
            ("isImplicit", .bool(isImplicit)),
        ]).encoded
    }

    init?(id: UInt64, record: [UInt8]) {
        guard let value = try? JSONValue(parsing: record), let name = value["name"]?.string,
            let time = value["creationTime"]?.integer
        else { return nil }
        self.init(
            id: id, name: name, creationTime: time,
            isImplicit: value["isImplicit"]?.bool ?? false)
        firstEventTimestamp = value["firstEventTimestamp"]?.integer
        lastEventTimestamp = value["lastEventTimestamp"]?.integer
        lastIngestionTime = value["lastIngestionTime"]?.integer
    }

    /// Counts an event in.
    mutating func note(timestamp: Int, ingestionTime: Int) {
        firstEventTimestamp = min(firstEventTimestamp ?? timestamp, timestamp)
        lastEventTimestamp = max(lastEventTimestamp ?? timestamp, timestamp)
        lastIngestionTime = ingestionTime
    }
}
