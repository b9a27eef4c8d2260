import Testing

@testable import LoadTester

@Suite("What the service would refuse is found when a design is read")
struct ActionCheckTests {
    private static let head = """
        rate: 100
        tables:
          - TableName: orders
            AttributeDefinitions:
              - {AttributeName: customer, AttributeType: S}
              - {AttributeName: date, AttributeType: N}
              - {AttributeName: state, AttributeType: S}
            KeySchema:
              - {AttributeName: customer, KeyType: HASH}
              - {AttributeName: date, KeyType: RANGE}
            GlobalSecondaryIndexes:
              - IndexName: by-state
                KeySchema: [{AttributeName: state, KeyType: HASH}]
                Projection: {ProjectionType: KEYS_ONLY}
          - TableName: orders-archive
            AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
            KeySchema: [{AttributeName: id, KeyType: HASH}]
        entities: {order: {count: 50}}
        load:
          - {table: orders, each: order, item: {customer: "c{order}", date: "{order}", amount: 5}}
        patterns:
          -

        """

    private func read(_ pattern: String) throws(DesignFaults) -> DesignFile {
        try DesignFile(
            reading: Self.head + "    {name: p,\n    " + pattern + "}\n", name: "orders.yaml")
    }

    private func faults(_ pattern: String) -> [String] {
        do throws(DesignFaults) {
            _ = try read(pattern)
            return []
        } catch {
            return error.lines
        }
    }

    private static let key = "table: orders, key: {customer: a, date: 1}"
    private static let query = "operation: Query, table: orders"
    private static let invalid = "One or more parameter values were invalid: "

    @Test(
        "faults of expressions",
        arguments: [
            (
                "operation: Scan, table: orders, filter: 'amount >> 5'",
                "filter: Invalid FilterExpression: Syntax error; token: \">\", near: \">> 5\""
            ),
            (
                "operation: Scan, table: orders, filter: 'total = :x', values: {x: 1}",
                "filter: Invalid FilterExpression: Attribute name is a reserved keyword; "
                    + "reserved keyword: total"
            ),
            (
                "operation: DeleteItem, \(key), condition: 'attribute_exist(amount)'",
                "condition: Invalid ConditionExpression: Invalid function name; "
                    + "function: attribute_exist"
            ),
            (
                "operation: UpdateItem, \(key), update: 'SET #d = :x', names: {d: date}, values: {x: 1}",
                "update: \(invalid)Cannot update attribute date. "
                    + "This attribute is part of the key"
            ),
            (
                "operation: UpdateItem, \(key), update: 'SET #s = :x', names: {s: state}, values: {x: 1}",
                "update: \(invalid)Type mismatch for Index Key state Expected: S Actual: N "
                    + "IndexName: by-state"
            ),
            (
                "operation: TransactWriteItems, actions: [{update: {\(key), update: 'SET a = a +'}}]",
                "actions[0].update.update: Invalid UpdateExpression: Syntax error; "
                    + "token: \"<EOF>\", near: \"+\""
            ),
            (
                "operation: GetItem, \(key), projection: 'amount, amount.x'",
                "projection: Invalid ProjectionExpression: Two document paths overlap with each "
                    + "other; must remove or rewrite one of these paths; path one: [amount], "
                    + "path two: [amount, x]"
            ),
            (
                "operation: GetItem, \(key), projection: 'colour, sun'",
                "projection: names nothing that the design's items have "
                    + "(known are amount, customer, date)"
            ),
        ])
    func expressions(pattern: String, message: String) {
        let found = faults(pattern)
        #expect(found.first?.hasSuffix("patterns[0].\(message)") == true, "\(found)")
    }

    @Test(
        "key conditions that don't fit the table or index, and what goes with them",
        arguments: [
            (
                "\(query), keyCondition: 'customer = :c AND amount > :t', values: {c: a, t: 1}",
                "keyCondition: Query condition missed key schema element: date"
            ),
            (
                "\(query), keyCondition: 'customer = :c AND #d > :t', names: {d: date}, values: {c: a, t: '1'}",
                "keyCondition: \(invalid)Condition parameter type does not match schema type"
            ),
            (
                "\(query), keyCondition: 'customer = :c', values: {c: 5}",
                "keyCondition: \(invalid)Condition parameter type does not match schema type"
            ),
            (
                "\(query), index: by-state, keyCondition: '#s = :s AND customer = :c', names: {s: state}, values: {s: a, c: b}",
                "keyCondition: The number of query conditions (2) exceeds the number of key "
                    + "attributes defined in the schema (1)"
            ),
            (
                "\(query), keyCondition: 'customer = :c', filter: '#d > :t', names: {d: date}, values: {c: a, t: 1}",
                "filter: Filter Expression can only contain non-primary key attributes: "
                    + "Primary key attribute: date"
            ),
            (
                "\(query), index: by-state, keyCondition: '#s = :s', projection: amount, names: {s: state}, values: {s: a}",
                "projection: the index by-state does not project amount"
            ),
            (
                "\(query), keyCondition: 'customer = :c', select: ALL_PROJECTED_ATTRIBUTES, values: {c: a}",
                "select: ALL_PROJECTED_ATTRIBUTES is for an 'index' alone"
            ),
        ])
    func keyConditions(pattern: String, message: String) {
        let found = faults(pattern)
        #expect(found.first?.hasSuffix("patterns[0].\(message)") == true, "\(found)")
    }

