internal import FoundationEssentials
internal import Glibc
internal import NIOCore
internal import NIOPosix
package import Operations
internal import Synchronization

/// Runs functions: each version in processes of its own, which are kept warm for the next
/// invocation.
package final class Environments: FunctionInvoker, SessionDirectory {
    /// What an invocation has to run in.
    enum Place {
        case idle(Environment)
        /// A new environment, once an idle one of another function is discarded.
        case start(discarding: Environment?, isReload: Bool)
    }

    struct State {
        var pool: EnvironmentPool<Environment>
        var isStopped = false
        var sweep: RepeatedTask?
        /// Those who wait for a place: true tells them to try.
        var waiters: [Int: CheckedContinuation<Bool, Never>] = [:]
        /// Credentials of environments that live, by access key.
        var sessions: [String: SessionCredentials] = [:]
    }

    let environment: FunctionsEnvironment
    let log: any FunctionLog
    let limits: EnvironmentLimits
    let state: Mutex<State>
    let group: MultiThreadedEventLoopGroup
    let supervisor = ProcessSupervisor()
    let runtimes: Runtimes
    private let developed = DevelopmentDirectories()

    package init(
        environment: FunctionsEnvironment, log: any FunctionLog,
        limits: EnvironmentLimits = EnvironmentLimits()
    ) {
        var environment = environment
        environment.directory = Self.absolute(environment.directory)
        self.environment = environment
        self.log = log
        self.limits = limits
        state = Mutex(State(pool: EnvironmentPool(limits: limits)))
        group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        runtimes = Runtimes(
            supervisor: supervisor, directory: "\(environment.directory)/runtimes")
    }

    /// The credentials of an environment that lives.
    package func session(accessKeyID: String) -> SessionCredentials? {
        state.withLock { $0.sessions[accessKeyID] }
    }

    /// Ends the environments of a function, or of one version: idle ones at once, others once their
    /// invocation is done.
    package func discard(functionArn: String, version: String? = nil) {
        let idle = state.withLock { state in
            state.pool.takeIdle {
                $0.functionArn == functionArn && (version == nil || $0.version == version)
            }
        }
        retire(idle)
    }

    /// Kills all processes; what runs fails, and nothing runs any more.
    package func stop() async {
        let (waiters, sweep) = state.withLock { state in
            state.isStopped = true
            defer { state.waiters = [:] }
            return (Array(state.waiters.values), state.sweep)
        }
        for waiter in waiters { waiter.resume(returning: false) }
        sweep?.cancel()
        let idle = state.withLock { $0.pool.takeIdle { _ in true } }
        retire(idle)
        await supervisor.stop()
        try? await group.shutdownGracefully()
    }

    // MARK: - Invocations

    package func invoke(
        _ invocation: Invocation
    ) async throws(ServiceError) -> InvocationResult {
        let function = invocation.function
        let reason = try state.withLock { state throws(ServiceError) -> String? in
            guard !state.isStopped else { throw Self.stopping }
            return state.pool.enter(function)
        }
        if let reason { throw Self.throttle(reason) }
        defer { state.withLock { $0.pool.leave(function) } }
        var invocation = invocation
        // Processes run in the code's directory, not in the server's.
        invocation.function.codeDirectory = Self.absolute(function.codeDirectory)
        invocation.function.layerDirectory = function.layerDirectory.map(Self.absolute)
        if invocation.traceID?.isEmpty ?? true {
            invocation.traceID = TraceID.make(now: environment.clock.now())
        }
        let files = await developed.signature(of: function)
        let identity = CodeIdentity(
            function: FunctionVersion(
                functionArn: function.functionArn, version: function.configuration.version),
            revisionID: function.configuration.revisionId, codeDirectory: function.codeDirectory,
            files: files)
        while true {
            switch try await place(identity) {
            case .idle(let environment):
                if let result = try await run(invocation, in: environment) { return result }
            case .start(let discarded, let isReload):
                if let discarded { retire([discarded]) }
                if let result = try await start(identity, invocation, isReload: isReload) {
                    return result
                }
            }
        }
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/") else { return path }
        let relative = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        return FileManager.default.currentDirectoryPath + "/" + relative
    }

    /// Runs an invocation in an environment and gives that back.
    ///
    /// - Returns: nil where the environment was gone before it could begin.
    func run(
        _ invocation: Invocation, in environment: Environment
    ) async throws(ServiceError) -> InvocationResult? {
        switch await environment.run(invocation) {
        case .gone:
            lose(environment)
            try throwIfStopped()
            return nil
        case .finished(let result, let isReusable):
            if isReusable {
                let isKept = state.withLock { state in
                    !state.isStopped && state.pool.giveBack(environment, environment.identity)
                }
                if isKept {
                    wakeNext()
                } else {
                    retire([environment])
                }
            } else {
                lose(environment)
                // A process that was killed with the server says nothing of the handler.
                try throwIfStopped()
            }
            return result
        }
    }
}
