import Synchronization
import Testing
import Wire

@testable import Terminal

struct KeySelectionTests {
    private func request(_ words: [String], index: String? = nil) throws -> ReadRequest {
        var order = ReadOrder()
        order.words = words
        order.indexName = index
        return try ReadRequest.query(order, schema: Orders.schema)
    }

    private func text(_ request: ReadRequest, _ member: String) -> String? {
        let parameters = JSONValue.object(request.parameters)
        guard var text = parameters[member]?.string else { return nil }
        let names = parameters["ExpressionAttributeNames"]?.members ?? []
        let values = parameters["ExpressionAttributeValues"]?.members ?? []
        for (placeholder, value) in (names + values).reversed() {
            let told = value.string ?? value.members?.first?.1.string ?? ""
            text = text.split(separator: placeholder, omittingEmptySubsequences: false)
                .joined(separator: told)
        }
        return text
    }

    @Test func theTablesKeyGoesFirst() throws {
        let request = try request(["status=open", "customer=42", "date>2026", "total<5"])
        #expect(request.index == nil)
        #expect(text(request, "KeyConditionExpression") == "customer = 42 AND date > 2026")
        #expect(text(request, "FilterExpression") == "status = open AND total < 5")
    }

    @Test func anIndexServesWhatTheTableDoesNot() throws {
        let request = try request(["status=open", "date>=2026", "date<=2027", "customer<5"])
        #expect(request.index?.name == "by-status")
        #expect(
            text(request, "KeyConditionExpression")
                == "status = open AND date BETWEEN 2026 AND 2027")
        #expect(text(request, "FilterExpression") == "customer < 5")
    }

    @Test func theIndexThatUsesMostIsTaken() throws {
        let request = try request(["status=open", "code=aGk=", "date=2026", "total>5"])
        #expect(request.index?.name == "by-place")
        #expect(
            text(request, "KeyConditionExpression")
                == "status = open AND code = aGk= AND date = 2026 AND total > 5")
        #expect(text(request, "FilterExpression") == nil)
    }

    @Test func anIndexThatLacksWhatIsFilteredIsNotTaken() {
        #expect(
            throws: ValueFault(
                "index by-status does not hold note, so it can't be filtered there: leave it out, "
                    + "or look at all items with 'basalt scan orders'")
        ) { try request(["status=open", "note=x"]) }
    }

    @Test func aNamedIndexIsKept() throws {
        let request = try request(["customer=42", "total>5", "date>2026"], index: "by-total")
        #expect(text(request, "KeyConditionExpression") == "customer = 42 AND total > 5")
        #expect(text(request, "FilterExpression") == "date > 2026")
    }

    @Test(arguments: [
        [], ["total=5"], ["customer>4"], ["customer=4", "date>1", "date<2"],
        ["customer=4", "date<>1"], ["customer=4", "customer=5"], ["not customer=4"],
    ])
    func whatNoKeyServesIsRefused(words: [String]) {
        #expect(throws: ValueFault.self) { try request(words) }
    }

    @Test func unknownIndexesAreTold() {
        #expect(
            throws: ValueFault(
                "orders has no index by-x: it has by-total, by-status, by-place")
        ) { try request(["customer=4"], index: "by-x") }
    }

    @Test func selectionsCarryTheKeysThatPagingNeeds() throws {
        var order = ReadOrder()
        order.words = ["status=open"]
        order.selection = "note,customer,a.b"
        let request = try ReadRequest.query(order, schema: Orders.schema)
        #expect(request.columns == ["note", "customer", "a"])
        #expect(request.hiddenAttributes == ["date", "status"])
        #expect(text(request, "ProjectionExpression") == "note, customer, a.b, date, status")
    }

    @Test func startKeysGoThereAndBack() throws {
        let request = try request(["status=open"])
        let item = ["customer", "date", "status", "note"].map {
            ($0, JSONValue.object([("S", .string("7"))]))
        }
        let key = try #require(request.startKey(after: item))
        let token = ReadRequest.token(key)
        #expect(token == #"{"customer":"7","date":"7","status":"7"}"#)
        #expect(try request.startKey(token: token) == key)
        #expect(request.startKey(after: Array(item.dropFirst())) == nil)
        #expect(throws: ValueFault.self) { try request.startKey(token: "abc") }
    }

    @Test func rawAndWordedFiltersDoNotMix() {
        var order = ReadOrder()
        order.words = ["a=1"]
        order.filter = "b = :b"
        #expect(throws: ValueFault.self) {
            try ReadRequest.scan(order, schema: Orders.schema)
        }
    }
}

struct PageReaderTests {
    /// Answers pages of a table of so many items, as the service would: Limit is what is looked
    /// at, and every `keep`th item passes the filter.
    private final class Pages: Sendable {
        let limits = Mutex<[Int?]>([])
        private let count: Int
        private let keep: Int

        init(count: Int, keep: Int = 1) {
            self.count = count
            self.keep = keep
        }

