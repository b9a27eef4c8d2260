internal import Operations
internal import Streams

/// A stream as a request names it: `<table's ARN>/stream/<label>`.
struct StreamArn {
    let name: StreamName
    let accountID: String

    /// Reads a StreamArn parameter.
    ///
    /// - Throws: ValidationException for anything else.
    init(_ text: String) throws(ServiceError) {
        // The table's ARN has one slash.
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 4, parts[2].elementsEqual("stream".utf8), !parts[3].isEmpty else {
            throw .invalidStreamArn
        }
        let table: ResourceName
        do throws(ServiceError) {
            table = try ResourceName(arn: String(text[..<parts[1].endIndex]))
        } catch {
            throw .invalidStreamArn
        }
        guard let region = table.region, let accountID = table.accountID else {
            throw .invalidStreamArn
        }
        name = StreamName(
            region: region, tableName: table.tableName, label: String(Substring(parts[3])))
        self.accountID = accountID
    }

    static func text(_ name: StreamName, accountID: String) -> String {
        "arn:aws:dynamodb:\(name.region):\(accountID):table/\(name.tableName)/stream/\(name.label)"
    }
}

extension Engine {
    /// The stream that a request names.
    ///
    /// - Throws: ValidationException for what is no stream's ARN, AccessDeniedException for another
    ///   account's, ResourceNotFoundException for a stream that isn't there (any longer).
    func stream(arn text: String, for operation: String) throws(ServiceError) -> ChangeStream {
        let arn = try StreamArn(text)
        guard arn.accountID == environment.accountID else {
            throw .accessDenied(
                operation: operation, resource: text, accountID: environment.accountID)
        }
        return try stream(arn, text: text)
    }

    /// The stream of an ARN of this account.
    ///
    /// - Throws: ResourceNotFoundException for a stream that isn't there (any longer).
    func stream(_ arn: StreamArn, text: String) throws(ServiceError) -> ChangeStream {
        guard let stream = streams.stream(arn.name), !isGone(stream) else {
            throw .streamNotFound(text)
        }
        return stream
    }

    /// Whether a stream was off for so long that it counts as gone, be it still stored or not.
    func isGone(_ stream: ChangeStream) -> Bool {
        stream.isGone(at: environment.now(), retentionSeconds: Limits.streamRetentionSeconds)
    }

    /// The last sequence number past retention: records up to it cannot be read.
    var trimHorizon: UInt64 {
        streams.sequence(at: environment.now() - Limits.streamRetentionSeconds)
    }
}

/// The words of streams, in one place.
extension ServiceError {
    static let invalidStreamArn = validation("Invalid StreamArn")
    static let invalidShardIterator = validation("Invalid ShardIterator")
    static let invalidSequenceNumber = validation("Invalid SequenceNumber")

    static func streamNotFound(_ arn: String) -> ServiceError {
        .resourceNotFound("Requested resource not found: Stream: \(arn) not found")
    }

    static func shardNotFound(_ id: String, of arn: String) -> ServiceError {
        .resourceNotFound(
            "Requested resource not found: Shard: \(id) in Stream: \(arn) not found")
    }

    static let trimmedDataAccess = ServiceError(
        "TrimmedDataAccessException",
        "The operation failed because of an attempt to access data beyond the trim horizon")

    static let expiredIterator = ServiceError(
        "ExpiredIteratorException", "The provided iterator exceeds the maximum age allowed.")

    /// A Limit over what an operation gives at once; nil where it is in order.
    static func limit(_ limit: Int?, exceeding maximum: Int) -> ServiceError? {
        guard let limit, limit > maximum else { return nil }
        return .constraints([
            "Value '\(limit)' at 'limit' failed to satisfy constraint: "
                + "Member must have value less than or equal to \(maximum)"
        ])
    }
}
