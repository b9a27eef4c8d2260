import Dispatch
import Items
import Metering
import Operations
import TestSupport
import Testing

@testable import AccountBook

@Suite("The account book")
struct AccountBookTests {
    @Test("tells requests, units, bytes and items by table and index, exactly")
    func sums() throws {
        let fixture = try BookFixture()
        let book = try fixture.open()
        for number in 0..<100 { book.book(.write("k\(number)")) }
        for _ in 0..<3 { book.book(.read("k1", halves: 1), operation: .getItem(GetItemRequest())) }
        let report = try book.report(.index)
        let table = try #require(report.rows.first { $0.resource.indexName == nil })
        let index = try #require(report.rows.first { $0.resource.indexName != nil })
        #expect(table.writeUnits == 300)
        #expect(table.readUnits == 1.5)
        #expect(table.requests == 103)
        #expect(table.bytes == 10_300)
        #expect(index.writeUnits == 100)
        #expect(index.requests == 0)
        #expect(report.total.requests == 103)
        #expect(report.total.writeUnits == 400)
    }

    @Test("loses nothing and counts nothing twice when its process ends at any moment")
    func kills() throws {
        let fixture = try BookFixture()
        for round in 1...5 {
            let book = try fixture.open()
            book.book(.write("a"))
            book.book(.write("b"))
            // Some of it moves into the store before the end, some doesn't.
            if round % 2 == 0 { book.thread.sync { book.flush() } }
            book.book(.write("c"))
        }
        #expect(try fixture.open().report().total.writeUnits == Double(5 * 3 * 4))
    }

    @Test("takes no chunk in twice that is in the store already")
    func takenChunks() throws {
        let fixture = try BookFixture()
        let book = try fixture.open()
        book.book(.write("a"))
        // As if the process ended after the commit, before the chunk was given back.
        let (chunks, _) = book.stripes.map { $0.detach() }.reduce(into: ([], ())) {
            $0.0 += $1.chunks
        }
        var contents = UsageStore.Contents()
        for slot in chunks.flatMap({ LiveSlot.slots(of: $0) }) {
            if let key = slot.key { contents.counts[key, default: UsageCounts()] += slot.counts }
        }
        var marker = try book.usage.marker()
        marker.taken = chunks.map(\.number)
        try book.usage.add(contents, marker: marker)
        let reopened = try fixture.open()
        #expect(try reopened.report().total.writeUnits == 4)
        reopened.book(.write("b"))
        #expect(try fixture.open().report().total.writeUnits == 8)
    }

    @Test("counts exactly what many threads count while it moves into the store")
    func threads() throws {
        let fixture = try BookFixture()
        let book = try fixture.open()
        DispatchQueue.concurrentPerform(iterations: 8) { worker in
            for number in 0..<500 {
                book.book(.write("k\(number % 50)"), caller: "caller-\(worker)")
                if number % 100 == worker { book.thread.sync { book.flush() } }
            }
        }
        let report = try book.report(.caller)
        #expect(report.total.writeUnits == 16_000)
        #expect(report.total.requests == 4_000)
        #expect(Set(report.rows.compactMap(\.caller)).count == 8)
        #expect(report.rows.filter { $0.resource.id == 7 }.allSatisfy { $0.writeUnits == 1_500 })
    }

    @Test("tells callers beyond the first many together, and forgets none of their units")
    func manyCallers() throws {
        let fixture = try BookFixture()
        let book = try fixture.open()
        for number in 0..<1_000 { book.book(.write("k"), caller: "caller-\(number)") }
        let report = try book.report(.caller)
        #expect(report.total.writeUnits == 4_000)
        let others = report.rows.filter { $0.caller == "(others)" }
        #expect(others.reduce(0) { $0 + $1.requests } > 700)
    }

    @Test("keeps its sums as records grow coarser, and drops them after 30 days")
    func ages() throws {
        let fixture = try BookFixture()
        let book = try fixture.open()
        for _ in 0..<20 {
            book.book(.write("a"))
            fixture.clock.advance(by: 60)
        }
        for days in [2.0, 8, 19] {
            fixture.clock.advance(by: days * 86_400)
            #expect(try book.report().total.writeUnits == 80)
        }
        var grains: Set<UsageGrain> = []
        try book.usage.records(from: 0, to: AccountBook.minute(fixture.clock.now())) {
            grain, key, _ in
            if key.kind != .standing { grains.insert(grain) }
        }
        #expect(grains == [.hour])
        fixture.clock.advance(by: 3 * 86_400)
        #expect(try book.report().total.writeUnits == 0)
    }

