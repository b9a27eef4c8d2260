import Items
import Operations
import Testing
import Wire

@testable import Permissions

@Suite("Roles and what was observed")
struct RoleCatalogueTests {
    private let reading =
        #"{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"\#(orders)"}"#

    @Test("roles and observations outlive the process")
    func kept() async throws {
        let first = try ControlHarness()
        try await first.describe("orders", reading)
        _ = await first.refusal(get("a"))
        _ = await first.refusal(put(["customer": .string("a")]))
        // What is written last of all comes after everything before it.
        try await first.describe("later")
        let second = try ControlHarness(store: first.store)
        #expect(await second.refusal(get("a")) == nil)
        #expect(await second.refusal(put(["customer": .string("a")])) != nil)
        let third = try ControlHarness(store: first.store)
        let calls = third.control.ledger.calls(of: "orders")
        #expect(calls.map(\.call.action) == ["dynamodb:GetItem", "dynamodb:PutItem"])
        #expect(calls.map(\.tally.decision) == [.allowed, .notAllowed])
        #expect(calls.map(\.tally.count) == [0, 0], "counts are of this process")
    }

    @Test("policies of a file and of the API stand together")
    func together() async throws {
        var given = GivenPolicies()
        given.roles["orders"] = try GivenPolicies.policies(
            json(#"[{"Statement":\#(reading)}]"#), of: "role orders")
        let harness = try ControlHarness(given: given)
        #expect(await harness.refusal(get("a")) == nil)
        #expect(await harness.refusal(put([:])) != nil)
        try await harness.describe(
            "orders", #"{"Effect":"Allow","Action":"dynamodb:PutItem","Resource":"*"}"#)
        #expect(await harness.refusal(get("a")) == nil)
        #expect(await harness.refusal(put([:])) == nil)
        #expect(await harness.call("DELETE", "/_basalt/roles/orders").status == 200)
        #expect(await harness.refusal(put([:])) != nil)
        #expect(await harness.call("DELETE", "/_basalt/roles/orders").status == 404)
    }

    @Test("managed policies of the service allow what they allow of DynamoDB")
    func managed() async throws {
        let harness = try ControlHarness()
        for (arn, reads, writes) in [
            ("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", false, false),
            ("arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess", true, false),
            ("arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess", true, true),
            ("arn:aws:iam::aws:policy/NobodyKnows", false, false),
        ] {
            let body = JSONValue.object([("ManagedPolicyArns", .array([.string(arn)]))])
            #expect(await harness.call("PUT", "/_basalt/roles/orders", body).status == 200)
            #expect((await harness.refusal(get("a")) == nil) == reads, "\(arn)")
            #expect((await harness.refusal(put([:])) == nil) == writes, "\(arn)")
        }
    }

    @Test(
        "what is no role is refused and changes nothing",
        arguments: [
            ("/_basalt/roles/a%20b", "{}"), ("/_basalt/roles/a", "[]"), ("/_basalt/roles/a", "{"),
            ("/_basalt/roles/a", #"{"Policies":{}}"#), ("/_basalt/roles/a", #"{"Policies":[{}]}"#),
            ("/_basalt/roles/a", #"{"Policies":[{"PolicyName":"p","PolicyDocument":"no"}]}"#),
            ("/_basalt/roles/a", #"{"ManagedPolicyArns":[1]}"#),
        ] as [(String, String)])
    func refused(_ path: String, _ body: String) async throws {
        let harness = try ControlHarness()
        let api = RolesAPI(control: harness.control, clock: StillClock())
        let answer = await withCheckedContinuation { continuation in
            api.handle(RESTRequest(method: "PUT", path: path, body: Array(body.utf8))) {
                continuation.resume(returning: $0)
            }
        }
        #expect(answer.status == 400)
        #expect(harness.control.roles.roles.isEmpty)
    }

    @Test("a function cannot change roles, only read of them")
    func functions() async throws {
        let harness = try ControlHarness()
        #expect(
            await harness.call("PUT", "/_basalt/roles/orders", .object([]), key: "ASIAORDERS")
                .status == 403)
        #expect(
            await harness.call("DELETE", "/_basalt/iam/report", key: "ASIAORDERS").status == 403)
        #expect(await harness.call("GET", "/_basalt/roles", key: "ASIAORDERS").status == 200)
        #expect(await harness.call("GET", "/_basalt/iam/nothing").status == 404)
    }

    @Test("the smallest policy allows what was asked for and nothing else")
    func smallest() async throws {
        let observing = try ControlHarness(.observe)
        try await observing.describe("orders")
        var query = QueryRequest()
        query.page.tableName = "orders"
        query.page.indexName = "byDay"
        let asked: [OperationRequest] = [
            get("a"), put(["customer": .string("a")]),
            get("b", table: "arn:aws:dynamodb:eu-west-1:000000000000:table/far"),
            .query(query), .listTables(ListTablesRequest()),
            .describeTable(TableRequest(tableName: "orders")),
        ]
        for request in asked { #expect(await observing.refusal(request) == nil) }
        // A name with a wildcard must never end up in a policy.
        #expect(await observing.refusal(get("a", table: "*")) == nil)
        let answer = await observing.call("GET", "/_basalt/iam/policy/orders")
        let policy = try JSONValue(parsing: answer.body)
        let enforcing = try ControlHarness()
        let body = JSONValue.object([
            (
                "Policies",
                .array([.object([("PolicyName", .string("p")), ("PolicyDocument", policy)])])
            )
        ])
        #expect(await enforcing.call("PUT", "/_basalt/roles/orders", body).status == 200)
        for request in asked { #expect(await enforcing.refusal(request) == nil) }
        var scan = ScanRequest()
        scan.page.tableName = "orders"
        query.page.indexName = nil
        for request in [
            .scan(scan), .query(query), get("a", table: "other"),
            put([:], table: "arn:aws:dynamodb:eu-west-1:000000000000:table/far"),
            .deleteTable(TableRequest(tableName: "orders")), .describeLimits,
            get("a", table: "arn:aws:dynamodb:eu-west-1:000000000000:table/orders"),
        ] as [OperationRequest] {
            #expect(await enforcing.refusal(request) != nil, "\(request)")
        }
    }

    @Test("what was observed can be forgotten")
    func forgotten() async throws {
        let harness = try ControlHarness(.observe)
        _ = await harness.refusal(get("a"))
        _ = await harness.refusal(get("a"), key: "ASIAOTHER")
        let answer = await harness.call(
            "DELETE", "/_basalt/iam/report", query: [("role", "orders")])
        #expect(answer.status == 200)
        #expect(harness.control.ledger.calls().map(\.call.principal) == ["other"])
    }
}
