internal import Operations
internal import Wire

/// The operations on log streams.
extension LogsAPI {
    func createLogStream(_ request: inout LogsRequest) throws(ServiceError) -> Answer {
        let group = try request.groupName()
        let stream = try request.requiredText("logStreamName", .streamName)
        try request.check()
        try store.createStream(stream, in: group)
        return .changed
    }

    func deleteLogStream(_ request: inout LogsRequest) throws(ServiceError) -> Answer {
        let group = try request.groupName()
        let stream = try request.requiredText("logStreamName", .streamName)
        try request.check()
        try store.deleteStream(stream, in: group)
        return .changed
    }

    func describeLogStreams(_ request: inout LogsRequest) throws(ServiceError) -> Answer {
        let name = try request.identifiedGroup()
        let prefix = try request.text("logStreamNamePrefix", .streamName)
        let order = try request.choice("orderBy", ["LogStreamName", "LastEventTime"])
        let descending = try request.flag("descending") ?? false
        let token = try request.text("nextToken", length: 1...4_096)
        let limit = try request.integer("limit", 1...50) ?? 50
        try request.check()
        let isByTime = order == "LastEventTime"
        guard !isByTime || prefix == nil else {
            throw .invalidParameter(
                "Cannot order by LastEventTime with a logStreamNamePrefix.")
        }
        guard let group = store.group(name) else { throw .logGroupNotFound }
        func key(_ stream: LogStream) -> LogsToken {
            LogsToken(time: isByTime ? stream.lastEventTimestamp ?? 0 : 0, name: stream.name)
        }
        let streams = group.streams.values
            .filter { stream in
                prefix.map { stream.name.utf8.starts(with: $0.utf8) } ?? true
            }
            .sorted { descending ? key($0) > key($1) : key($0) < key($1) }
        let page = try LogsPage(
            streams, after: token, limit: limit, descending: descending, by: key)
        let arn = name.arn(accountID: store.accountID)
        return Answer(
            body: .object(present: [
                ("logStreams", .array(page.elements.map { description($0, groupArn: arn) })),
                ("nextToken", page.token.map { .string($0) }),
            ]))
    }

    /// The service tells no stream's storedBytes any more, and takes any sequence token.
    private func description(_ stream: LogStream, groupArn: String) -> JSONValue {
        .object(present: [
            ("logStreamName", .string(stream.name)),
            ("creationTime", .number(stream.creationTime)),
            ("firstEventTimestamp", stream.firstEventTimestamp.map { .number($0) }),
            ("lastEventTimestamp", stream.lastEventTimestamp.map { .number($0) }),
            ("lastIngestionTime", stream.lastIngestionTime.map { .number($0) }),
            ("uploadSequenceToken", .string(LogPosition(timestamp: 0).text)),
            ("arn", .string("\(groupArn):log-stream:\(stream.name)")),
            ("storedBytes", .number(0)),
        ])
    }
}
