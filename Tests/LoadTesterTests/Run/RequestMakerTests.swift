import Items
import Operations
import Testing
import Wire

@testable import LoadTester

@Suite("Requests of a design")
struct RequestMakerTests {
    /// The bodies of the first requests, as so many lanes would send them.
    private func bodies(_ name: String, laneCount: Int, seed: UInt64? = nil) throws -> [[UInt8]] {
        let text = try #require(ShippedDesigns.text(name))
        let file = try DesignFile(
            reading: text, name: name, overrides: DesignOverrides(seed: seed))
        let maker = RequestMaker(design: file.design, workload: file.workload)
        var bodies = [[UInt8]?](repeating: nil, count: 300)
        for lane in 0..<laneCount {
            var walk = ArrivalWalk(
                design: file.design, workload: file.workload,
                rates: file.design.patterns.map { $0.targetRate ?? 0 })
            while let arrival = walk.next(), arrival.number < bodies.count {
                if arrival.number % laneCount == lane {
                    bodies[arrival.number] = maker.request(arrival, added: walk.added).body
                }
                walk.passed(arrival)
            }
        }
        return bodies.compactMap { $0 }
    }

    @Test(
        "the same seed makes the same requests on any number of threads",
        arguments: ShippedDesigns.names)
    func sameSeed(name: String) throws {
        let one = try bodies(name, laneCount: 1)
        #expect(one.count == 300)
        #expect(try bodies(name, laneCount: 3) == one)
        #expect(try bodies(name, laneCount: 7) == one)
        #expect(try bodies(name, laneCount: 1, seed: 99) != one)
    }

    @Test(
        "every request of a shipped design is one that the wire takes",
        arguments: ShippedDesigns.names)
    func wellFormed(name: String) throws {
        let text = try #require(ShippedDesigns.text(name))
        let file = try DesignFile(reading: text, name: name)
        let maker = RequestMaker(design: file.design, workload: file.workload)
        var walk = ArrivalWalk(
            design: file.design, workload: file.workload,
            rates: file.design.patterns.map { $0.targetRate ?? 0 })
        for _ in 0..<500 {
            let next = walk.next()
            let arrival = try #require(next)
            let request = maker.request(arrival, added: walk.added)
            walk.passed(arrival)
            let decoded = try request.body.withUnsafeBytes {
                try WireCodec.decode(
                    target: WireCodec.target(operation: request.operation), body: $0)
            }
            if case .putItem(let put) = decoded {
                #expect(put.item.size == request.itemByteCount)
            }
            #expect(!request.falls.isEmpty || request.operation == "Scan")
        }
    }

