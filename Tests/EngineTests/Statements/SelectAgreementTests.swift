import Items
import Operations
import TestSupport
import Testing

/// A SELECT answers what a Scan with the same condition as a FilterExpression finds.
@Suite struct SelectAgreementTests {
    private static func literal(_ random: inout SeededGenerator, ofKey: Bool) -> String {
        ofKey
            ? "'\(["a", "b", "c", "d"].randomElement(using: &random) ?? "a")'"
            : "\(Int.random(in: -1...6, using: &random))"
    }

    /// A condition and the same as an expression, whose values are literals of its names.
    private static func condition(
        _ random: inout SeededGenerator, depth: Int, _ values: inout [String: AttributeValue]
    ) -> (statement: String, expression: String) {
        func value(_ literal: String) -> String {
            let name = ":v\(values.count)"
            values[name] =
                Int(literal).map { AttributeValue.int($0) }
                ?? .string(String(literal.dropFirst().dropLast()))
            return name
        }
        if depth > 0, Int.random(in: 0..<3, using: &random) > 0 {
            let left = condition(&random, depth: depth - 1, &values)
            let right = condition(&random, depth: depth - 1, &values)
            let word = Int.random(in: 0..<3, using: &random) == 0 ? "OR" : "AND"
            return (
                "(\(left.statement)) \(word) (\(right.statement))",
                "(\(left.expression)) \(word) (\(right.expression))"
            )
        }
        let isKey = Bool.random(using: &random)
        let name = isKey ? "pk" : ["sk", "amount"].randomElement(using: &random) ?? "sk"
        let first = literal(&random, ofKey: isKey)
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1:
            return ("\(name) = \(first)", "\(name) = \(value(first))")
        case 2:
            let second = literal(&random, ofKey: isKey)
            return (
                "\(name) IN [\(first), \(second)]", "\(name) IN (\(value(first)), \(value(second)))"
            )
        case 3:
            let word = ["<", "<=", ">", ">=", "<>"].randomElement(using: &random) ?? "<"
            return ("\(first) \(word) \(name)", "\(value(first)) \(word) \(name)")
        case 4:
            return ("absent IS MISSING", "attribute_not_exists(absent)")
        default:
            let number = Int.random(in: -1...3, using: &random)
            return (
                "sk BETWEEN \(number) AND \(number + 2)",
                "sk BETWEEN \(value("\(number)")) AND \(value("\(number + 2)"))"
            )
        }
    }

    @Test(arguments: [0x5EED as UInt64, UInt64.random(in: 0...UInt64.max)])
    func withScans(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let harness = try EngineHarness()
        try await harness.makeOrders()
        for _ in 0..<150 {
            var values: [String: AttributeValue] = [:]
            let (statement, expression) = Self.condition(&random, depth: 3, &values)
            var scan = ScanRequest()
            scan.page.tableName = "tab"
            scan.page.filterExpression = expression
            scan.page.attributes.values = values.isEmpty ? nil : values.mapValues { ItemValue($0) }
            let page = try await harness.perform(.scan(scan)).page
            let limit = [nil, 1, 3].randomElement(using: &random) ?? nil
            let rows = try await harness.rows("SELECT * FROM tab WHERE \(statement)", limit: limit)
            #expect(
                keys(rows).sorted() == keys(page?.items ?? []).sorted(),
                "seed \(seed): \(statement)")
        }
    }

    /// Conditions on the keys of an index with two attributes in each role.
    private static func keyCondition(
        _ random: inout SeededGenerator, _ values: inout [String: AttributeValue]
    ) -> String {
        var parts: [String] = []
        for name in ["kind", "city", "sk", "amount"] where Int.random(in: 0..<5, using: &random) > 0
        {
            let isText = name == "kind" || name == "city"
            func value() -> String {
                let name = ":v\(values.count)"
                let number = Int.random(in: 0...3, using: &random)
                values[name] = isText ? .string("k\(number % 2)") : .int(number)
                return name
            }
            switch Int.random(in: 0..<(isText ? 4 : 6), using: &random) {
            case 0...2: parts.append("\(name) = \(value())")
            case 3: parts.append("\(name) IN (\(value()), \(value()))")
            case 4: parts.append("\(name) > \(value())")
            default: parts.append("\(name) <= \(value())")
            }
        }
        parts.shuffle(using: &random)
        return parts.joined(separator: " AND ")
    }

    @Test(arguments: [0x5EED as UInt64, UInt64.random(in: 0...UInt64.max)])
    func withScansOfAnIndexOfManyKeys(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let harness = try EngineHarness()
        var index = GlobalSecondaryIndex()
        index.indexName = "many"
        index.keySchema = [
            KeySchemaElement("kind", .hash), KeySchemaElement("city", .hash),
            KeySchemaElement("sk", .range), KeySchemaElement("amount", .range),
        ]
        index.projection = Projection(.all)
        try await harness.makeTable(
            sortKey: .number, globalIndexes: [index],
            attributes: [
                AttributeDefinition("kind", .string), AttributeDefinition("city", .string),
                AttributeDefinition("amount", .number),
            ])
        for number in 0..<64 {
            _ = try await harness.put([
                "pk": .string("p\(number)"), "sk": .int(number % 4),
                "amount": .int(number / 4 % 4), "kind": .string("k\(number / 16 % 2)"),
                "city": .string("k\(number / 32)"),
            ])
        }
        for _ in 0..<100 {
            var values: [String: AttributeValue] = [:]
            let expression = Self.keyCondition(&random, &values)
            guard !expression.isEmpty else { continue }
            var scan = ScanRequest()
            scan.page.tableName = "tab"
            scan.page.indexName = "many"
            scan.page.filterExpression = expression
            scan.page.attributes.values = values.mapValues { ItemValue($0) }
            let page = try await harness.perform(.scan(scan)).page
            // The values were numbered as they came, but the parts were shuffled.
            let names = expression.split(whereSeparator: { " (),".contains($0) })
                .filter { $0.hasPrefix(":") }
            var statement = expression
            for name in names.sorted(by: { $0.count > $1.count }) {
                statement = statement.replacing(name, with: "?")
            }
            let limit = [nil, 1, 3].randomElement(using: &random) ?? nil
            let rows = try await harness.rows(
                "SELECT * FROM tab.many WHERE \(statement)",
                names.compactMap { values[String($0)] }, limit: limit)
            #expect(
                keys(rows).sorted() == keys(page?.items ?? []).sorted(),
                "seed \(seed): \(expression)")
        }
    }
}
