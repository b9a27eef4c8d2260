import Synchronization
import Testing
import Wire

@testable import Terminal

struct StatementReaderTests {
    /// Answers pages of so many items as ExecuteStatement does: Limit is what is looked at, every
    /// `keep`th item passes WHERE, and the token tells where the next page begins.
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
            let first = parameters["NextToken"]?.string.flatMap { Int($0) } ?? 0
            let end = min(count, first + (limit ?? 1_000))
            let items = (first..<end).filter { $0 % keep == 0 }.map { number in
                JSONValue.object([("n", .object([("N", .string("\(number)"))]))])
            }
            return .object(present: [
                ("Items", .array(items)), ("NextToken", end < count ? .string("\(end)") : nil),
                ("ConsumedCapacity", .object([("CapacityUnits", .number("0.5"))])),
            ])
        }
    }

    private func reader(_ pages: Pages, _ text: String = "SELECT * FROM a") -> StatementReader {
        StatementReader(text, parameters: [], isConsistent: false) { _, parameters in
            pages.answer(parameters)
        }
    }

    private func numbers(
        _ reader: StatementReader
    ) async throws -> (numbers: [Int], ending: StatementReader.Ending) {
        var tally = ReadTally()
        var numbers: [Int] = []
        let ending = try await reader.read(&tally) { items, _ in
            numbers += items.compactMap { $0.first?.1["N"]?.string.flatMap { Int($0) } }
            return true
        }
        return (numbers, ending)
    }

    @Test(arguments: [(1, 1), (7, 1), (7, 3), (300, 2), (2, 50)])
    func goingOnFromLimitToLimitGivesEachItemOnce(limit: Int, keep: Int) async throws {
        let pages = Pages(count: 1_100, keep: keep)
        var reader = reader(pages)
        reader.isFiltered = keep > 1
        reader.limit = limit
        var found: [Int] = []
        while true {
            let (numbers, ending) = try await numbers(reader)
            #expect(numbers.count <= limit)
            found += numbers
            guard case .limit(let place) = ending else { break }
            #expect(numbers.count == limit)
            reader.start = StatementPlace("\(place)")
        }
        #expect(found == (0..<1_100).filter { $0 % keep == 0 })
    }

    @Test func withoutAFilterNoMoreIsLookedAtThanWanted() async throws {
        let pages = Pages(count: 1_100)
        var reader = reader(pages)
        reader.isFiltered = false
        reader.limit = 5
        let (numbers, ending) = try await numbers(reader)
        #expect(numbers == [0, 1, 2, 3, 4] && ending == .limit(StatementPlace("5")))
        #expect(pages.limits.withLock { $0 } == [5])
    }

    @Test func anEndpointThatKnowsNoLimitIsCutAsWell() async throws {
        var reader = StatementReader(
            "select * from a", parameters: [], isConsistent: false
        ) { _, _ in
            .object([
                (
                    "Items",
                    .array((0..<5).map { .object([("n", .object([("N", .string("\($0)"))]))]) })
                )
            ])
        }
        reader.limit = 2
        #expect(try await numbers(reader) == ([0, 1], .limit(StatementPlace(skipped: 2))))
        reader.start = StatementPlace("2:")
        #expect(try await numbers(reader) == ([2, 3], .limit(StatementPlace(skipped: 4))))
        reader.start = StatementPlace("4:")
        #expect(try await numbers(reader) == ([4], .complete))
    }

    @Test func writesHaveNoLimit() async throws {
        let pages = Pages(count: 0)
        var reader = reader(pages, "DELETE FROM a WHERE id = 1")
        reader.limit = 5
        #expect(try await numbers(reader).ending == .complete)
        #expect(pages.limits.withLock { $0 } == [nil])
    }

    @Test func aBudgetStopsAndTellsWhereToGoOn() async throws {
        let pages = Pages(count: 1_100)
        var reader = reader(pages)
        reader.budget = ReadBudget(unitsMax: 1)
        let (numbers, ending) = try await numbers(reader)
        guard case .budget(_, let place) = ending else {
            Issue.record("\(ending)")
            return
        }
        #expect(place == StatementPlace("\(numbers.count)"))
        // Nobody knows how large items are: the first page is small.
        #expect(pages.limits.withLock { $0.first } == 10)
    }

    @Test(arguments: ["", "abc", "3:abc", "3:", "0:12:x", "a:b", "-1:x"])
    func placesGoThereAndBack(text: String) {
        let place = StatementPlace(text)
        #expect(StatementPlace("\(place)") == place)
    }
}

