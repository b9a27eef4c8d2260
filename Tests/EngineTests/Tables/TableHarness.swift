import Engine
import Items
import Operations
import Synchronization

/// Swift Testing has a Tag too.
typealias TableTag = Operations.Tag

/// Tables in memory: what the commit path is to the control plane.
final class MemoryTables: TableStaging {
    private(set) var tables: [TableLocation: Table] = [:]
    private(set) var droppedIDs: [UInt32] = []
    private var statistics: [UInt32: Statistics] = [:]
    private var nextID: UInt32 = 1

    func table(named name: String, region: String) -> Table? {
        tables[TableLocation(name: name, region: region)]
    }

    func tables(in region: String) -> [Table] {
        tables.values.filter { $0.definition.region == region }.sorted { $0.name < $1.name }
    }

    func makeStorageID() -> UInt32 {
        defer { nextID += 1 }
        return nextID
    }

    func putTable(_ definition: TableDefinition) {
        let table = Table(definition: definition, accountID: "000000000000") { id in
            let known = statistics[id] ?? Statistics()
            statistics[id] = known
            return known
        }
        tables[TableLocation(name: definition.name, region: definition.region)] = table
    }

    func dropTable(_ table: Table) {
        tables[TableLocation(name: table.name, region: table.definition.region)] = nil
        droppedIDs.append(table.id)
    }

    func hasStream(tableName: String, region: String, label: String) -> Bool { false }
}

/// A clock that stands until it is moved.
final class ManualClock: Sendable {
    private let time: Mutex<Timestamp>

    init(_ time: Timestamp) { self.time = Mutex(time) }

    var now: Timestamp { time.withLock { $0 } }
    func advance(by seconds: Double) { time.withLock { $0 += seconds } }
}

/// The control plane over tables in memory, with a clock and ids that repeat.
final class TableHarness {
    let staging = MemoryTables()
    /// 2026-11-21T08:16:24.062Z, a Saturday.
    let clock = ManualClock(1_795_248_984.062)
    var context = RequestContext(region: "eu-west-1", host: "db.test:8000")
    private(set) lazy var environment = EngineEnvironment(
        now: { [clock] in clock.now }, makeTableID: { "00000000-0000-4000-8000-000000000000" })

    /// The definition of a table that must be there.
    func definition(_ name: String = "Music") -> TableDefinition? {
        staging.table(named: name, region: context.region)?.definition
    }

    /// CreateTable of a valid request, edited.
    @discardableResult
    func create(
        _ edit: (inout CreateTableRequest) -> Void = { _ in }
    ) throws(ServiceError) -> TableDescription {
        var request = CreateTableRequest.music
        edit(&request)
        try request.validate()
        return try description(
            request.stage(in: staging, context: context, environment: environment))
    }

    /// UpdateTable of `Music`.
    @discardableResult
    func update(
        _ edit: (inout UpdateTableRequest) -> Void
    ) throws(ServiceError) -> TableDescription {
        var request = UpdateTableRequest()
        request.tableName = "Music"
        edit(&request)
        try request.validate()
        return try description(
            request.stage(in: staging, context: context, environment: environment))
    }

    func describe(_ name: String = "Music") throws(ServiceError) -> TableDescription {
        try description(
            TableRequest(tableName: name).describeTable(
                in: staging, context: context, environment: environment))
    }

    @discardableResult
    func delete(_ name: String = "Music") throws(ServiceError) -> TableDescription {
        try description(
            TableRequest(tableName: name).stageDeletion(
                in: staging, context: context, environment: environment))
    }

    /// Ends the filling of all indexes, as the backfill does.
    func finishBackfill(_ name: String = "Music") {
        guard var definition = definition(name) else { return }
        for position in definition.globalIndexes.indices {
            definition.globalIndexes[position].state = .active
        }
        staging.putTable(definition)
    }

    private func description(_ outcome: OperationOutcome) throws(ServiceError) -> TableDescription {
        switch outcome.response {
        case .tableDescription(let description), .table(let description): return description
        default: throw .internalServerError("not a description: \(outcome.response)")
        }
    }
}

/// The error of a call that must fail; nil where it doesn't.
func failure(_ body: () throws(ServiceError) -> Void) -> Refusal? {
    do throws(ServiceError) {
        try body()
        return nil
    } catch {
        return Refusal(error.code, error.message)
    }
}

/// An error's type and text.
struct Refusal: Sendable, Equatable, CustomStringConvertible {
    let code: String
    let message: String

    init(_ code: String, _ message: String) {
        self.code = code
        self.message = message
    }

    static func validation(_ message: String) -> Refusal {
        Refusal("ValidationException", message)
    }

