internal import Items
internal import Operations
internal import Storage
internal import Streams

extension Engine {
    /// GetRecords: the next records of a shard.
    ///
    /// A place behind which nothing was committed is answered inline, any other on the storage
    /// pool.
    func getRecords(
        _ request: GetRecordsRequest, context: RequestContext, completion: @escaping Completion
    ) {
        let read: ShardRead
        do throws(ServiceError) {
            read = try prepare(request)
        } catch {
            completion(.failure(error))
            return
        }
        if read.iterator.sequence > read.lastSequence {
            completion(.success(read.outcome(ShardReader.Page(ending: read.iterator.sequence))))
            return
        }
        pool.run { [store] in
            do throws(ServiceError) {
                completion(.success(try read.run(on: store)))
            } catch {
                completion(.failure(error))
            }
        }
    }

    private func prepare(_ request: GetRecordsRequest) throws(ServiceError) -> ShardRead {
        if let fault = ServiceError.limit(request.limit, exceeding: Limits.getRecordsMax) {
            throw fault
        }
        guard let iterator = ShardIterator(text: request.shardIterator) else {
            throw .invalidShardIterator
        }
        let now = environment.now()
        let issuedAgo = now - Double(iterator.issuedAt) / 1000
        guard issuedAgo < Limits.shardIteratorSeconds else { throw .expiredIterator }
        let arn: StreamArn
        do throws(ServiceError) { arn = try StreamArn(iterator.streamArn) } catch {
            throw .invalidShardIterator
        }
        guard arn.accountID == environment.accountID else { throw .invalidShardIterator }
        // Asked before the shard: a shard that is closed now has no record after its end.
        let lastSequence = streams.lastSequence
        let horizon = trimHorizon
        let stream = try stream(arn, text: iterator.streamArn)
        guard let shard = stream.shard(number: iterator.shard), !shard.isTrimmed(through: horizon)
        else { throw .trimmedDataAccess }
        return ShardRead(
            iterator: iterator, stream: stream.descriptor, shard: shard,
            lastSequence: min(lastSequence, shard.endingSequence ?? .max), horizon: horizon,
            limit: request.limit ?? Limits.getRecordsMax, now: now)
    }
}

/// A GetRecords at work.
private struct ShardRead: Sendable {
    let iterator: ShardIterator
    let stream: StreamDescriptor
    let shard: Shard
    /// All records of the shard up to this one are committed.
    let lastSequence: UInt64
    /// Records up to this one are past retention.
    let horizon: UInt64
    let limit: Int
    let now: Timestamp

    func run(on store: any ReadView) throws(ServiceError) -> OperationOutcome {
        let found: ShardReader.Page?
        do throws(StorageError) {
            found = try hasLostRecords(store) ? nil : page(of: store)
        } catch {
            throw ServiceError(storage: error)
        }
        guard let found else { throw .trimmedDataAccess }
        return outcome(found)
    }

    /// Whether records behind the place are past retention, be they deleted yet or not.
    private func hasLostRecords(_ store: any ReadView) throws(StorageError) -> Bool {
        guard iterator.sequence <= horizon else { return false }
        let last = try ShardReader.lastRecord(
            store, stream: stream.id, shard: shard.number, through: horizon)
        return iterator.sequence <= max(last ?? 0, shard.trimmedSequence ?? 0)
    }

    private func page(of store: any ReadView) throws(StorageError) -> ShardReader.Page {
        var count = 0
        var byteCount = 0
        return try ShardReader.read(
            store, stream: stream.id, shard: shard.number,
            from: max(iterator.sequence, horizon + 1),
            through: lastSequence,
            keptSince: Milliseconds.of(now - Limits.streamRetentionSeconds)
        ) { record in
            let size = record.byteCount(keySchema: stream.keySchema)
            guard count < limit, count == 0 || byteCount + size <= Limits.getRecordsBytesMax else {
                return false
            }
            count += 1
            byteCount += size
            return true
        }
    }

    func outcome(_ page: ShardReader.Page) -> OperationOutcome {
        var response = GetRecordsResponse()
        let identity = Mixing.hash(Array(iterator.streamArn.utf8))
        response.records = page.records.map { answer($0.sequence, $0.record, identity) }
        if shard.isOpen || !page.isAtEnd {
            response.nextShardIterator =
                ShardIterator(
                    streamArn: iterator.streamArn, shard: shard.number, sequence: page.next,
                    issuedAt: Milliseconds.of(now)
                ).text
        }
        return OperationOutcome(.records(response))
    }

    /// - Parameter identity: a hash of the stream's ARN, which makes event ids its own.
    private func answer(
        _ sequence: UInt64, _ record: ChangeRecord, _ identity: UInt64
    ) -> StreamRecord {
        let eventName: StreamRecord.EventName =
            switch record.event {
            case .insert: .insert
            case .modify: .modify
            case .remove: .remove
            }
        return StreamRecord(
            eventID: Mixing.hexadecimal(Mixing.mix(sequence))
                + Mixing.hexadecimal(Mixing.mix(sequence ^ identity)),
            eventName: eventName, awsRegion: stream.name.region,
            approximateCreationDateTime: Double(record.milliseconds / 1000),
            keys: record.keys(keySchema: stream.keySchema), newImage: record.newImage,
            oldImage: record.oldImage, sequenceNumber: SequenceNumber(sequence).text,
            sizeBytes: record.byteCount(keySchema: stream.keySchema),
            streamViewType: StreamViewType(rawValue: stream.view.rawValue) ?? .keysOnly,
            isTimeToLiveDeletion: record.isTimeToLiveDeletion)
    }
}
