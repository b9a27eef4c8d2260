import Foundation
import Items
import Logging
import Metering
import Operations
import Storage
import Synchronization
import TestSupport

@testable import AccountBook

/// One table, id 7, with a global index, id 8, each of two partitions.
struct FixedDirectory: ResourceDirectory {
    var throughput = ThroughputSetting.onDemand(
        warmRead: 12_000, warmWrite: 4_000, maxRead: nil, maxWrite: nil)
    var hasPointInTimeRecovery = false

    func resource(id: UInt32) -> MeteredResource? { resources().first { $0.id == id } }

    func resources() -> [MeteredResource] {
        func resource(_ id: UInt32, _ kind: MeteredResource.Kind, _ index: String?, _ key: String)
            -> MeteredResource
        {
            MeteredResource(
                id: id, kind: kind, region: "us-east-1", tableName: "orders", indexName: index,
                tableClass: nil, throughput: throughput,
                keyAttributes: [MeteredResource.KeyAttribute(name: key, type: .string)],
                itemCount: 10, byteCount: 1_000,
                hasPointInTimeRecovery: hasPointInTimeRecovery)
        }
        return [
            resource(7, .table, nil, "id"), resource(8, .globalIndex, "by-customer", "customer"),
        ]
    }

    func partition(of place: KeyPlace) -> Int { place.hash >> 63 == 0 ? 0 : 1 }
    func partitionCount(id: UInt32) -> Int { 2 }
}

/// Answers every request with a consumption of its own.
final class FixedHandler: OperationHandler {
    let result: @Sendable () -> Result<OperationOutcome, ServiceError>

    init(_ result: @escaping @Sendable () -> Result<OperationOutcome, ServiceError>) {
        self.result = result
    }

    func handle(
        _ request: OperationRequest, context: RequestContext,
        completion: @escaping @Sendable (Result<OperationOutcome, ServiceError>) -> Void
    ) {
        completion(result())
    }
}

/// A book over a store in memory, with its live file in a directory of its own.
struct BookFixture: ~Copyable {
    let store: RocksStore
    let directory: FixedDirectory
    let clock = HandClock()
    let path: String

    init(directory: FixedDirectory = FixedDirectory()) throws {
        self.directory = directory
        store = try RocksStore.open(StoreOptions(path: "", inMemory: true))
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("usage-\(UUID().uuidString).live").path
    }

    deinit {
        store.close()
        try? FileManager.default.removeItem(atPath: path)
    }

    func open() throws -> AccountBook {
        try AccountBook(
            store: store, directory: directory, clock: clock, livePath: path,
            logger: Logger(label: "test"))
    }
}

extension Charge {
    static func of(
        _ resource: UInt32, _ key: String, readHalves: Int = 0, writes: Int = 0,
        projections: ProjectionCosts? = nil
    ) -> Charge {
        let bytes = Array(key.utf8) + [0, 0]
        // A hash of the key's first byte spreads keys over the two partitions.
        let hash: [UInt8] = [key.utf8.first.map { $0 &* 67 } ?? 0, 0, 0, 0, 0, 0, 0, 0]
        return Charge(
            place: KeyPlace(storedKey: [0, 0, 0, UInt8(resource)] + hash + bytes),
            units: Units(
                read: RequestUnits(halves: readHalves), write: RequestUnits(writes)),
            byteCount: 100, projections: projections)
    }
}

extension AccountBook {
    /// Books one write of a table and its index.
    func book(
        _ table: TableConsumption, operation: OperationRequest = .putItem(PutItemRequest()),
        caller: String = "AKIATEST"
    ) {
        MeteredOperations(
            FixedHandler {
                .success(
                    OperationOutcome(
                        .writeItem(WriteItemResponse()), consumption: Consumption([table])))
            }, book: self
        ).handle(operation, context: RequestContext(accessKeyID: caller)) { _ in }
    }

    func report(
        _ dimension: UsageDimension = .table, since: Double = 86_400 * 60,
        whatIf: [WhatIf] = [], tableName: String? = nil
    ) throws -> UsageReport {
        let query = UsageQuery(
            tableName: tableName, since: clock.now() - since, until: clock.now() + 60,
            dimension: dimension, whatIf: whatIf)
        let ledger = try thread.sync { try self.ledger(query) }
        return try UsageReport(query, ledger, prices: .current)
    }
}

extension TableConsumption {
    /// A write of so many units of the table, and one of the index.
    static func write(_ key: String, units: Int = 3) -> TableConsumption {
        TableConsumption(
            tableName: "orders", table: Units(write: RequestUnits(units)),
            globalIndexes: ["by-customer": Units(write: RequestUnits(1))],
            charges: [.of(7, key, writes: units), .of(8, key, writes: 1)])
    }

    static func read(_ key: String, halves: Int) -> TableConsumption {
        TableConsumption(
            tableName: "orders", table: Units(read: RequestUnits(halves: halves)),
            charges: [.of(7, key, readHalves: halves)])
    }
}