    @Test("a request for what was there before finds it: its key is a loaded item's")
    func references() throws {
        let text = try #require(ShippedDesigns.text("orders-good"))
        let file = try DesignFile(reading: text, name: "orders-good")
        let maker = RequestMaker(design: file.design, workload: file.workload)
        var there: Set<KeyPlace> = []
        for (number, load) in file.workload.loads.enumerated() {
            let batches = LoadBatches(
                design: file.design, workload: file.workload, number: number,
                count: load.count(file.workload))
            for index in 0..<batches.count {
                let place = RequestMaker.place(
                    resource: 0, [file.design.tables[0].hashKey],
                    [try #require(file.design.tables[0].rangeKey)], batches.item(index))
                there.insert(try #require(place))
            }
        }
        var walk = ArrivalWalk(
            design: file.design, workload: file.workload,
            rates: file.design.patterns.map { $0.targetRate ?? 0 })
        var checked = 0
        for _ in 0..<2_000 {
            let next = walk.next()
            let arrival = try #require(next)
            let request = maker.request(arrival, added: walk.added)
            walk.passed(arrival)
            guard let place = request.falls.first?.place else { continue }
            switch request.operation {
            case "PutItem": #expect(there.insert(place).inserted)
            case "GetItem", "UpdateItem":
                #expect(there.contains(place))
                checked += 1
            default: break
            }
        }
        #expect(checked > 500)
    }

    /// The index entries that a pattern's requests are told to touch.
    private func entries(_ pattern: String) throws -> [[String?]] {
        let file = try DesignFile(
            reading: """
                rate: 10
                tables:
                  - TableName: orders
                    AttributeDefinitions:
                      - {AttributeName: id, AttributeType: S}
                      - {AttributeName: day, AttributeType: S}
                    KeySchema: [{AttributeName: id, KeyType: HASH}]
                    GlobalSecondaryIndexes:
                      - IndexName: by-day
                        KeySchema: [{AttributeName: day, KeyType: HASH}]
                        Projection: {ProjectionType: ALL}
                entities: {order: {count: 5}}
                load:
                  - table: orders
                    each: order
                    item: &order {id: "o{order}", day: "d{order}", note: {$text: 20}}
                patterns:
                  - {name: put, operation: PutItem, pick: {order: new}, table: orders, item: *order}
                \(pattern)
                """, name: "test")
        let resource = file.design.resources[1]
        let maker = RequestMaker(design: file.design, workload: file.workload)
        return (0..<8).map { number in
            let arrival = Arrival(number: number, phase: 0, pattern: 1, ordinal: number, due: 0)
            return maker.request(arrival, added: [3]).falls.filter { $0.resource == 1 }.map {
                fall in
                fall.place.map {
                    var offset = 4 + PartitionHash.byteCount
                    let value = OrderedKey.read(
                        resource.placeKeys[0].type, from: $0.storedKey, at: &offset)
                    if case .string(let text)? = value { return text }
                    return "?"
                }
            }
        }
    }

    @Test("where an update's index entries are is known from the item that was put")
    func updatedEntries() throws {
        let start =
            "  - {name: u, operation: UpdateItem, pick: {order: sequential}, table: orders, "
            + "key: {id: \"o{order}\"}, "
        // Of items that were loaded and that the run added alike.
        #expect(
            try entries(start + "update: \"ADD seen :one\", values: {one: 1}}")
                == (0..<8).map { ["d\($0)"] })
        // An entry that moves is taken away in one place and put in another.
        let moved = try entries(
            start + "update: \"SET #d = :day\", names: {d: day}, "
                + "values: {day: zzz}}")
        #expect(moved.map { Set($0) } == (0..<8).map { ["d\($0)", "zzz"] })
        #expect(
            try entries(start + "update: \"REMOVE #d\", names: {d: day}}")
                == (0..<8).map { ["d\($0)"] })
        #expect(
            try entries(
                "  - {name: u, operation: DeleteItem, pick: {order: sequential}, table: orders, "
                    + "key: {id: \"o{order}\"}}") == (0..<8).map { ["d\($0)"] })
        // Of an item that nobody knows, only the entry that the request itself names is known.
        let unknown = "  - {name: u, operation: UpdateItem, table: orders, key: {id: other}, "
        #expect(
            try entries(
                unknown + "update: \"SET #d = :day\", names: {d: day}, values: {day: zzz}}")
                == (0..<8).map { _ in ["zzz", nil] })
        #expect(
            try entries(unknown + "update: \"ADD seen :one\", values: {one: 1}}")
                == (0..<8).map { _ in [] })
    }

    @Test("one batch has no key twice")
    func batches() throws {
        let file = try DesignFile(
            reading: """
                rate: 10
                tables:
                  - TableName: items
                    AttributeDefinitions: [{AttributeName: id, AttributeType: N}]
                    KeySchema: [{AttributeName: id, KeyType: HASH}]
                entities: {thing: {count: 5}}
                patterns:
                  - name: many
                    operation: BatchGetItem
                    count: 50
                    pick: {thing: uniform}
                    table: items
                    key: {id: "{thing}"}
                """, name: "test")
        let maker = RequestMaker(design: file.design, workload: file.workload)
        let arrival = Arrival(number: 0, phase: 0, pattern: 0, ordinal: 0, due: 0)
        let request = maker.request(arrival, added: [0])
        #expect(request.falls.count == 5)
        let body = try JSONValue(parsing: request.body)
        #expect(body["RequestItems"]?["items"]?["Keys"]?.elements?.count == 5)
    }
}