    @Test(
        "items and keys that don't fit",
        arguments: [
            (
                "operation: GetItem, table: orders, key: {customer: '', date: 1}",
                "key: the key attribute 'customer' comes out empty"
            ),
            (
                "operation: GetItem, table: orders, key: {customer: a, date: 'x{index}'}",
                "key: The parameter cannot be converted to a numeric value: x0"
            ),
            (
                "operation: PutItem, table: orders, item: {customer: a, date: {$optional: {share: 0.1, value: 5}}}",
                "item: \(invalid)Missing the key date in the item"
            ),
            (
                "operation: BatchWriteItem, table: orders, item: {customer: a, date: {$choice: [b, b, b, 1]}}",
                "item: \(invalid)Type mismatch for key date expected: N actual: S"
            ),
            (
                "operation: PutItem, table: orders, item: {customer: a, date: 1, x: {$text: 409600}}",
                "item: comes to 409616 bytes, and an item has 409600 at most"
            ),
            (
                "operation: PutItem, table: orders, item: {customer: {$text: 2049}, date: 1}",
                "item: the key attribute 'customer' comes to 2049 bytes, and it has 2048 at most"
            ),
        ])
    func items(pattern: String, message: String) {
        let found = faults(pattern)
        #expect(found.first?.hasSuffix("patterns[0].\(message)") == true, "\(found)")
    }

    @Test(
        "faults of statements",
        arguments: [
            ("'SELEC * FROM orders'", ": Unexpected token after expression"),
            ("'SELECT * FROM ordrs'", ": names no table of the design"),
            (
                "'SELECT * FROM orders WHERE customer = ?'",
                ": Number of parameters in request and statement don't match."
            ),
            (
                "'SELECT * FROM orders WHERE customer = ?', parameters: [5]",
                ": \(invalid)Condition parameter type does not match schema type"
            ),
            (
                "'DELETE FROM orders WHERE customer = ?', parameters: [a]",
                ": Where clause does not contain a mandatory equality on all key attributes"
            ),
            (
                "'SELECT amount FROM orders.\"by-state\"'",
                ": the index by-state does not project amount"
            ),
            (
                "'SELECT amount FROM orders.\"by-stat\"'",
                ": unknown index 'by-stat' (did you mean 'by-state'?)"
            ),
        ])
    func statements(statement: String, message: String) {
        let found = faults("operation: ExecuteStatement, statement: \(statement)")
        #expect(found.first?.hasSuffix(message) == true, "\(found)")
        #expect(found.first?.contains("patterns[0].statement: ") == true)
    }

    @Test("a fault stands at line and column of the expression")
    func places() {
        #expect(
            faults("operation: Scan, table: orders, filter: '('").first?.hasPrefix(
                "orders.yaml:24:45: patterns[0].filter: ") == true)
    }

    @Test("a statement is about the table that it names, and a SELECT reads")
    func statementTable() throws {
        let file = try read(
            #"operation: ExecuteStatement, statement: 'SELECT * FROM "orders-archive" WHERE id = ?', parameters: [a]"#
        )
        #expect(file.design.patterns[0].tableName == "orders-archive")
        #expect(file.workload.requests[0].isRead)
        let index = try read(
            #"operation: ExecuteStatement, statement: 'SELECT * FROM orders."by-state"'"#)
        #expect(index.design.patterns[0].indexName == "by-state")
    }

    @Test("weights that are all zero send nothing, and that is told")
    func zeroWeights() {
        #expect(
            faults("operation: Scan, table: orders, weight: 0") == [
                "orders.yaml:22:3: patterns: all weights are 0: nothing is to be sent"
            ])
    }

    @Test("what is far too large is refused, and not made first")
    func nested() {
        let list =
            "{$list: {of: {$list: {of: {$list: {of: 1, count: 10000}}, count: 10000}}, count: 10000}}"
        let found = faults(
            "operation: PutItem, table: orders, item: {customer: a, date: 1, x: \(list)}")
        #expect(found.first?.hasSuffix("and an item has 409600 at most") == true, "\(found)")
    }
}