        func answer(_ parameters: JSONValue) -> JSONValue {
            let limit = parameters["Limit"]?.integer
            limits.withLock { $0.append(limit) }
            let start = parameters["ExclusiveStartKey"]?["date"]?["S"]?.string.flatMap { Int($0) }
            let first = (start ?? -1) + 1
            let end = min(count, first + (limit ?? 1_000))
            let items = (first..<max(first, end)).filter { $0 % keep == 0 }.map { number in
                JSONValue.object([
                    ("customer", .object([("S", .string("1"))])),
                    ("date", .object([("S", .string("\(number)"))])),
                ])
            }
            let last = JSONValue.object([
                ("customer", .object([("S", .string("1"))])),
                ("date", .object([("S", .string("\(end - 1)"))])),
            ])
            return .object(present: [
                ("Items", .array(items)), ("Count", .number("\(items.count)")),
                ("ScannedCount", .number("\(end - first)")),
                ("LastEvaluatedKey", end < count ? last : nil),
                ("ConsumedCapacity", .object([("CapacityUnits", .number("0.5"))])),
            ])
        }
    }

    private func reader(_ pages: Pages, filtered: Bool = false) throws -> PageReader {
        var order = ReadOrder()
        if filtered { order.words = ["x=1"] }
        let request = try ReadRequest.scan(order, schema: Orders.schema)
        return PageReader(request) { _, parameters in pages.answer(parameters) }
    }

    @Test func allPagesAreRead() async throws {
        let pages = Pages(count: 2_500)
        var tally = ReadTally()
        let ending = try await reader(pages).read(&tally) { _, _ in true }
        #expect(ending == .complete)
        #expect(tally.printed == 2_500 && tally.pages == 3 && tally.units == 1.5)
    }

    @Test func aLimitIsExactAndTellsWhereToGoOn() async throws {
        for (limit, keep) in [(7, 1), (7, 10), (1, 3), (250, 3)] {
            let pages = Pages(count: 2_500, keep: keep)
            var reader = try reader(pages, filtered: keep > 1)
            reader.limit = limit
            var tally = ReadTally()
            var dates: [String] = []
            let ending = try await reader.read(&tally) { items, _ in
                dates += items.compactMap { $0.last?.1["S"]?.string }
                return true
            }
            #expect(dates == (0..<limit).map { "\($0 * keep)" })
            guard case .limit(let key) = ending else {
                Issue.record("\(limit) of every \(keep)th: \(ending)")
                continue
            }
            // Going on there gives what follows, and nothing twice.
            reader.startKey = key
            reader.limit = 1
            var next = ReadTally()
            var following: [String] = []
            _ = try await reader.read(&next) { items, _ in
                following += items.compactMap { $0.last?.1["S"]?.string }
                return true
            }
            #expect(following == ["\(limit * keep)"])
        }
    }

    @Test func withoutAFilterNoMoreIsReadThanWanted() async throws {
        let pages = Pages(count: 100)
        var reader = try reader(pages)
        reader.limit = 5
        var tally = ReadTally()
        _ = try await reader.read(&tally) { _, _ in true }
        #expect(pages.limits.withLock { $0 } == [5])
    }

    @Test func aBudgetStopsBetweenPages() async throws {
        var reader = try reader(Pages(count: 100))
        reader.pageSize = 10
        reader.budget = ReadBudget(unitsMax: 1)
        var tally = ReadTally()
        let ending = try await reader.read(&tally) { _, _ in true }
        #expect(tally.units == 1 && tally.printed == 20)
        guard case .budget(let why, let key?) = ending else {
            Issue.record("\(ending)")
            return
        }
        #expect(why == "stopped by --max-rcu 1 after 1 read units ($0.000000125)")
        #expect(key["date"]?["S"]?.string == "19")
    }

    @Test func segmentsTogetherAreAll() async throws {
        let request = try ReadRequest.scan(ReadOrder(), schema: Orders.schema)
        let pages = Pages(count: 1_500)
        let reader = SegmentReader(request, segments: 8) { _, parameters in
            #expect(parameters["TotalSegments"]?.integer == 8)
            return pages.answer(parameters)
        }
        var tally = ReadTally()
        try await reader.read(&tally) { _, _ in true }
        #expect(tally.returned == 8 * 1_500 && tally.pages == 16)
    }

    @Test func aFailureEndsAllSegments() async throws {
        struct Failure: Error {}
        let request = try ReadRequest.scan(ReadOrder(), schema: Orders.schema)
        let reader = SegmentReader(request, segments: 3) { _, parameters in
            if parameters["Segment"]?.integer == 1 { throw Failure() }
            return .object([])
        }
        await #expect(throws: Failure.self) {
            var tally = ReadTally()
            try await reader.read(&tally) { _, _ in true }
        }
    }
}

struct BareNameTests {
    @Test(arguments: [
        ("status = open", "open"), ("contains(tags, gift)", "gift"),
        ("not (a = 1 or b in (2, x))", "x"), ("a between 1 and high", "high"),
    ])
    func namesWhereValuesAreMeant(text: String, name: String) throws {
        #expect(try WordParser.condition(text).bareName == name)
    }