    static func invalid(_ reason: String) -> Refusal {
        .validation("One or more parameter values were invalid: \(reason)")
    }

    static func limit(_ reason: String) -> Refusal {
        Refusal("LimitExceededException", "Subscriber limit exceeded: \(reason)")
    }

    var description: String { "\(code): \(message)" }
}

extension CreateTableRequest {
    /// A PAY_PER_REQUEST table `Music` with the key Artist (HASH), Song (RANGE).
    static var music: CreateTableRequest {
        var request = CreateTableRequest()
        request.tableName = "Music"
        request.billingMode = .payPerRequest
        request.keySchema = [.hash("Artist"), .range("Song")]
        request.attributeDefinitions = [.string("Artist"), .string("Song")]
        return request
    }

    /// Makes the table PROVISIONED.
    mutating func provision(_ read: Int, _ write: Int) {
        billingMode = nil
        provisionedThroughput = ProvisionedThroughput(
            readCapacityUnits: read, writeCapacityUnits: write)
    }

    /// Adds indexes together with definitions of their keys.
    mutating func add(_ indexes: GlobalSecondaryIndex...) {
        globalSecondaryIndexes = (globalSecondaryIndexes ?? []) + indexes
        define(indexes.map(\.keySchema))
    }

    mutating func add(_ indexes: LocalSecondaryIndex...) {
        localSecondaryIndexes = (localSecondaryIndexes ?? []) + indexes
        define(indexes.map(\.keySchema))
    }

    private mutating func define(_ schemas: [[KeySchemaElement]]) {
        var definitions = attributeDefinitions ?? []
        for element in schemas.joined()
        where !definitions.contains(where: { $0.attributeName == element.attributeName }) {
            definitions.append(.string(element.attributeName))
        }
        attributeDefinitions = definitions
    }
}

extension KeySchemaElement {
    static func hash(_ name: String) -> KeySchemaElement { KeySchemaElement(name, .hash) }
    static func range(_ name: String) -> KeySchemaElement { KeySchemaElement(name, .range) }
}

extension AttributeDefinition {
    static func string(_ name: String) -> AttributeDefinition {
        AttributeDefinition(name, .string)
    }
}

extension LocalSecondaryIndex {
    init(_ name: String, _ keySchema: KeySchemaElement..., projection: Projection = .all) {
        self.init()
        indexName = name
        self.keySchema = keySchema
        self.projection = projection
    }
}

extension GlobalSecondaryIndex {
    init(_ name: String, _ keySchema: KeySchemaElement..., projection: Projection = .all) {
        self.init(name, keySchema, projection)
    }

    init(_ name: String, _ keySchema: [KeySchemaElement], _ projection: Projection = .all) {
        self.init()
        indexName = name
        self.keySchema = keySchema
        self.projection = projection
    }

    func provisioned(_ read: Int, _ write: Int) -> GlobalSecondaryIndex {
        var index = self
        index.provisionedThroughput = ProvisionedThroughput(
            readCapacityUnits: read, writeCapacityUnits: write)
        return index
    }
}

extension Projection {
    static var all: Projection { Projection(.all) }

    /// INCLUDE of so many attributes, whose names begin with the prefix.
    static func including(_ count: Int, _ prefix: String = "n") -> Projection {
        Projection(.include, nonKeyAttributes: (0..<count).map { "\(prefix)\($0)" })
    }
}

extension UpdateTableRequest {
    mutating func createIndex(_ index: GlobalSecondaryIndex) {
        var update = GlobalSecondaryIndexUpdate()
        update.create = index
        globalSecondaryIndexUpdates = (globalSecondaryIndexUpdates ?? []) + [update]
        var definitions = attributeDefinitions ?? []
        for element in index.keySchema
        where !definitions.contains(where: { $0.attributeName == element.attributeName }) {
            definitions.append(.string(element.attributeName))
        }
        attributeDefinitions = definitions
    }

    mutating func deleteIndex(_ name: String) {
        var update = GlobalSecondaryIndexUpdate()
        update.delete = name
        globalSecondaryIndexUpdates = (globalSecondaryIndexUpdates ?? []) + [update]
    }

    mutating func updateIndex(
        _ name: String, _ edit: (inout GlobalSecondaryIndexUpdate.Update) -> Void
    ) {
        var change = GlobalSecondaryIndexUpdate.Update()
        change.indexName = name
        edit(&change)
        var update = GlobalSecondaryIndexUpdate()
        update.update = change
        globalSecondaryIndexUpdates = (globalSecondaryIndexUpdates ?? []) + [update]
    }

    mutating func provision(_ read: Int, _ write: Int) {
        provisionedThroughput = ProvisionedThroughput(
            readCapacityUnits: read, writeCapacityUnits: write)
    }
}
