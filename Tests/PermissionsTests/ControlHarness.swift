import Items
import Logging
import Operations
import Storage
import Synchronization
import Wire

@testable import Permissions

/// A clock that stands still.
struct StillClock: ServiceClock {
    var time: Timestamp = 1_795_000_000

    func now() -> Timestamp { time }

    func sleep(until time: Timestamp) async throws {}
}

/// Sessions by access key; `ASIAORDERS` belongs to the function `worker` of the role `orders`.
struct Sessions: SessionDirectory {
    func session(accessKeyID: String) -> SessionCredentials? {
        guard accessKeyID.hasPrefix("ASIA") else { return nil }
        let role = accessKeyID.dropFirst(4).lowercased()
        return SessionCredentials(
            accessKeyID: accessKeyID, secretAccessKey: "secret", sessionToken: "token",
            roleARN: "arn:aws:iam::000000000000:role/service/\(role)", sessionName: "worker")
    }
}

/// The table `orders`, keyed by `customer` and `number`, with the index `byDay` on `day`.
final class Tables: TableDirectory {
    let policy = Mutex<(document: String, revision: String)?>(nil)

    func facts(tableName: String, region: String) -> TableFacts? {
        guard tableName == "orders", region == "us-east-1" else { return nil }
        return TableFacts(
            partitionKeys: ["": ["customer"], "byDay": ["day", "shop"]],
            resourcePolicy: policy.withLock { $0 })
    }
}

/// Answers everything at once, and remembers what it was asked.
final class Answering: OperationHandler {
    private let seen = Mutex<[OperationRequest]>([])

    var requests: [OperationRequest] { seen.withLock { $0 } }

    func handle(
        _ request: OperationRequest, context: RequestContext,
        completion: @escaping @Sendable (Result<OperationOutcome, ServiceError>) -> Void
    ) {
        seen.withLock { $0.append(request) }
        guard case .batchExecuteStatement(let batch) = request else {
            completion(.success(OperationOutcome(.empty)))
            return
        }
        var response = BatchExecuteStatementResponse()
        response.responses = batch.statements.map { entry in
            var response = BatchStatementResponse()
            response.tableName = entry.statement.text
            return response
        }
        completion(.success(OperationOutcome(.batchExecuteStatement(response))))
    }
}

/// Permissions over a store in memory, in front of a handler that does everything.
struct ControlHarness {
    let store: any KeyValueStore
    let tables = Tables()
    let next = Answering()
    let control: AccessControl
    let handler: AuthorizingHandler

    init(
        _ mode: EnforcementMode = .enforce, given: GivenPolicies = GivenPolicies(),
        store: (any KeyValueStore)? = nil
    ) throws {
        self.store =
            try store
            ?? RocksStore.open(
                StoreOptions(
                    path: "", inMemory: true, durability: .os, cacheByteCount: 1 << 20))
        let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        control = AccessControl(
            mode: mode,
            roles: try RoleCatalogue(store: self.store, given: given, logger: logger),
            ledger: try AccessLedger(store: self.store), accountID: "000000000000",
            tables: tables, sessions: Sessions(), clock: StillClock(), logger: logger)
        handler = AuthorizingHandler(next, control: control, tables: tables)
    }

    /// Gives a role a policy with the statements in a text, or none at all.
    func describe(_ role: String, _ statements: String = "") async throws {
        let source = try json(#"{"Version":"2012-10-17","Statement":[\#(statements)]}"#)
        let body = JSONValue.object([
            (
                "Policies",
                .array([
                    .object([("PolicyName", .string("test")), ("PolicyDocument", source)])
                ])
            )
        ])
        let answer = await call("PUT", "/_basalt/roles/\(role)", body)
        guard answer.status == 200 else { throw Refused(answer) }
    }

    struct Refused: Error {
        let text: String
        init(_ answer: RESTResponse) { text = String(decoding: answer.body, as: UTF8.self) }
    }

    /// Asks the API of roles and reports.
    func call(
        _ method: String, _ path: String, _ body: JSONValue? = nil, key: String = "",
        query: [(name: String, value: String)] = []
    ) async -> RESTResponse {
        let api = RolesAPI(control: control, clock: StillClock())
        return await withCheckedContinuation { continuation in
            api.handle(
                RESTRequest(
                    method: method, path: path, query: query, body: body?.encoded ?? [],
                    context: RequestContext(accessKeyID: key))
            ) { continuation.resume(returning: $0) }
        }
    }

    /// Sends an operation as the function of a role, or with an access key.
    func send(_ request: OperationRequest, key: String = "ASIAORDERS") async -> Result<
        OperationOutcome, ServiceError
    > {
        await withCheckedContinuation { continuation in
            handler.handle(request, context: RequestContext(accessKeyID: key)) {
                continuation.resume(returning: $0)
            }
        }
    }

    /// What an operation is refused with; nil where it goes through.
    func refusal(_ request: OperationRequest, key: String = "ASIAORDERS") async -> ServiceError? {
        if case .failure(let error) = await send(request, key: key) { return error }
        return nil
    }
}

/// A GetItem of a customer's order.
func get(_ customer: String, table: String = "orders", projection: String? = nil)
    -> OperationRequest
{
    var request = GetItemRequest()
    request.tableName = table
    request.key = ["customer": .string(customer), "number": .string("1")]
    request.projectionExpression = projection
    return .getItem(request)
}

/// A PutItem of an order.
func put(_ item: ItemBytes, table: String = "orders") -> OperationRequest {
    var request = PutItemRequest()
    request.tableName = table
    request.item = item
    return .putItem(request)
}
