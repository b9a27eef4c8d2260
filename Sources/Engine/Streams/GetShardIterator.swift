internal import Operations
internal import Streams

extension Engine {
    /// GetShardIterator: a place in a shard, good for 15 minutes.
    func getShardIterator(
        _ request: GetShardIteratorRequest, context: RequestContext,
        completion: @escaping Completion
    ) {
        do throws(ServiceError) {
            completion(.success(OperationOutcome(.shardIterator(try iterator(request)))))
        } catch {
            completion(.failure(error))
        }
    }

    private func iterator(_ request: GetShardIteratorRequest) throws(ServiceError) -> String {
        let number = try sequenceNumber(of: request)
        let stream = try stream(arn: request.streamArn, for: "GetShardIterator")
        let horizon = trimHorizon
        guard let shard = stream.shard(id: request.shardId), !shard.isTrimmed(through: horizon)
        else { throw .shardNotFound(request.shardId, of: request.streamArn) }
        let sequence: UInt64
        switch request.iteratorType {
        case .trimHorizon:
            sequence = max(shard.startingSequence, horizon + 1)
        case .latest:
            sequence = max(shard.startingSequence, streams.lastSequence + 1)
        case .atSequenceNumber, .afterSequenceNumber:
            guard let number else { throw .invalidSequenceNumber }
            guard number >= shard.startingSequence, number <= shard.endingSequence ?? .max - 1
            else { throw .invalidSequenceNumber }
            sequence = request.iteratorType == .atSequenceNumber ? number : number + 1
            guard sequence > horizon else { throw .trimmedDataAccess }
        }
        return ShardIterator(
            streamArn: request.streamArn, shard: shard.number, sequence: sequence,
            issuedAt: Milliseconds.of(environment.now())
        ).text
    }

    /// The sequence number that a request gives, where its type wants one.
    private func sequenceNumber(
        of request: GetShardIteratorRequest
    ) throws(ServiceError) -> UInt64? {
        let type = request.iteratorType
        guard let text = request.sequenceNumber else {
            guard type == .trimHorizon || type == .latest else {
                throw .validation(
                    "SequenceNumber must be specified for ShardIteratorType \(type.rawValue)")
            }
            return nil
        }
        guard type == .atSequenceNumber || type == .afterSequenceNumber else {
            throw .validation(
                "SequenceNumber must not be specified for ShardIteratorType \(type.rawValue)")
        }
        guard let number = SequenceNumber(text: text) else { throw .invalidSequenceNumber }
        return number.value
    }
}

extension Shard {
    /// Whether the shard ended so long ago that it is past retention as a whole.
    func isTrimmed(through horizon: UInt64) -> Bool {
        endingSequence.map { $0 <= horizon } ?? false
    }
}
