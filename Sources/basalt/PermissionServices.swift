import Engine
import Logging
import Operations
import Permissions
import Storage
import Wire

/// Permissions, put together: who does operations for clients, and the API beside.
struct PermissionServices {
    private let control: AccessControl
    private let tables: EngineTables
    private let clock: any ServiceClock

    /// - Parameter sessions: who knows the credentials of functions' processes.
    init(
        engine: Engine, store: any KeyValueStore, settings: ServeConfiguration,
        sessions: (any SessionDirectory)?
    ) throws {
        let logger = Logger(label: "basalt.iam")
        let given = try settings.policies.map(PolicyFile.read) ?? GivenPolicies()
        tables = EngineTables(engine: engine)
        clock = engine.serviceClock
        control = AccessControl(
            mode: settings.iam,
            roles: try RoleCatalogue(store: store, given: given, logger: logger),
            ledger: try AccessLedger(store: store), accountID: settings.accountID, tables: tables,
            sessions: sessions, clock: engine.serviceClock, logger: logger)
        for (who, statement, action) in given.unknownActions {
            logger.warning("\(who), statement \(statement): DynamoDB has no action '\(action)'")
        }
    }

    /// The same operations, for those who may; untouched where permissions are off.
    func guarding(_ operations: any OperationHandler) -> any OperationHandler {
        guard control.mode != .off else { return operations }
        return AuthorizingHandler(operations, control: control, tables: tables)
    }

    /// The same APIs, for those who may, and the one of roles and reports.
    func guarding(_ handlers: [any RESTHandler]) -> [any RESTHandler] {
        let roles = RolesAPI(control: control, clock: clock)
        guard control.mode != .off else { return handlers + [roles] }
        return handlers.map { AuthorizingRESTHandler($0, control: control) } + [roles]
    }
}
