package import Client
internal import Items
package import Operations
internal import Wire

/// Follows a stream: all its shards, children after their parents, each record once.
package struct StreamTail: Sendable {
    package enum Begin: Sendable, Hashable {
        /// What is written from now on.
        case now
        /// All that the stream still has.
        case oldest
        /// What was written since a time, in seconds since 1970.
        case time(Timestamp)
    }

    /// Calls an operation of DynamoDB Streams.
    typealias Call = @Sendable (String, JSONValue) async throws(ServiceError) -> JSONValue

    private let call: Call
    private let streamARN: String
    private let begin: Begin
    private let onNotice: @Sendable (String) -> Void

    /// Seconds between two looks at a shard that has nothing: the service allows five a second.
    private let pollSeconds: Double
    private static let describeSeconds = 5.0

    /// - Parameter onNotice: called with what the person should know beside the records.
    package init(
        client: ServiceClient, streamARN: String, begin: Begin,
        onNotice: @escaping @Sendable (String) -> Void
    ) {
        self.init(streamARN: streamARN, begin: begin, onNotice: onNotice) {
            (operation, parameters) async throws(ServiceError) in
            try await client.call(.dynamodbStreams, operation, parameters)
        }
    }

    init(
        streamARN: String, begin: Begin, pollSeconds: Double = 0.25,
        onNotice: @escaping @Sendable (String) -> Void, call: @escaping Call
    ) {
        self.call = call
        self.pollSeconds = pollSeconds
        self.streamARN = streamARN
        self.begin = begin
        self.onNotice = onNotice
    }

    /// A shard that is being read.
    private struct Reader: Sendable {
        let id: String
        let start: ShardLineage.Start
        var iterator: String?
        var lastSequenceNumber: String?
        /// Records made before are left out: whoever began later begins again by time.
        var since: Timestamp?
        let beganAt = Seconds.sinceEpoch()
    }

    /// What one look at a shard gave.
    private struct Page: Sendable {
        var reader: Reader
        var changes: [StreamChange] = []
        var isAtEnd = false
        var isMore = false
    }

    /// Gives every change to `onChange` until that answers false.
    ///
    /// - Throws: the service's refusals; an error that tells so when the stream has been switched
    ///   off and all of it was read; and when the task is cancelled.
    package func follow(_ onChange: (StreamChange) throws -> Bool) async throws {
        var lineage = ShardLineage()
        var readers: [String: Reader] = [:]
        var order: [String] = []
        var describedAt = -Double.infinity
        var isFirstLook = true
        var mustDescribe = true
        while true {
            try Task.checkCancellation()
            let time = Seconds.monotonic()
            if mustDescribe || time - describedAt >= Self.describeSeconds {
                let (shards, status) = try await describe()
                lineage.note(shards, isFirstLook: isFirstLook, fromNow: begin == .now)
                isFirstLook = false
                describedAt = time
                mustDescribe = false
                for shard in lineage.begin() {
                    readers[shard.id] = reader(of: shard)
                    order.append(shard.id)
                }
                if readers.isEmpty, status != "ENABLED", status != "ENABLING" {
                    throw TransferError("the stream has been switched off; all of it was read")
                }
            }
            let pages = try await look(order.compactMap { readers[$0] })
            var isMore = false
            for page in pages {
                for change in page.changes where try !onChange(change) { return }
                isMore = isMore || page.isMore
                guard page.isAtEnd else {
                    readers[page.reader.id] = page.reader
                    continue
                }
                readers[page.reader.id] = nil
                order.removeAll { $0 == page.reader.id }
                lineage.end(page.reader.id)
                mustDescribe = true
            }
            // Children may be there already, or may be listed a little later.
            if mustDescribe || isMore { continue }
            try await Task.sleep(for: .seconds(pollSeconds))
            if readers.isEmpty { mustDescribe = true }
        }
    }

    private func reader(of shard: ShardLineage.Shard) -> Reader {
        var reader = Reader(id: shard.id, start: shard.start)
        if case .time(let time) = begin { reader.since = time.rounded(.down) }
        return reader
    }

    /// All shards, page by page, and the stream's status.
    private func describe() async throws -> (shards: [JSONValue], status: String) {
        var shards: [JSONValue] = []
        var start: JSONValue?
        while true {
            let answer = try await call(
                "DescribeStream",
                .object(present: [
                    ("StreamArn", .string(streamARN)), ("ExclusiveStartShardId", start),
                ]))
            let told = answer["StreamDescription"]
            shards += told?["Shards"]?.elements ?? []
            start = told?["LastEvaluatedShardId"]
            if start == nil { return (shards, told?["StreamStatus"]?.string ?? "") }
        }
    }

    /// Looks at shards at the same time; the answers in the order of the shards.
    private func look(_ readers: [Reader]) async throws -> [Page] {
        try await withThrowingTaskGroup(of: (Int, Page).self) { group in
            for (index, reader) in readers.enumerated() {
                group.addTask { (index, try await look(reader)) }
            }
            var pages = [Page?](repeating: nil, count: readers.count)
            while let (index, page) = try await group.next() { pages[index] = page }
            return pages.compactMap { $0 }
        }
    }

    private func look(_ reader: Reader) async throws -> Page {
        var page = Page(reader: reader)
        do throws(ServiceError) {
            if page.reader.iterator == nil {
                page.reader.iterator = try await iterator(page.reader)
            }
            let answer = try await call(
                "GetRecords",
                .object(present: [("ShardIterator", page.reader.iterator.map { .string($0) })]))
            try read(answer, into: &page)
        } catch {
            try recover(&page, from: error)
        }
        return page
    }

    private func read(_ answer: JSONValue, into page: inout Page) throws(ServiceError) {
        let records = answer["Records"]?.elements ?? []
        for record in records {
            let change: StreamChange
            do throws(TransferError) {
                change = try StreamChange(record)
            } catch {
                throw ServiceError(ConnectionFault.unreadable, error.message, namespace: .rest)
            }
            page.reader.lastSequenceNumber = change.sequenceNumber
            if let since = page.reader.since, change.time < since { continue }
            page.changes.append(change)
        }
        page.reader.iterator = answer["NextShardIterator"]?.string
        page.isAtEnd = page.reader.iterator == nil
        page.isMore = !records.isEmpty
    }

    private func iterator(_ reader: Reader) async throws(ServiceError) -> String? {
        var kind = reader.start == .latest ? "LATEST" : "TRIM_HORIZON"
        if reader.since != nil { kind = "TRIM_HORIZON" }
        if reader.lastSequenceNumber != nil { kind = "AFTER_SEQUENCE_NUMBER" }
        let answer = try await call(
            "GetShardIterator",
            .object(present: [
                ("StreamArn", .string(streamARN)), ("ShardId", .string(reader.id)),
                ("ShardIteratorType", .string(kind)),
                ("SequenceNumber", reader.lastSequenceNumber.map { .string($0) }),
            ]))
        return answer["ShardIterator"]?.string
    }

    /// Goes on after what can be got over; throws what cannot.
    private func recover(_ page: inout Page, from error: ServiceError) throws(ServiceError) {
        switch error.code {
        case "ExpiredIteratorException":
            page.reader.iterator = nil
            if page.reader.lastSequenceNumber == nil, page.reader.start == .latest {
                // Nothing was read that it could go on after: by time then, missing nothing.
                page.reader.since = page.reader.beganAt.rounded(.down)
            }
        case "TrimmedDataAccessException":
            onNotice(
                "shard \(page.reader.id) has dropped records older than 24 hours, read or not; "
                    + "going on with the oldest it has")
            page.reader.iterator = nil
            page.reader.lastSequenceNumber = nil
            page.reader.since = page.reader.since ?? 0
        case "ResourceNotFoundException" where page.reader.iterator == nil:
            onNotice("shard \(page.reader.id) is gone with its records")
            page.isAtEnd = true
        case "ProvisionedThroughputExceededException", "LimitExceededException",
            "ThrottlingException":
            // Somebody else reads the shard too: the next look is soon enough.
            break
        default: throw error
        }
    }
}
