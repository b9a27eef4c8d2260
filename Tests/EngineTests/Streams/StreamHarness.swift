import Items
import Operations
import Storage

@testable import Engine

extension EngineHarness {
    /// An engine whose clock the test moves, and whose chores run only when asked to.
    init(store: RocksStore? = nil, time: TestTime) throws {
        let opened = try store ?? RocksStore.open(.inMemory)
        var configuration = EngineConfiguration(now: time.now)
        configuration.maintenanceInterval = .infinity
        self.store = opened
        engine = try Engine(store: opened, configuration: configuration)
    }

    /// Does all work that is due by the clock.
    func catchUp() async {
        await withCheckedContinuation { continuation in
            engine.maintenance.catchUp { continuation.resume() }
        }
    }

    /// Makes a table `tab` of string keys `pk` and `sk` with a stream.
    @discardableResult
    func makeStreamTable(
        _ name: String = "tab", _ view: StreamViewType = .newAndOldImages, hasSortKey: Bool = true,
        context: RequestContext = RequestContext(),
        edit: (inout CreateTableRequest) -> Void = { _ in }
    ) async throws(ServiceError) -> String {
        var request = CreateTableRequest()
        request.tableName = name
        request.billingMode = .payPerRequest
        request.keySchema = [KeySchemaElement("pk", .hash)]
        request.attributeDefinitions = [AttributeDefinition("pk", .string)]
        if hasSortKey {
            request.keySchema?.append(KeySchemaElement("sk", .range))
            request.attributeDefinitions?.append(AttributeDefinition("sk", .string))
        }
        request.streamSpecification = StreamSpecification(
            streamEnabled: true, streamViewType: view)
        edit(&request)
        guard
            case .tableDescription(let description) =
                try await perform(.createTable(request), context: context).response
        else { return "" }
        return description.latestStreamArn ?? ""
    }

    /// UpdateTable with a StreamSpecification; the answer's LatestStreamArn.
    @discardableResult
    func setStream(
        _ view: StreamViewType?, table: String = "tab"
    ) async throws(ServiceError) -> String {
        var request = UpdateTableRequest()
        request.tableName = table
        request.streamSpecification = StreamSpecification(
            streamEnabled: view != nil, streamViewType: view)
        guard
            case .tableDescription(let description) = try await perform(.updateTable(request))
                .response
        else { return "" }
        return description.latestStreamArn ?? ""
    }

    func listStreams(
        table: String? = nil, limit: Int? = nil, after start: String? = nil,
        context: RequestContext = RequestContext()
    ) async throws(ServiceError) -> ListStreamsResponse {
        var request = ListStreamsRequest()
        request.tableName = table
        request.limit = limit
        request.exclusiveStartStreamArn = start
        guard
            case .listStreams(let response) = try await perform(
                .listStreams(request), context: context
            ).response
        else { throw .internalServerError("no list") }
        return response
    }

    func describeStream(
        _ arn: String, edit: (inout DescribeStreamRequest) -> Void = { _ in }
    ) async throws(ServiceError) -> StreamDescription {
        var request = DescribeStreamRequest()
        request.streamArn = arn
        edit(&request)
        guard
            case .streamDescription(let description) = try await perform(.describeStream(request))
                .response
        else { throw .internalServerError("no description") }
        return description
    }

    func iterator(
        _ arn: String, _ shard: String,
        _ type: GetShardIteratorRequest.IteratorType = .trimHorizon, _ sequence: String? = nil
    ) async throws(ServiceError) -> String {
        var request = GetShardIteratorRequest()
        request.streamArn = arn
        request.shardId = shard
        request.iteratorType = type
        request.sequenceNumber = sequence
        guard
            case .shardIterator(let text) = try await perform(.getShardIterator(request)).response
        else { throw .internalServerError("no iterator") }
        return text
    }

    func records(
        _ iterator: String, limit: Int? = nil
    ) async throws(ServiceError) -> GetRecordsResponse {
        var request = GetRecordsRequest()
        request.shardIterator = iterator
        request.limit = limit
        guard case .records(let response) = try await perform(.getRecords(request)).response else {
            throw .internalServerError("no records")
        }
        return response
    }

    /// All records of a shard from its beginning, and whether it has ended.
    func allRecords(
        _ arn: String, _ shard: String, limit: Int? = nil
    ) async throws(ServiceError) -> (records: [StreamRecord], isEnded: Bool) {
        var next: String? = try await iterator(arn, shard)
        var found: [StreamRecord] = []
        while let iterator = next {
            let page = try await records(iterator, limit: limit)
            found += page.records
            next = page.nextShardIterator
            if page.records.isEmpty, next != nil { return (found, false) }
        }
        return (found, true)
    }

    /// All shards of a stream, page by page.
    func allShards(_ arn: String, limit: Int? = nil) async throws(ServiceError)
        -> [ShardDescription]
    {
        var shards: [ShardDescription] = []
        var start: String?
        repeat {
            let from = start
            let page = try await describeStream(arn) {
                $0.exclusiveStartShardId = from
                $0.limit = limit
            }
            shards += page.shards
            start = page.lastEvaluatedShardId
        } while start != nil
        return shards
    }

    /// All records of a stream, parents before their children.
    func allRecords(of arn: String) async throws(ServiceError) -> [StreamRecord] {
        var found: [StreamRecord] = []
        for shard in try await allShards(arn) {
            found += try await allRecords(arn, shard.shardId).records
        }
        return found
    }

    func splitPartition(
        _ partition: Int? = nil, table: String = "tab"
    ) async throws(ServiceError) -> Int {
        let result = await withCheckedContinuation { continuation in
            engine.splitPartition(
                tableName: table, region: "us-east-1", partition: partition
            ) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }
}

/// The code and message of a call that must fail.
func refusal(
    _ body: () async throws(ServiceError) -> Void
) async -> Refusal? {
    do throws(ServiceError) {
        try await body()
        return nil
    } catch {
        return Refusal(error.code, error.message)
    }
}
