import AccountBook
import Client
import Engine
import Foundation
import Functions
import HTTPService
import Logging
import Operations
import Storage
import Synchronization
import Templates
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
    /// The processes of functions.
    private let environments: Environments
    /// What runs asynchronously.
    private let events: AsynchronousInvocations
    /// What streams and queues trigger.
    private let mappings: MappingCatalogue
    /// What runs at times.
    private let schedules: Schedules
    /// What of functions is kept in files only as long as the server runs; nil where it stays.
    private let passingDirectory: String?

    init(
        engine: Engine, store: any KeyValueStore, settings: ServeConfiguration,
        address: ServerAddress
    ) throws {
        let files = try Self.directory(settings)
        passingDirectory = settings.inMemory ? files : nil
        let environment = FunctionsEnvironment(
            accountID: settings.accountID, defaultRegion: settings.region,
            clock: engine.serviceClock, directory: files, endpoint: { address.value },
            outside: try settings.outside, logger: Logger(label: "basalt.functions"))
        let catalogue = try FunctionCatalogue(store: store, environment: environment)
        logs = try LogStore(
            records: RecordStore(store, space: .logs), accountID: settings.accountID,
            clock: engine.serviceClock, logger: Logger(label: "basalt.logs"))
        environments = Environments(environment: environment, log: logs)
        sessions = environments
        let destinations = Destinations(outside: environment.outside, functions: catalogue)
        events = try AsynchronousInvocations(
            records: RecordStore(store, space: .events), clock: engine.serviceClock,
            functions: catalogue, invoker: environments, destinations: destinations,
            logger: Logger(label: "basalt.events"))
        destinations.setEvents(events)
        let permissions = try PermissionServices(
            engine: engine, store: store, settings: settings, sessions: sessions)
        operations = permissions.guarding(engine)
        let buckets: S3Client? =
            settings.s3Endpoint == nil
            ? nil : try environment.outside.buckets(region: settings.region)
        let triggers = TriggersEnvironment(
            accountID: settings.accountID, clock: engine.serviceClock, operations: engine,
            streams: engine, functions: catalogue, invoker: environments, events: events,
            destinations: destinations, outside: environment.outside,
            logger: Logger(label: "basalt.triggers"))
        let queues = OutsideQueues(environment.outside)
        mappings = try MappingCatalogue(
            environment: triggers, store: store,
            streams: StreamMappingRunner(triggers, store: store),
            queues: QueueMappingRunner(environment: triggers, client: queues))
        let functions = LambdaAPI(
            catalogue: catalogue, invoker: environments, events: events, objects: buckets,
            tagKeeper: MappingTags(mappings, accountID: settings.accountID))
        schedules = try Schedules(
            records: RecordStore(store, space: .schedules), accountID: settings.accountID,
            clock: engine.serviceClock, functions: catalogue, events: events,
            logger: Logger(label: "basalt.schedules"))
        let deployments = DeploymentsAPI(
            records: RecordStore(store, space: .deployments), accountID: settings.accountID)
        restHandlers = permissions.guarding([
            functions, MappingAPI(mappings, environment: triggers, queueClient: queues),
            LogsAPI(store: logs), SchedulesAPI(schedules), deployments,
        ])
    }

    /// Where the code of functions lies: beside the data, or, where nothing is to stay, in a
    /// directory that is removed at the end.
    private static func directory(_ settings: ServeConfiguration) throws -> String {
        guard settings.inMemory else { return settings.dataDirectory + "/functions" }
        var random = SystemRandomNumberGenerator()
        return FileManager.default.temporaryDirectory
            .appendingPathComponent("basalt-\(String(random.next(), radix: 36))").path
    }

    /// Begins to process triggers; called once the server answers.
    func start() async throws {
        logs.start()
        events.start()
        mappings.start()
        schedules.start()
    }

    /// How far the mappings are behind their streams; those that read none yet are left out.
    @Sendable
    func mappingAges() -> [MappingAge] {
        mappings.metrics().compactMap { mapping, metrics in
            metrics.iteratorAgeMilliseconds.map {
                MappingAge(
                    functionName: Self.functionName(mapping.functionArn),
                    eventSource: mapping.eventSourceArn, milliseconds: $0)
            }
        }
    }

    /// The name in a function's ARN, `arn:aws:lambda:REGION:ACCOUNT:function:NAME:QUALIFIER`.
    private static func functionName(_ arn: String) -> String {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count > 6 ? String(parts[6]) : arn
    }

    /// Ends triggers and processes; called when the server answers no longer.
    func stop() async {
        await schedules.stop()
        await mappings.stop()
        await events.stop()
        await environments.stop()
        // Last: the others print until they are done.
        await logs.stop()
        if let passingDirectory { try? FileManager.default.removeItem(atPath: passingDirectory) }
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
