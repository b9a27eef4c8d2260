internal import Logging
internal import Operations
internal import Storage
internal import Wire

/// The operations on log events.
extension LogsAPI {
    private static let eventBytesMax = 1_048_576
    private static let batchBytesMax = 1_048_576
    private static let dayMilliseconds = 86_400_000

    func putLogEvents(_ request: inout LogsRequest) throws(ServiceError) -> Answer {
        let group = try request.groupName()
        let stream = try request.requiredText("logStreamName", .streamName)
        request.requireMember("logEvents")
        let elements = try request.list("logEvents", count: 1...10_000)
        _ = try request.text("sequenceToken", length: 1...4_096)
        try request.check()
        let events = try Self.events(elements ?? [])
        guard let found = store.group(group) else { throw .logGroupNotFound }
        guard found.streams[stream] != nil else { throw .logStreamNotFound }
        let now = store.now
        let tooOld = now - 14 * Self.dayMilliseconds
        let expired = found.retentionInDays.map { now - $0 * Self.dayMilliseconds } ?? 0
        let tooNew = now + 7_200_000
        let taken = events.filter {
            $0.timestamp >= max(tooOld, expired) && $0.timestamp <= tooNew
        }
        if !taken.isEmpty { try store.put(taken, to: stream, in: group) }
        func count(_ isPart: (Int) -> Bool) -> JSONValue? {
            let count = events.prefix { isPart($0.timestamp) }.count
            return count == 0 ? nil : .number(count)
        }
        var rejected: [(String, JSONValue?)] = []
        if let first = events.firstIndex(where: { $0.timestamp > tooNew }) {
            rejected.append(("tooNewLogEventStartIndex", .number(first)))
        }
        rejected.append(("tooOldLogEventEndIndex", count { $0 < tooOld }))
        if expired > tooOld { rejected.append(("expiredLogEventEndIndex", count { $0 < expired })) }
        let told = JSONValue.object(present: rejected)
        return Answer(
            body: .object(present: [
                ("nextSequenceToken", .string(LogPosition(timestamp: 0).text)),
                ("rejectedLogEventsInfo", told.members?.isEmpty ?? true ? nil : told),
            ]),
            isChange: true)
    }

    /// The events of a batch, whose form and order are right.
    private static func events(
        _ elements: [JSONValue]
    ) throws(ServiceError) -> [(timestamp: Int, message: String)] {
        var events: [(timestamp: Int, message: String)] = []
        var byteCount = 0
        for (index, element) in elements.enumerated() {
            guard element.members != nil else { throw .serialization(nil) }
            func fault(_ member: String, _ value: String, _ text: String) -> ServiceError {
                .invalidParameter(
                    "1 validation error detected: Value \(value) at "
                        + "'logEvents.\(index + 1).member.\(member)' failed to satisfy "
                        + "constraint: \(text)")
            }
            guard let time = element["timestamp"], !time.isNull else {
                throw fault("timestamp", "null", "Member must not be null")
            }
            guard let message = element["message"], !message.isNull else {
                throw fault("message", "null", "Member must not be null")
            }
            guard let time = time.integer, let message = message.string else {
                throw .serialization(nil)
            }
            guard time >= 0 else {
                throw fault(
                    "timestamp", "'\(time)'",
                    "Member must have value greater than or equal to 0")
            }
            guard !message.isEmpty else {
                throw fault(
                    "message", "''", "Member must have length greater than or equal to 1")
            }
            let size = LogEventRecord.byteCount(messageBytes: message.utf8.count)
            guard size <= eventBytesMax else {
                throw .invalidParameter(
                    "Log event too large: \(size) bytes exceeds limit of \(eventBytesMax)")
            }
            byteCount += size
            events.append((time, message))
        }
        guard byteCount <= batchBytesMax else {
            throw .invalidParameter(
                "Upload too large: \(byteCount) bytes exceeds limit of \(batchBytesMax)")
        }
        guard zip(events, events.dropFirst()).allSatisfy({ $0.timestamp <= $1.timestamp }) else {
            throw .invalidParameter(
                "Log events in a single PutLogEvents request must be in chronological order.")
        }
        if let first = events.first, let last = events.last,
            last.timestamp - first.timestamp > dayMilliseconds
        {
            throw .invalidParameter(
                "The batch of log events in a single PutLogEvents request cannot span more than "
                    + "24 hours.")
        }
        return events
    }

    // MARK: Reading

    /// Reads a page; a fault of the store is the service's.
    private func page(
        _ query: LogQuery, _ group: LogGroup
    ) throws(ServiceError) -> LogPage {
        do throws(StorageError) {
            return try store.events(query, in: group)
        } catch {
            store.logger.error("Logs cannot be read: \(error)")
            throw .logsUnavailable
        }
    }

