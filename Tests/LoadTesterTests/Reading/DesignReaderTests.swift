import Items
import Metering
import Testing

@testable import LoadTester

@Suite("Reading designs")
struct DesignReaderTests {
    private static let head = """
        rate: 100
        tables:
          - TableName: orders
            AttributeDefinitions:
              - {AttributeName: customer, AttributeType: N}
              - {AttributeName: date, AttributeType: S}
            KeySchema:
              - {AttributeName: customer, KeyType: HASH}
              - {AttributeName: date, KeyType: RANGE}
        entities:
          person: {count: 100, fields: {city: {$name: city}, born: {$time: {start: 2026-01-01}}}}
          order: {of: person, each: [1, 5]}

        """

    private func faults(_ text: String) -> [String] {
        do throws(DesignFaults) {
            _ = try DesignFile(reading: text, name: "orders.yaml")
            return []
        } catch {
            return error.lines
        }
    }

    private func pattern(_ text: String) -> [String] {
        faults(Self.head + "patterns:\n  - {name: p, " + text + "}\n")
    }

    @Test("all faults are told at once, in the order of their lines")
    func allAtOnce() {
        let text =
            Self.head + """
                patterns:
                  - name: read
                    operation: GetItem
                    wieght: 3
                    table: order
                    key: {customer: 1, date: x}
                  - name: write
                    operation: PutItm
                  - name: find
                    operation: GetItem
                    table: orders
                    key: {customer: 1, ordr: x}
                phases: [{stedy: 3s}]
                """
        #expect(
            faults(text) == [
                "orders.yaml:16:5: patterns[0]: unknown key 'wieght' (did you mean 'weight'?)",
                "orders.yaml:17:12: patterns[0].table: unknown table 'order' (did you mean 'orders'?)",
                "orders.yaml:20:16: patterns[1].operation: unknown word 'PutItm' (did you mean 'PutItem'?)",
                "orders.yaml:24:24: patterns[2].key: unknown attribute 'ordr' "
                    + "(the key of table orders is customer, date)",
                "orders.yaml:24:10: patterns[2].key: the attribute 'date' is missing "
                    + "(the key of table orders is customer, date)",
                "orders.yaml:25:11: phases[0]: unknown phase 'stedy' (did you mean 'steady'?)",
            ])
    }

    @Test(
        "each fault says what is wrong and where",
        arguments: [
            (
                "operation: GetItem, table: orders, key: {customer: 1, date: '{persn}'}",
                "patterns[0].key.date: unknown name 'persn' (known are index)"
            ),
            (
                "operation: GetItem, table: orders, key: {customer: 1, date: '{person}'}",
                "patterns[0].key.date: unknown name 'person' (the entity isn't picked: "
                    + "add 'pick: {person: uniform}')"
            ),
            (
                "operation: GetItem, table: orders, key: {customer: [1], date: x}",
                "patterns[0].key.customer: is of type L, but the key attribute 'customer' is of type N"
            ),
            (
                "operation: GetItem, table: orders, pick: {order: new}, key: {customer: 1, date: '{order.cty}'}",
                "patterns[0].key.date: 'order' has no 'cty' (known are person)"
            ),
            (
                "operation: GetItem, table: orders, key: {customer: 1, date: '{a'}",
                "patterns[0].key.date: a '{' without '}' (write '{{' for the character)"
            ),
            (
                "operation: PutItem, table: orders, item: {customer: 1, x: {$unifrom: [1, 2]}, date: d}",
                "patterns[0].item.x.$unifrom: unknown generator (did you mean '$uniform'?)"
            ),
            (
                "operation: PutItem, table: orders, item: {customer: 1}",
                "patterns[0].item: the key attribute 'date' of table orders is missing"
            ),
            (
                "operation: Query, table: orders, keyCondition: 'customer = :c'",
                "patterns[0]: the value ':c' is not among 'values'"
            ),
            (
                "operation: Query, table: orders, keyCondition: 'customer > :c', values: {c: 1}",
                "patterns[0].keyCondition: asks for no one value of the partition key 'customer'"
            ),
            (
                "operation: Scan, table: orders, index: by-date",
                "patterns[0].index: unknown index 'by-date'"
            ),
            (
                "operation: BatchWriteItem, count: 26, table: orders, key: {customer: 1, date: x}",
                "patterns[0]: BatchWriteItem takes 25 at most, not 26"
            ),
            (
                "operation: GetItem, table: orders, pick: {order: {of: person}}, key: {customer: 1, date: x}",
                "patterns[0].pick.order.of: 'person' must be picked before and be what order is 'of'"
            ),
            (
                "operation: GetItem, table: orders, pick: {person: {zipfian: 9}}, key: {customer: 1, date: x}",
                "patterns[0].pick.person.zipfian: expected a number from 0.01 to 5, not 9"
            ),
            (
                "operation: PutItem, table: orders, item: {customer: 1, date: d, n: 1e200}",
                "patterns[0].item.n: Number overflow. "
                    + "Attempting to store a number with magnitude larger than supported range"
            ),
        ])
    func single(text: String, message: String) {
        let faults = pattern(text)
        #expect(faults.first?.hasSuffix(message) == true, "\(faults)")
    }

    @Test("what is no YAML, or no design, is told with its line")
    func noDesign() {
        #expect(faults("a: [").first?.hasPrefix("orders.yaml:") == true)
        #expect(faults("") == ["orders.yaml: is empty"])
        #expect(faults("3").first == "orders.yaml:1:1: expected a map, not 3")
        #expect(faults("a: 1\na: 2").first?.contains("'a' is there twice") == true)
        #expect(
            faults("tables: []\npatterns: []").contains(
                "orders.yaml:1:9: tables: expected a list of tables, not a list"))
    }

    @Test("a table's constraints are the service's own")
    func tables() {
        let faults = faults(
            """
            tables:
              - TableName: t
                AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
                KeySchema: [{AttributeName: id, KeyType: HASH}]
            patterns: [{name: p, operation: Scan, table: t, rate: 1}]
            """)
        #expect(faults.count == 1)
        #expect(faults.first?.contains("TableName must be at least 3 characters long") == true)
    }

    @Test("rates, phases and tables of a design")
    func whole() throws {
        let file = try DesignFile(
            reading: Self.head + """
                clients: 8
                patterns:
                  - {name: a, operation: Scan, table: orders, rate: 20}
                  - {name: b, operation: Scan, table: orders, weight: 3}
                  - {name: c, operation: Scan, table: orders, weight: 1}
                phases: [{ramp: 10s}, {spike: {duration: 5, rate: 4, name: sale}}]
                """, name: "shop/orders.yaml", overrides: DesignOverrides(duration: 30))
        let design = file.design
        #expect(design.name == "orders")
        #expect(design.clientCount == 8)
        #expect(design.patterns.map(\.targetRate) == [20, 60, 20])
        #expect(design.phases.map(\.seconds) == [20, 10])
        #expect(design.phases.map(\.name) == ["ramp", "sale"])
        #expect(design.tables[0].rangeKey == DesignKey(name: "date", type: .string))
        #expect(
            design.tables[0].throughput
                == .onDemand(warmRead: 12_000, warmWrite: 4_000, maxRead: nil, maxWrite: nil))
        #expect((100...500).contains(file.workload.entities[1].count))
    }

    @Test("the command line's rate wins")
    func overrides() throws {
        let text = try #require(ShippedDesigns.text("iot-good"))
        func rates(_ rate: DesignOverrides.Rate) throws -> [Double?] {
            try DesignFile(reading: text, name: "x", overrides: DesignOverrides(rate: rate))
                .design.patterns.map(\.targetRate)
        }
        #expect(try rates(.total(1_000)) == [900, 100])
        #expect(try rates(.times(2)) == [1_080, 120])
        #expect(try rates(.max) == [nil, nil])
        #expect(DesignOverrides.Rate("2.5x") == .times(2.5))
        #expect(DesignOverrides.Rate("0") == nil && DesignOverrides.Rate("many") == nil)
    }

    @Test("the example and the shipped designs are without faults")
    func shipped() {
        for name in ShippedDesigns.names {
            #expect(faults(ShippedDesigns.text(name) ?? "") == [])
        }
        #expect(faults(ShippedDesigns.example) == [])
    }
}