    @Test("counts a charged failure, its kind, and a request that names no table")
    func failures() throws {
        let fixture = try BookFixture()
        let book = try fixture.open()
        var failed = ServiceError.conditionalCheckFailed(item: nil)
        failed.consumption = Consumption([.write("a", units: 2)])
        for error in [failed, .validation("no"), .internalServerError("broken")] {
            MeteredOperations(FixedHandler { .failure(error) }, book: book).handle(
                .listTables(ListTablesRequest()), context: RequestContext()
            ) { _ in }
        }
        let counts = book.thread.sync { book.liveCounts() }
        func requests(_ kind: BookedKind) -> UInt64 {
            counts.counts.filter { $0.key.kind == kind }.reduce(0) { $0 + $1.value.requests }
        }
        #expect(requests(.failedCondition) == 1)
        #expect(requests(.userError) == 1)
        #expect(requests(.systemError) == 1)
        let report = try book.report()
        #expect(report.total.writeUnits == 3)
        #expect(report.total.requests == 3)
        #expect(report.total.errors == 3)
    }

    @Test("books units by name where no charges tell their places")
    func unplaced() throws {
        let fixture = try BookFixture()
        let book = try fixture.open()
        var table = TableConsumption.write("a")
        table.charges = []
        table.tableName = "arn:aws:dynamodb:us-east-1:000000000000:table/orders"
        book.book(table)
        let report = try book.report(.index)
        #expect(report.rows.map(\.writeUnits).sorted() == [1, 3])
        #expect(report.rows.allSatisfy { $0.resource.tableName == "orders" })
    }

    @Test("counts work that met a limit, by its reason")
    func throttles() throws {
        let fixture = try BookFixture()
        let book = try fixture.open()
        var error = ServiceError("ProvisionedThroughputExceededException", "slow down")
        error.consumption = Consumption()
        error.consumption?.throttles = [
            ThrottledWork(
                place: Charge.of(8, "a").place, kind: .write, limit: .keyRange)
        ]
        let thrown = error
        MeteredOperations(FixedHandler { .failure(thrown) }, book: book).handle(
            .putItem(PutItemRequest()), context: RequestContext()
        ) { _ in }
        let row = try #require(try book.report(.index).rows.first { $0.throttles > 0 })
        #expect(row.resource.indexName == "by-customer")
        #expect(row.throttles == 1)
        let text = MetricsText(book.thread.sync { book.liveCounts() }, mappings: []).text
        #expect(
            text.contains(
                #"WriteThrottleEvents{TableName="orders",GlobalSecondaryIndexName="by-customer""#))
    }

    @Test("the months of operations sum up to the month of all, without what was dropped")
    func monthsSumUp() throws {
        let fixture = try BookFixture()
        let book = try fixture.open()
        book.book(.write("a"))
        // Of a table that the directory knows no longer.
        book.book(
            TableConsumption(
                tableName: "gone", table: Units(write: RequestUnits(1_000)),
                charges: [.of(9, "b", writes: 1_000)]))
        for dimension in [UsageDimension.operation, .caller, .partition] {
            let report = try book.report(dimension)
            let sum = report.rows.reduce(0) { $0 + $1.monthly.requests }
            #expect(report.total.monthly.requests > 0)
            #expect(abs(sum - report.total.monthly.requests) < 1e-9, "\(dimension): \(sum)")
        }
    }

    @Test("a clock that goes back a day loses nothing and charges no hour twice")
    func clockGoesBack() throws {
        let fixture = try BookFixture()
        let book = try fixture.open()
        book.book(.write("a"))
        fixture.clock.advance(by: 7_200)
        let storage = try book.report().total.cost.storage
        #expect(storage > 0)
        fixture.clock.advance(by: -86_400)
        book.book(.write("b"))
        #expect(try book.report().total.writeUnits == 4, "what is to come is told when it comes")
        _ = MetricsText(book.thread.sync { book.liveCounts() }, mappings: []).text
        fixture.clock.advance(by: 86_400)
        let total = try book.report().total
        #expect(total.writeUnits == 8)
        #expect(abs(total.cost.storage - storage) < storage * 1e-9)
    }

    @Test("finds the hottest keys among many")
    func hotKeys() throws {
        let fixture = try BookFixture()
        let book = try fixture.open()
        for number in 0..<20_000 {
            book.book(.read(number % 4 == 0 ? "hot" : "cold-\(number)", halves: 2))
        }
        let row = try #require(try book.report(.key).rows.first)
        #expect(row.key == "id=hot")
        // A quarter of 20,000 units, within the error of samples.
        #expect((3_000...8_000).contains(row.readUnits))
        let others = try #require(try book.report(.key).rows.last)
        #expect(others.key == KeyText.others)
        #expect((11_000...19_000).contains(others.readUnits))
    }
}