struct ReadBudgetTests {
    @Test func pagesLookAtNoMoreThanIsLeft() throws {
        let budget = ReadBudget(unitsMax: 10, costMax: 1)
        var tally = ReadTally()
        func most(_ average: Int, consistent: Bool = false) -> Int? {
            budget.itemsMax(
                tally, schema: Orders.schema, averageSize: average, isConsistent: consistent)
        }
        #expect(most(1_024) == 80)
        #expect(most(1_024, consistent: true) == 40)
        #expect(most(400_000_000) == 1)
        tally.evaluated = 100
        tally.units = 6
        // 6 units were 100 items, so 4 are 66.
        #expect(most(1) == 66)
        #expect(
            ReadBudget(costMax: 0.00000125).itemsMax(
                ReadTally(), schema: Orders.schema, averageSize: 8_192, isConsistent: false) == 10)
        #expect(
            ReadBudget().itemsMax(
                tally, schema: nil, averageSize: 1, isConsistent: false) == nil)
    }
}

struct SegmentReaderTests {
    private actor Calls {
        private(set) var segments: Set<Int> = []
        private(set) var atOnce = 0
        private(set) var atOnceMax = 0

        func begin(_ segment: Int) {
            segments.insert(segment)
            atOnce += 1
            atOnceMax = max(atOnceMax, atOnce)
        }

        func end() { atOnce -= 1 }
    }

    private func reader(_ calls: Calls, segments: Int) throws -> SegmentReader {
        let request = try ReadRequest.scan(ReadOrder(), schema: Orders.schema)
        return SegmentReader(request, segments: segments) { _, parameters in
            await calls.begin(parameters["Segment"]?.integer ?? -1)
            await Task.yield()
            await calls.end()
            return .object([
                ("Items", .array([.object([])])), ("Count", .number("1")),
                ("ScannedCount", .number("1")),
                ("ConsumedCapacity", .object([("CapacityUnits", .number("0.5"))])),
            ])
        }
    }

    @Test func manySegmentsWaitForTheirTurn() async throws {
        let calls = Calls()
        var tally = ReadTally()
        let stopped = try await reader(calls, segments: 1_000).read(&tally) { _, _ in true }
        #expect(stopped == nil && tally.returned == 1_000)
        #expect(await calls.segments == Set(0..<1_000))
        #expect(await calls.atOnceMax <= SegmentReader.laneCount)
    }

    @Test func aBudgetStopsTheSegmentsThatWait() async throws {
        let calls = Calls()
        var reader = try reader(calls, segments: 1_000)
        reader.budget = ReadBudget(unitsMax: 50)
        var tally = ReadTally()
        let stopped = try await reader.read(&tally) { _, _ in true }
        #expect(stopped?.hasPrefix("stopped by --max-rcu 50 after") == true)
        // What was on its way is counted and taken.
        #expect(await calls.segments.count == tally.returned)
        #expect(tally.units >= 50 && tally.units <= 50 + 0.5 * Double(SegmentReader.laneCount))
    }

    @Test func aBudgetThatIsReachedAtTheEndStopsNothing() async throws {
        var reader = try reader(Calls(), segments: 4)
        reader.budget = ReadBudget(unitsMax: 2)
        var tally = ReadTally()
        #expect(try await reader.read(&tally) { _, _ in true } == nil)
        #expect(tally.units == 2)
    }
}
