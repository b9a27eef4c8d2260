internal import Operations
internal import Streams

extension Engine {
    /// DescribeStream: the stream and its shards, parents before their children.
    func describeStream(
        _ request: DescribeStreamRequest, context: RequestContext,
        completion: @escaping Completion
    ) {
        do throws(ServiceError) {
            completion(.success(OperationOutcome(.streamDescription(try describe(request)))))
        } catch {
            completion(.failure(error))
        }
    }

    private func describe(
        _ request: DescribeStreamRequest
    ) throws(ServiceError) -> StreamDescription {
        if let fault = ServiceError.limit(request.limit, exceeding: Limits.describeStreamShardsMax)
        {
            throw fault
        }
        let stream = try stream(arn: request.streamArn, for: "DescribeStream")
        let descriptor = stream.descriptor
        var answer = StreamDescription()
        answer.streamArn = StreamArn.text(stream.name, accountID: environment.accountID)
        answer.streamLabel = stream.name.label
        answer.streamStatus = stream.isEnabled ? .enabled : .disabled
        answer.streamViewType = StreamViewType(rawValue: descriptor.view.rawValue) ?? .keysOnly
        answer.creationRequestDateTime = descriptor.createdAt
        answer.tableName = stream.name.tableName
        answer.keySchema = [KeySchemaElement(descriptor.keySchema.hash, .hash)]
        if let range = descriptor.keySchema.range {
            answer.keySchema.append(KeySchemaElement(range, .range))
        }
        let shards = try asked(request, of: stream)
        let page = shards.prefix(max(1, request.limit ?? Limits.describeStreamShardsMax))
        answer.shards = page.map(Self.description)
        if page.count < shards.count { answer.lastEvaluatedShardId = page.last?.id }
        return answer
    }

    /// The shards that a request asks for, after the one where it starts.
    private func asked(
        _ request: DescribeStreamRequest, of stream: ChangeStream
    ) throws(ServiceError) -> ArraySlice<Shard> {
        let horizon = trimHorizon
        var shards = stream.shards.filter { !$0.isTrimmed(through: horizon) }[...]
        if request.shardFilterType != nil || request.shardFilterShardId != nil {
            guard request.shardFilterType != nil, let parent = request.shardFilterShardId else {
                throw .invalidParameterValues(
                    "ShardFilter must have both Type and ShardId")
            }
            shards = shards.filter { $0.parentID == parent }[...]
        }
        guard let start = request.exclusiveStartShardId else { return shards }
        guard let place = shards.firstIndex(where: { $0.id == start }) else { return [] }
        return shards[(place + 1)...]
    }

    private static func description(_ shard: Shard) -> ShardDescription {
        ShardDescription(
            shardId: shard.id, parentShardId: shard.parentID,
            startingSequenceNumber: SequenceNumber(shard.startingSequence).text,
            endingSequenceNumber: shard.endingSequence.map { SequenceNumber($0).text })
    }
}