    func getLogEvents(_ request: inout LogsRequest) throws(ServiceError) -> Answer {
        let name = try request.identifiedGroup()
        let stream = try request.requiredText("logStreamName", .streamName)
        let startTime = try request.integer("startTime")
        let endTime = try request.integer("endTime")
        let token = try request.text("nextToken", length: 1...4_096)
        let limit = try request.integer("limit", 1...10_000) ?? 10_000
        let isFromHead = try request.flag("startFromHead") ?? false
        try request.check()
        guard let group = store.group(name) else { throw .logGroupNotFound }
        guard let found = group.streams[stream] else { throw .logStreamNotFound }
        var query = LogQuery()
        query.streams = [stream]
        query.limit = limit
        query.isBackward = !isFromHead
        query.from = LogPosition(timestamp: startTime ?? 0)
        query.to = endTime.map { LogPosition(timestamp: $0) } ?? .end
        /// Where the answer's tokens stay when there is nothing.
        var place = query.from
        if let token {
            guard let told = LogPosition(text: token.dropFirst(2)) else {
                throw .invalidParameter("The specified nextToken is invalid.")
            }
            place = told
            switch token.prefix(2) {
            case "f/":
                query.isBackward = false
                query.from = max(query.from, place)
            case "b/":
                query.isBackward = true
                query.to = min(query.to, place)
            default: throw .invalidParameter("The specified nextToken is invalid.")
            }
        }
        // What other streams have outside of this one's time need not be looked at.
        query.from = max(query.from, LogPosition(timestamp: found.firstEventTimestamp ?? 0))
        query.to = min(
            query.to, LogPosition(timestamp: found.lastEventTimestamp ?? 0, sequence: .max))
        let events = try wholePage(query, group).events
        let forward = events.last?.position.next ?? place
        let backward = events.first?.position ?? place
        return Answer(
            body: .object([
                ("events", .array(events.map { Self.event($0) })),
                ("nextForwardToken", .string("f/" + forward.text)),
                ("nextBackwardToken", .string("b/" + backward.text)),
            ]))
    }

    /// A page that has events unless there are none: what other streams have between is passed
    /// over.
    private func wholePage(
        _ query: LogQuery, _ group: LogGroup
    ) throws(ServiceError) -> LogPage {
        var query = query
        while true {
            let page = try page(query, group)
            guard page.events.isEmpty, let next = page.next else { return page }
            if query.isBackward { query.to = next } else { query.from = next }
        }
    }

    func filterLogEvents(_ request: inout LogsRequest) throws(ServiceError) -> Answer {
        let name = try request.identifiedGroup()
        let streams = try request.texts("logStreamNames", count: 1...100)
        let prefix = try request.text("logStreamNamePrefix", .streamName)
        let startTime = try request.integer("startTime")
        let endTime = try request.integer("endTime")
        let pattern = try request.text("filterPattern", length: 0...1_024)
        let token = try request.text("nextToken", length: 1...4_096)
        let limit = try request.integer("limit", 1...10_000) ?? 10_000
        try request.check()
        guard streams == nil || prefix == nil else {
            throw .invalidParameter(
                "logStreamNames and logStreamNamePrefix are mutually exclusive parameters.")
        }
        var query = LogQuery()
        query.filter = try FilterPattern(pattern ?? "")
        guard let group = store.group(name) else { throw .logGroupNotFound }
        if let streams {
            for stream in streams where group.streams[stream] == nil {
                throw .logStreamNotFound
            }
            query.streams = Set(streams)
        } else if let prefix {
            query.streams = Set(
                group.streams.keys.filter { $0.utf8.starts(with: prefix.utf8) })
        }
        query.limit = limit
        query.from = LogPosition(timestamp: startTime ?? 0)
        query.to = endTime.map { LogPosition(timestamp: $0, sequence: .max) } ?? .end
        if let token {
            guard let place = LogPosition(text: token[...]) else {
                throw .invalidParameter("The specified nextToken is invalid.")
            }
            query.from = max(query.from, place)
        }
        let page = try page(query, group)
        return Answer(
            body: .object(present: [
                ("events", .array(page.events.map { Self.event($0, withStream: true) })),
                // The service lists no streams here any more.
                ("searchedLogStreams", .array([])),
                ("nextToken", page.next.map { .string($0.text) }),
            ]))
    }

    private static func event(_ event: LogEvent, withStream: Bool = false) -> JSONValue {
        .object(present: [
            ("logStreamName", withStream ? .string(event.streamName) : nil),
            ("timestamp", .number(event.timestamp)),
            ("message", .string(event.message)),
            ("ingestionTime", .number(event.ingestionTime)),
            ("eventId", withStream ? .string(event.position.text) : nil),
        ])
    }
}
