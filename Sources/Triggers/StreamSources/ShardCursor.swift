internal import Logging
internal import Operations

/// Reads a shard's records page by page, from where it is told to begin.
struct ShardCursor: Sendable {
    /// Where in the shard reading goes on.
    enum Position: Sendable, Hashable {
        case trimHorizon
        case after(String)
    }

    struct Page: Sendable {
        var records: [StreamRecord] = []
        /// Whether there may be more to read at once.
        var hasMore = false
        /// Whether the shard has no more, and never will.
        var isEnd = false
    }

    private let operations: any OperationHandler
    private let streamArn: String
    private let shardId: String
    private let region: String
    private let logger: Logger
    private var position: Position
    private var iterator: String?

    init(
        _ operations: any OperationHandler, streamArn: String, shardId: String, region: String,
        position: Position, logger: Logger
    ) {
        self.operations = operations
        self.streamArn = streamArn
        self.shardId = shardId
        self.region = region
        self.position = position
        self.logger = logger
    }

    /// The next records, if there are any.
    ///
    /// A place that is past retention goes on at the trim horizon; a shard or stream that is gone
    /// has ended.
    mutating func next() async throws(ServiceError) -> Page {
        var hasTrimmed = false
        for _ in 0..<4 {
            do throws(ServiceError) {
                return try await read()
            } catch {
                iterator = nil
                switch error.code {
                case "ExpiredIteratorException": continue
                case "TrimmedDataAccessException" where !hasTrimmed:
                    hasTrimmed = true
                    logger.warning(
                        "records were past retention: goes on at the trim horizon",
                        metadata: ["shard": "\(shardId)"])
                    position = .trimHorizon
                case "TrimmedDataAccessException", "ResourceNotFoundException":
                    logger.notice("a shard is past retention", metadata: ["shard": "\(shardId)"])
                    return Page(isEnd: true)
                default: throw error
                }
            }
        }
        return Page()
    }

    private mutating func read() async throws(ServiceError) -> Page {
        let from: String
        if let iterator { from = iterator } else { from = try await shardIterator() }
        var request = GetRecordsRequest()
        request.shardIterator = from
        let answer = try await operations.perform(.getRecords(request), region: region)
        guard case .records(let response) = answer else {
            throw .internalServerError("GetRecords was answered with something else")
        }
        iterator = response.nextShardIterator
        if let last = response.records.last { position = .after(last.sequenceNumber) }
        return Page(
            records: response.records, hasMore: Self.mayHaveMore(response),
            isEnd: response.nextShardIterator == nil)
    }

    private func shardIterator() async throws(ServiceError) -> String {
        var request = GetShardIteratorRequest()
        request.streamArn = streamArn
        request.shardId = shardId
        switch position {
        case .trimHorizon: request.iteratorType = .trimHorizon
        case .after(let number):
            request.iteratorType = .afterSequenceNumber
            request.sequenceNumber = number
        }
        let answer = try await operations.perform(.getShardIterator(request), region: region)
        guard case .shardIterator(let text) = answer else {
            throw .internalServerError("GetShardIterator was answered with something else")
        }
        return text
    }

    /// Whether a page was cut where a page must end, so that there may be more behind it.
    private static func mayHaveMore(_ response: GetRecordsResponse) -> Bool {
        guard response.nextShardIterator != nil else { return false }
        if response.records.count >= Limits.getRecordsMax { return true }
        let byteCount = response.records.reduce(0) { $0 + $1.sizeBytes }
        // The largest record has two images of the largest item, and its key once more.
        return byteCount + 3 * Limits.itemBytesMax > Limits.getRecordsBytesMax
            && !response.records.isEmpty
    }
}

extension OperationHandler {
    /// Does an operation and waits for its answer.
    func perform(
        _ request: OperationRequest, region: String
    ) async throws(ServiceError) -> OperationResponse {
        let result = await withCheckedContinuation { continuation in
            handle(request, context: RequestContext(region: region)) {
                continuation.resume(returning: $0)
            }
        }
        return try result.get().response
    }
}
