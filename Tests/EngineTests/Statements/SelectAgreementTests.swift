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
}
