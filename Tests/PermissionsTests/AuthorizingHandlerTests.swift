import Items
import Operations
import Synchronization
import Testing
import Wire

@testable import Permissions

@Suite("Whom operations are done for")
struct AuthorizingHandlerTests {
    private let readOrders =
        #"{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"\#(orders)"}"#

    @Test("a function may do what its role's policies allow, and nothing else")
    func enforced() async throws {
        let harness = try ControlHarness()
        try await harness.describe("orders", readOrders)
        #expect(await harness.refusal(get("a")) == nil)
        let refusal = try #require(
            await harness.refusal(put(["customer": .string("a"), "number": .string("1")])))
        #expect(refusal.code == "AccessDeniedException")
        #expect(refusal.status == 400)
        #expect(
            refusal.message == """
                User: arn:aws:sts::000000000000:assumed-role/orders/worker is not authorized to \
                perform: dynamodb:PutItem on resource: \(orders) because no identity-based policy \
                allows the dynamodb:PutItem action
                """)
        #expect(harness.next.requests.count == 1)
    }

    @Test("other keys, and roles that nobody described, are not restricted")
    func unrestricted() async throws {
        let harness = try ControlHarness()
        try await harness.describe("orders")
        #expect(await harness.refusal(get("a"), key: "") == nil)
        #expect(await harness.refusal(get("a"), key: "AKIADEVELOPER") == nil)
        #expect(await harness.refusal(get("a"), key: "ASIAOTHER") == nil)
        #expect(await harness.refusal(get("a")) != nil, "described, without a statement")
        #expect(harness.control.ledger.calls(of: "other").map(\.tally.decision) == [.allowed])
    }

    @Test("observing denies nothing and tells what it would")
    func observed() async throws {
        let harness = try ControlHarness(.observe)
        try await harness.describe("orders")
        for _ in 0..<3 { #expect(await harness.refusal(get("a")) == nil) }
        let calls = harness.control.ledger.calls(of: "orders")
        #expect(calls.map(\.call.action) == ["dynamodb:GetItem"])
        #expect(calls.first?.tally == .init(count: 3, denials: 3, decision: .notAllowed))
        let report = try JSONValue(parsing: await harness.call("GET", "/_basalt/iam/report").body)
        #expect(report["Mode"]?.string == "observe")
        let role = try #require(report["Roles"]?.elements?.first)
        #expect(role["RoleName"]?.string == "orders" && role["HasPolicies"]?.bool == true)
        #expect(role["Calls"]?.elements?.first?["Denials"]?.integer == 3)
    }

    @Test("an unrestricted role obeys the denials of a table's policy")
    func deniedByTable() async throws {
        let harness = try ControlHarness()
        let policy =
            #"{"Statement":{"Effect":"Deny","Principal":"*","Action":"dynamodb:*","Resource":"*"}}"#
        harness.tables.policy.withLock { $0 = (policy, "1") }
        let refusal = await harness.refusal(get("a"))
        #expect(
            refusal?.message.hasSuffix("with an explicit deny in a resource-based policy") ?? false)
        // Another revision is read anew; one that cannot be read says nothing.
        harness.tables.policy.withLock { $0 = ("no policy", "2") }
        #expect(await harness.refusal(get("a")) == nil)
    }

    @Test("leading keys come from keys, key conditions and statements")
    func leadingKeys() async throws {
        let harness = try ControlHarness()
        try await harness.describe(
            "orders",
            #"""
            {"Effect":"Allow","Action":"dynamodb:*","Resource":["\#(orders)","\#(orders)/index/*"],
             "Condition":{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["ann","7"]},
                          "Null":{"dynamodb:LeadingKeys":"false"}}}
            """#)
        func isAllowed(_ request: OperationRequest) async -> Bool {
            await harness.refusal(request) == nil
        }
        #expect(await isAllowed(get("ann")))
        #expect(await !isAllowed(get("bob")))
        #expect(await isAllowed(put(["customer": .string("ann")])))
        #expect(await isAllowed(put(["customer": .number(.init(7))])))
        var query = QueryRequest()
        query.page.tableName = "orders"
        query.keyConditionExpression = "#c = :c"
        query.page.attributes.names = ["#c": "customer"]
        for (value, expected) in [("ann", true), ("bob", false)] {
            query.page.attributes.values = [":c": .init(.string(value))]
            #expect(await isAllowed(.query(query)) == expected)
        }
        // An index's keys are its own, and the first of several is the leading one.
        query.page.indexName = "byDay"
        query.keyConditionExpression = "#d = :c AND shop = :s"
        query.page.attributes.names = ["#d": "day"]
        query.page.attributes.values = [":c": .init(.string("ann")), ":s": .init(.string("x"))]
        #expect(await isAllowed(.query(query)))
        var legacy = QueryRequest()
        legacy.page.tableName = "orders"
        legacy.keyConditions = [("customer", .init(.equal, values: [.init(.string("bob"))]))]
        #expect(await !isAllowed(.query(legacy)))
        var scan = ScanRequest()
        scan.page.tableName = "orders"
        #expect(await !isAllowed(.scan(scan)), "a scan has no leading keys")
        for (text, expected) in [
            ("SELECT * FROM orders WHERE customer = 'ann'", true),
            ("SELECT * FROM orders WHERE customer IN ['ann', 'bob']", false),
            ("SELECT * FROM orders", false),
            ("DELETE FROM orders WHERE customer = 'ann' AND number = '1'", true),
            ("UPDATE orders SET a = 1 WHERE customer = 'bob' AND number = '1'", false),
            ("INSERT INTO orders VALUE {'customer': 'ann', 'number': '1'}", true),
        ] {
            var request = ExecuteStatementRequest()
            request.statement.text = text
            #expect(await isAllowed(.executeStatement(request)) == expected, "\(text)")
        }
        var batch = BatchGetItemRequest()
        var keys = KeysAndAttributes()
        keys.keys = [["customer": .string("ann")], ["customer": .string("bob")]]
        batch.requestItems = [("orders", keys)]
        #expect(await !isAllowed(.batchGetItem(batch)))
    }

    @Test("transactions are told by their actions, and by what encloses them")
    func transactions() async throws {
        let harness = try ControlHarness()
        try await harness.describe(
            "orders",
            #"""
            {"Effect":"Allow","Action":["dynamodb:PutItem","dynamodb:GetItem"],
             "Resource":"\#(orders)",
             "Condition":{"StringEquals":{"dynamodb:EnclosingOperation":
                 ["TransactWriteItems","TransactGetItems"]}}}
            """#)
        var item = PutItemRequest()
        item.tableName = "orders"
        item.item = ["customer": .string("a")]
        var write = TransactWriteItemsRequest()
        write.transactItems = [.put(item)]
        #expect(await harness.refusal(.transactWriteItems(write)) == nil)
        #expect(await harness.refusal(.putItem(item)) != nil)
        var check = ConditionCheck()
        check.tableName = "orders"
        write.transactItems.append(.conditionCheck(check))
        let refusal = await harness.refusal(.transactWriteItems(write))
        #expect(refusal?.message.contains("dynamodb:ConditionCheckItem on") ?? false)
    }

    @Test("whole scans can be kept away")
    func fullScans() async throws {
        let harness = try ControlHarness()
        try await harness.describe(
            "orders",
            #"""
            {"Effect":"Allow","Action":"dynamodb:*","Resource":"*"},
            {"Effect":"Deny","Action":["dynamodb:Scan","dynamodb:PartiQLSelect"],"Resource":"*",
             "Condition":{"Bool":{"dynamodb:FullTableScan":"true"}}}
            """#)
        for (text, isFull) in [
            ("SELECT * FROM orders", true), ("SELECT * FROM orders WHERE customer = 'a'", false),
            ("SELECT * FROM orders WHERE number = '1'", true),
        ] {
            var request = ExecuteStatementRequest()
            request.statement.text = text
            let refusal = await harness.refusal(.executeStatement(request))
            #expect((refusal != nil) == isFull, "\(text)")
        }
        var scan = ScanRequest()
        scan.page.tableName = "orders"
        #expect(await harness.refusal(.scan(scan)) != nil)
    }

    @Test("refused statements of a batch stand in their places")
    func batchOfStatements() async throws {
        let harness = try ControlHarness()
        try await harness.describe(
            "orders",
            #"{"Effect":"Allow","Action":"dynamodb:PartiQLSelect","Resource":"\#(orders)"}"#)
        let texts = [
            "SELECT * FROM secret WHERE a = 1", "SELECT * FROM orders WHERE customer = 'a'",
            "DELETE FROM orders WHERE customer = 'a'", "SELECT * FROM orders WHERE customer = 'b'",
        ]
        var batch = BatchExecuteStatementRequest()
        batch.statements = texts.map { text in
            var statement = Statement()
            statement.text = text
            return (statement, false)
        }
        let outcome = try await harness.send(.batchExecuteStatement(batch)).get()
        guard case .batchExecuteStatement(let response) = outcome.response else {
            Issue.record("another answer")
            return
        }
        #expect(
            response.responses.map { $0.error?.code } == ["AccessDenied", nil, "AccessDenied", nil])
        #expect(response.responses.map(\.tableName) == [nil, texts[1], nil, texts[3]])
        batch.statements = [batch.statements[0]]
        _ = try await harness.send(.batchExecuteStatement(batch)).get()
        #expect(harness.next.requests.count == 1, "nothing was left to do")
    }

    @Test(
        "the Lambda API is guarded by method and path",
        arguments: [
            (
                "POST", "/2015-03-31/functions/mail/invocations", "lambda:InvokeFunction",
                "arn:aws:lambda:us-east-1:000000000000:function:mail"
            ),
            (
                "POST",
                "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Amail/invocations",
                "lambda:InvokeFunction", "arn:aws:lambda:us-east-1:000000000000:function:mail"
            ),
            (
                "POST", "/2015-03-31/functions/000000000000:function:mail/invocations",
                "lambda:InvokeFunction", "arn:aws:lambda:us-east-1:000000000000:function:mail"
            ),
            ("GET", "/2015-03-31/functions", "lambda:ListFunctions", "*"),
            (
                "PUT", "/2015-03-31/functions/mail/code", "lambda:UpdateFunctionCode",
                "arn:aws:lambda:us-east-1:000000000000:function:mail"
            ),
            ("GET", "/2099-01-01/unheard/of", "lambda:*", "*"),
        ] as [(String, String, String, String)])
    func lambda(_ method: String, _ path: String, _ action: String, _ resource: String) {
        let need = LambdaActions.need(
            RESTRequest(method: method, path: path), accountID: "000000000000")
        #expect(need?.action == action)
        #expect(need?.resource == resource)
    }

    @Test("paths of other APIs need nothing of Lambda")
    func notLambda() {
        let request = RESTRequest(method: "GET", path: "/_basalt/roles")
        #expect(LambdaActions.need(request, accountID: "000000000000") == nil)
    }
}
