import Metering
import Operations
import TestSupport
import Testing

@testable import AccountBook

@Suite("Dollars of usage")
struct UsageCostTests {
    private func near(_ left: Double, _ right: Double) -> Bool {
        abs(left - right) <= max(abs(right) * 1e-9, 1e-12)
    }

    @Test("on-demand requests, so far and per month at the span's rate")
    func onDemand() throws {
        let fixture = try BookFixture()
        let book = try fixture.open()
        for _ in 0..<1_000 { book.book(.write("a", units: 5)) }
        fixture.clock.advance(by: 3_540)
        let report = try book.report()
        // 6,000 write units at $0.625 per million; an hour of a month of 730.
        #expect(near(report.total.cost.requests, 0.00375))
        #expect(near(report.ledger.hours, 1))
        #expect(near(report.total.monthly.requests, 0.00375 * 730))
        // 2,000 bytes and 10 entries of 100 bytes more, all within the free 25 GB.
        let storage = 3_000 / 1_073_741_824.0 * 0.25
        #expect(near(report.total.monthly.storage, storage))
        #expect(near(report.total.monthly.allowance, -storage))
        #expect(near(report.total.cost.storage, storage * 3_540 / 3_600 / 730))
    }

    @Test("provisioned capacity costs by its hours, used or not")
    func provisioned() throws {
        let fixture = try BookFixture(
            directory: FixedDirectory(throughput: .provisioned(read: 100, write: 50)))
        let book = try fixture.open()
        book.book(.write("a"))
        fixture.clock.advance(by: 7_200)
        let report = try book.report()
        // Table and index each: 2 h × (100 × 0.00013 + 50 × 0.00065).
        #expect(near(report.total.cost.provisioned, 2 * 2 * 0.0455))
        #expect(report.total.cost.requests == 0)
        #expect(near(report.total.monthly.provisioned, 2 * 730 * 0.0455))
    }

    @Test("point-in-time recovery costs by the table's bytes, as long as it is on")
    func pointInTimeRecovery() throws {
        let fixture = try BookFixture(directory: FixedDirectory(hasPointInTimeRecovery: true))
        let book = try fixture.open()
        book.book(.write("a"))
        fixture.clock.advance(by: 7_200)
        let report = try book.report()
        // The table's 1,000 bytes; a global index is in no backup.
        let month = 1_000 / 1_073_741_824.0 * 0.20
        #expect(near(report.total.monthly.pointInTimeRecovery, month))
        #expect(near(report.total.cost.pointInTimeRecovery, month * 2 / 730))
        #expect(near(report.total.monthly.total, report.total.monthly.requests + month))
        let charges = try book.report(.charge).rows
        #expect(
            charges.map(\.charge) == [
                "requests", "storage", "point-in-time recovery", "requests", "storage", "free tier",
            ])
        #expect(near(charges.reduce(0) { $0 + $1.cost.total }, report.total.cost.total))
        #expect(near(charges.reduce(0) { $0 + $1.monthly.total }, report.total.monthly.total))
    }

    @Test("what if: point-in-time recovery, an on-demand backup")
    func backups() throws {
        let fixture = try BookFixture()
        let book = try fixture.open()
        book.book(.write("a"))
        fixture.clock.advance(by: 3_600)
        let report = try #require(try book.report(whatIf: WhatIf.parse("pitr,backup")).whatIf)
        let gigabytes = 1_000 / 1_073_741_824.0
        #expect(report.rows.map(\.now.pointInTimeRecovery) == [0, 0])
        #expect(near(report.rows[0].then.pointInTimeRecovery, gigabytes * 0.20))
        #expect(near(report.rows[0].then.backups, gigabytes * 0.10))
        #expect(report.rows[1].then.pointInTimeRecovery == 0)
        #expect(report.rows[1].then.backups == 0)
        #expect(near(report.then - report.now, gigabytes * 0.30))
    }

    @Test("refused reads of a stream cost nothing")
    func streamReads() throws {
        let fixture = try BookFixture()
        let book = try fixture.open()
        func read(_ result: Result<OperationOutcome, ServiceError>) {
            MeteredOperations(FixedHandler { result }, book: book).handle(
                .getRecords(GetRecordsRequest()), context: RequestContext()
            ) { _ in }
        }
        for _ in 0..<3 { read(.success(OperationOutcome(.records(GetRecordsResponse())))) }
        for _ in 0..<2 { read(.failure(ServiceError("ExpiredIteratorException", "too old"))) }
        let report = try book.report()
        #expect(report.total.requests == 5)
        #expect(near(report.total.cost.streams, 3 / 1e5 * 0.02))
        let rows = try book.report(.operation).rows
        #expect(near(rows.reduce(0) { $0 + $1.cost.streams }, 3 / 1e5 * 0.02))
    }

    @Test("what if: infrequent access, provisioned, another projection")
    func whatIf() throws {
        let fixture = try BookFixture()
        let book = try fixture.open()
        let costs = ProjectionCosts(
            keysOnly: RequestUnits(1), keysOnlyByteCount: 50, all: RequestUnits(4),
            allByteCount: 400)
        // 60 minutes: 600 table units and 120 index units in each.
        for _ in 0..<60 {
            for _ in 0..<60 {
                book.book(
                    TableConsumption(
                        tableName: "orders", table: Units(write: RequestUnits(10)),
                        globalIndexes: ["by-customer": Units(write: RequestUnits(2))],
                        charges: [
                            .of(7, "a", writes: 10), .of(8, "a", writes: 2, projections: costs),
                        ]))
            }
            fixture.clock.advance(by: 60)
        }
        func then(_ settings: String) throws -> WhatIfReport {
            try #require(
                try book.report(since: 3_600, whatIf: WhatIf.parse(settings)).whatIf)
        }
        let report = try book.report(since: 3_600)
        let months = 730 / report.ledger.hours
        let access = try then("standard-ia")
        #expect(near(access.rows[0].then.requests, 36_000 / 1e6 * 0.78 * months))
        let narrow = try then("projection=KEYS_ONLY:by-customer")
        #expect(near(narrow.rows[1].then.requests, 3_600 / 1e6 * 0.625 * months))
        #expect(near(narrow.rows[0].then.requests, 36_000 / 1e6 * 0.625 * months))
        let wide = try then("projection=ALL:by-customer")
        #expect(near(wide.rows[1].then.requests, 14_400 / 1e6 * 0.625 * months))
        let provisioned = try then("provisioned")
        let need = try #require(provisioned.rows[0].capacity)
        // 10 units a second: 10 fixed; at 70 %, ⌈10 / 0.7⌉ = 15.
        #expect(need.fixedWrite == 10)
        #expect(near(need.scaledWrite.rounded(), 15))
        #expect(near(need.fixedDollarsPerMonth, (10 * 0.00065 + 0.00013) * 730))
        #expect(throws: ServiceError.self) { try then("projection=ALL:nowhere") }
    }

    @Test(
        "parameters that can't be are refused by name",
        arguments: [
            ("since", "soon"), ("by", "colour"), ("what-if", "cheaper"), ("table", ""),
            ("what-if", "provisioned,on-demand"), ("until", "2d"), ("colour", "red"),
            ("since", "0s"), ("since", "2999-01-01T00:00"), ("since", ""), ("by", "Table"),
            ("what-if", ""), ("what-if", "pitr,"),
        ])
    func parameters(name: String, value: String) throws {
        let error = #expect(throws: ServiceError.self) {
            try UsageQuery(parameters: [(name, value)], now: 1_795_276_800)
        }
        #expect(error?.code == "ValidationException")
    }
}
