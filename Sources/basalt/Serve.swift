import ArgumentParser
import Engine
import Glibc
import HTTPService
import Logging
import Operations
import ServiceLifecycle
import Storage
import Terminal
import UnixSignals
import Wire

/// `basalt serve`: opens the store and answers until it is told to stop.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the DynamoDB API on this machine.",
        discussion: """
            Flags win over the configuration file, whose keys are the flags' names. Signatures are \
            verified only where credentials are given.
            """)

    @Option(help: "Port to listen on; 0 lets the system choose. (default: 8000)")
    var port: String?
    @Option(help: "Address to listen on. (default: 127.0.0.1)")
    var host: String?
    @Option(help: "Directory of the data. (default: ./basalt-data)")
    var dataDir: String?
    @Flag(help: "Keep everything in memory and nothing on disk.")
    var inMemory = false
    @Option(
        help: """
            fsync: an answered write is on the device; os: it survives a killed process, not a \
            power cut. (default: fsync)
            """)
    var durability: String?
    @Option(help: "Memory for cached data, like 64MB or 2GB. (default: 64MB)")
    var cacheSize: String?
    @Option(help: "Region of requests that name none. (default: us-east-1)")
    var region: String?
    @Option(help: "Account in every ARN: twelve digits. (default: 000000000000)")
    var accountId: String?
    @Option(help: "YAML file with any of these settings.")
    var config: String?
    @Option(help: "Access key to verify signatures with.")
    var accessKey: String?
    @Option(help: "The access key's secret.")
    var secretKey: String?
    @Option(help: "File of access keys and secrets, as the AWS CLI keeps them.")
    var credentialsFile: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical. (default: warning)")
    var logLevel: String?
    @Option(help: "Threads that serve connections. (default: 2)")
    var threads: String?
    @Option(
        help: "How often expired items are deleted: 10s, 5m; 0: at once. (default: 10s)")
    var ttlInterval: String?
    @Flag(
        help: "Run by a clock that can be moved on: basalt clock, or /_basalt/clock over HTTP.")
    var virtualClock = false
    @Flag(
        help: "Let tests split partitions and provoke conflicts, over HTTP under /_basalt/.")
    var administration = false

    @Option(
        help: ArgumentHelp(
            """
            Share of transactions and writes that meet a conflict on purpose, from 0 to 1, drawn \
            from a seed. (default: none)
            """, valueName: "rate[:seed]"))
    var transactionConflicts: String?
    @Option(
        help: """
            Requests over the capacity of tables and indexes: enforce limits, observe what they \
            would refuse, or off. (default: off)
            """)
    var throttling: String?
    @Option(help: "Where queues are, for event source mappings and destinations. (default: none)")
    var sqsEndpoint: String?
    @Option(help: "Where topics are, for destinations. (default: none)")
    var snsEndpoint: String?
    @Option(help: "Where buckets are, for code and destinations. (default: none)")
    var s3Endpoint: String?
    @Option(help: "Template to deploy before readiness is told, or its directory. (default: none)")
    var template: String?
    @Option(
        name: .customLong("template-parameter"),
        help: ArgumentHelp("A parameter of the template; may be repeated.", valueName: "K=V"))
    var templateParameters: [String] = []
    @Option(
        help: "Access key that requests to those endpoints are signed with. (default: basalt)")
    var outsideAccessKey: String?
    @Option(help: "That access key's secret. (default: basalt)")
    var outsideSecretKey: String?
    @Option(
        help: """
            Policies of functions' roles: enforce them, observe what they would deny, or off. \
            (default: off)
            """)
    var iam: String?
    @Option(help: "File of policies by role, or directory of ROLE.json files. (default: none)")
    var policies: String?
    @Option(help: "JSON file of prices that usage is told at. (default: us-east-1, 2026-09-01)")
    var prices: String?

    func run() async throws {
        let settings = try settings()
        let secretKeys = try settings.credentials()
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = settings.logLevel
            return handler
        }
        raiseFileLimit()
        let store = try RocksStore.open(
            StoreOptions(
                path: settings.dataDirectory, inMemory: settings.inMemory,
                durability: settings.durability, cacheByteCount: settings.cacheByteCount))
        defer { store.close() }
        var configuration = EngineConfiguration(accountID: settings.accountID)
        configuration.timeToLiveInterval = settings.timeToLiveInterval
        if settings.virtualClock { configuration.clock = VirtualClock() }
        configuration.provokedConflicts = settings.transactionConflicts
        configuration.throttling = settings.throttling
        let engine = try Engine(store: store, configuration: configuration)
        defer { engine.shutdown() }
        let account = try AccountServices(engine: engine, store: store, settings: settings)
        defer { account.stop() }
        let address = ServerAddress()
        let lambda = try LambdaServices(
            engine: engine, store: store, settings: settings, address: address)
        let credentials = CredentialStore(secretKeys, sessions: lambda.sessions)
        let server = HTTPServer(
            handler: account.metering(lambda.operations),
            configuration: HTTPServerConfiguration(
                host: settings.host, port: settings.port, eventLoopCount: settings.threads,
                credentials: credentials, defaultRegion: settings.region),
            administration: settings.administration(account.metering(engine)),
            restHandlers: lambda.restHandlers + [account.api(mappings: lambda.mappingAges)])
        let endpoint = Endpoint(server: server) { port in
            address.set(host: settings.host, port: port)
            account.start()
            try await lambda.start()
            try await settings.deployTemplate(to: address.value, secretKeys: secretKeys)
            announce(port: port, settings)
        }
        // Shut down in reverse: handlers may go on calling the endpoint until they are done.
        try await ServiceGroup(
            services: [endpoint, LambdaLife(services: lambda)],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "basalt")
        ).run()
    }

    /// The defaults, changed by the file, changed by the flags.
    private func settings() throws(ConfigurationError) -> ServeConfiguration {
        var settings = ServeConfiguration()
        if let config { try settings.read(file: config) }
        let flags: [(key: String, value: String?)] = [
            ("port", port), ("host", host), ("data-dir", dataDir), ("durability", durability),
            ("cache-size", cacheSize), ("region", region), ("account-id", accountId),
            ("access-key", accessKey), ("secret-key", secretKey),
            ("credentials-file", credentialsFile), ("log-level", logLevel), ("threads", threads),
            ("in-memory", inMemory ? "true" : nil),
            ("ttl-interval", ttlInterval), ("virtual-clock", virtualClock ? "true" : nil),
            ("administration", administration ? "true" : nil),
            ("transaction-conflicts", transactionConflicts), ("sqs-endpoint", sqsEndpoint),
            ("sns-endpoint", snsEndpoint), ("s3-endpoint", s3Endpoint), ("template", template),
            ("outside-access-key", outsideAccessKey), ("outside-secret-key", outsideSecretKey),
            ("iam", iam), ("throttling", throttling), ("policies", policies),
            ("prices", prices),
        ]
        for (key, value) in flags {
            guard let value else { continue }
            do throws(ConfigurationError) {
                try settings.set(key, value)
            } catch {
                throw ConfigurationError("--\(error.description)")
            }
        }
        settings.templateParameters = templateParameters
        return settings
    }

    /// RocksDB keeps many files open: the soft limit becomes the hard one.
    private func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Tells that requests are answered from now on, and how to send one.
    private func announce(port: Int, _ settings: ServeConfiguration) {
        let kept = settings.inMemory ? "in memory" : "data in \(settings.dataDirectory)"
        let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        let endpoint = "http://\(host):\(port)"
        let command =
            "AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any aws dynamodb list-tables "
            + "--endpoint-url \(endpoint) --region \(settings.region)"
        TerminalScreen.write(
            """
            Basalt serves DynamoDB on \(endpoint) (\(kept))
            Try: \(command)

            """, to: STDOUT_FILENO)
    }
}

extension ServeConfiguration {
    /// What of the administrative endpoint is open.
    fileprivate func administration(
        _ handler: any AdministrationHandler
    ) -> AdministrationAccess {
        var parts: Set<AdministrationCodec.Part> = [.capacity]
        if virtualClock { parts.insert(.clock) }
        if administration { parts.formUnion([.partitions, .transactions]) }
        if administration || throttling != .off { parts.insert(.throttling) }
        return AdministrationAccess(handler: handler, parts: parts)
    }
}

/// The server as a service that tells when it is ready.
///
/// It starts under the service group, which by then has the signals in hand: a server that is told
/// to stop as soon as it answers stops as it should.
private struct Endpoint: Service {
    let server: HTTPServer
    /// Called with the port once requests are answered.
    let isReady: @Sendable (Int) async throws -> Void

    func run() async throws {
        try await isReady(try await server.start().port)
        try await server.run()
    }
}

/// Functions and triggers as a service: it ends before the endpoint does.
private struct LambdaLife: Service {
    let services: LambdaServices

    func run() async throws {
        try? await gracefulShutdown()
        await services.stop()
    }
}