    @Test(arguments: ["status = \"open\"", "attribute_exists(a)", "size(a) > 1", "a = b.c"])
    func valuesAreNone(text: String) throws {
        #expect(try WordParser.condition(text).bareName == nil)
    }
}

struct ExplanationTests {
    private func explanation(
        _ words: [String], isScan: Bool = false
    ) throws -> Explanation {
        var order = ReadOrder()
        order.words = words
        return Explanation(
            try isScan
                ? ReadRequest.scan(order, schema: Orders.schema)
                : ReadRequest.query(order, schema: Orders.schema))
    }

    @Test func aScanIsPricedByTheWholeTable() throws {
        let lines = try explanation(["total>5"], isScan: true).before()
        #expect(lines[0] == "plan: scan of table orders: every item is read")
        // 200 KB, eventually consistent: 25 units of 8 KB at $0.125 a million.
        #expect(
            lines[2]
                == "estimate: 1,000 items, 200.0 KB as last counted: 1 page, "
                + "about 25 read units, $0.00000313")
    }

    @Test func aWholeKeyIsOneItem() throws {
        let lines = try explanation(["customer=1", "date=2"]).before()
        #expect(
            lines[1] == "estimate: one item of about 204 B: about 0.5 read units, $0.0000000625")
    }

    @Test func wasteIsTheFiltersShare() throws {
        var tally = ReadTally()
        tally.pages = 2
        tally.evaluated = 1_000
        tally.returned = 250
        tally.units = 25
        let lines = try explanation(["note=x"], isScan: true).after(tally)
        #expect(
            lines == [
                "read: 1,000 items in 2 pages, 25 read units, $0.00000313",
                "filter: returned 250 of 1,000, so 75% of it was wasted: "
                    + "about 18.8 read units, $0.00000234",
                "better: an index keyed by note would read only what it returns "
                    + "(create it with --gsi NAME=note)",
            ])
    }

    @Test(arguments: [
        (
            ["status=open", "date>2026"],
            "basalt query orders status=open 'date>2026' --index by-status (it holds only keys)"
        ),
        (["customer=4"], "basalt query orders customer=4"),
        (
            ["status=open", "note=x"],
            "an index keyed by status and note would read only what it returns "
                + "(create it with --gsi NAME=status,note)"
        ),
        (
            ["contains(tags, \"x\")"],
            "no key can serve this filter: it needs '=' on some attribute"
        ),
        (
            ["status in (open, paid)", "date>2026"],
            "a query for each of the 2 values of status, the first: basalt query orders status=open "
                + "'date>2026' --index by-status (it holds only keys)"
        ),
        (
            ["customer = \"4\" or customer = \"5\""],
            "a query for each of the 2 values of customer, "
                + "the first: basalt query orders 'customer=\"4\"'"
        ),
        (
            ["note = \"4\" or customer = \"5\""],
            "no key can serve this filter: it needs '=' on some attribute"
        ),
        (
            ["a=1", "b>2"],
            "an index keyed by a and b would read only what it returns (create it with --gsi NAME=a,b)"
        ),
        (
            ["a=1", "b>2", "contains(c, 3)"],
            "an index keyed by a and b would read less (create it with --gsi NAME=a,b)"
        ),
    ])
    func theBetterKeyIsTold(words: [String], advice: String) throws {
        var tally = ReadTally()
        tally.evaluated = 10
        tally.returned = 1
        let lines = try explanation(words, isScan: true).after(tally)
        #expect(lines.last == "better: \(advice)")
    }

    @Test func statements() throws {
        func outline(_ text: String, _ parameters: [JSONValue] = []) throws
            -> StatementText.Outline
        {
            try StatementText.outline(text, parameters: parameters, schema: Orders.schema)
        }
        let key = try outline(
            "SELECT * FROM orders WHERE customer = ? AND \"date\" = 'd'",
            [.object([("S", .string("1"))])])
        #expect(key.givesWholeKey && key.isRead && !key.filters)
        let query = try outline("SELECT * FROM orders WHERE customer = '1' AND total > 5")
        #expect(query.givesHashKey && !query.givesWholeKey && query.filters)
        let index = try outline("SELECT * FROM \"orders\".\"by-status\" WHERE status = 'x'")
        #expect(index.givesHashKey && !index.filters && index.indexName == "by-status")
        #expect(try !outline("SELECT * FROM orders WHERE total > 5").givesHashKey)
        #expect(try !outline("DELETE FROM orders WHERE customer='1' AND \"date\"='2'").isRead)
        #expect(throws: ValueFault.self) { try outline("SELEC") }
        #expect(
            StatementText.statements("SELECT ';' FROM a; ; DELETE FROM \"x;y\" ")
                == ["SELECT ';' FROM a", "DELETE FROM \"x;y\""])
    }
}
