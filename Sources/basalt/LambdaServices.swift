import Client
import Engine
import Functions
import HTTPService
import Logging
import Operations
import Storage
import Synchronization
import Triggers
import Wire

/// Everything around functions, put together: the API, the processes, the triggers.
struct LambdaServices {
    /// The APIs beside DynamoDB's.
    let restHandlers: [any RESTHandler]
    /// Who knows the credentials of functions' processes.
    let sessions: (any SessionDirectory)?
    /// Who does DynamoDB's operations for clients: the engine, behind permissions where those are
    /// on.
    let operations: any OperationHandler
    /// What functions print.
    private let logs: LogStore

    init(
        engine: Engine, store: any KeyValueStore, settings: ServeConfiguration,
        address: ServerAddress
    ) throws {
        sessions = nil
        logs = try LogStore(
            records: RecordStore(store, space: .logs), accountID: settings.accountID,
            clock: engine.serviceClock, logger: Logger(label: "basalt.logs"))
        let permissions = try PermissionServices(
            engine: engine, store: store, settings: settings, sessions: sessions)
        operations = permissions.guarding(engine)
        restHandlers = permissions.guarding([LogsAPI(store: logs)])
    }

    /// Begins to process triggers; called once the server answers.
    func start() async throws {
        logs.start()
    }

    /// Ends triggers and processes; called when the server answers no longer.
    func stop() async {
        // Last: the others print until they are done.
        await logs.stop()
    }
}

/// Where the server answers, once it does.
final class ServerAddress: Sendable {
    private let endpoint = Mutex<String?>(nil)

    /// `http://127.0.0.1:8000`; nil before it answers.
    var value: String? { endpoint.withLock { $0 } }

    /// - Parameter host: what it listens on; all addresses are reached by the loopback one.
    func set(host: String, port: Int) {
        let reachable = host == "0.0.0.0" ? "127.0.0.1" : host == "::" ? "::1" : host
        let authority = reachable.contains(":") ? "[\(reachable)]" : reachable
        endpoint.withLock { $0 = "http://\(authority):\(port)" }
    }
}
