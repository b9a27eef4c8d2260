internal import FoundationEssentials
internal import Glibc
internal import NIOCore
internal import Operations
internal import Synchronization

/// An execution environment: a process that runs one version of a function, one invocation at a
/// time, and the Runtime API that it asks for them.
///
/// What is mutable is touched on its event loop alone, that of its API's connections as well.
final class Environment: @unchecked Sendable {
    /// What starting came to.
    enum Start: Sendable {
        /// The process asks for invocations.
        case ready
        case failed(StartFailure)
        /// It was not ready in time, and is killed.
        case timedOut
    }

    enum StartFailure: Sendable {
        /// The process told an error of its own.
        case posted(InvocationFailure)
        case ended(ProcessExit)
    }

    /// What running an invocation came to.
    enum Run: Sendable {
        /// - Parameter isReusable: whether the environment can run another.
        case finished(InvocationResult, isReusable: Bool)
        /// The process had ended before it was given the invocation.
        case gone
    }

    private struct Running {
        var invocation: Invocation
        var begun: ContinuousClock.Instant
        var timer: Scheduled<Void>?
        var isHandedOut = false
        var continuation: CheckedContinuation<Run, Never>
    }

    private enum Phase {
        /// Before the process is under way.
        case made
        case starting(CheckedContinuation<Start, Never>, timer: Scheduled<Void>)
        /// Ready for an invocation, or about to ask for one.
        case waiting
        case running(Running)
        /// Killed or ended; nothing runs in it any more.
        case ended
    }

    /// In less than this, no process takes much memory.
    private static let shortMilliseconds = 10.0
    private static let memoryLookInterval = Duration.milliseconds(100)

    let identity: CodeIdentity
    let credentials: SessionCredentials
    let loop: any EventLoop
    let log: InvocationLog
    let output: ProcessOutput
    private let platform: PlatformLog
    private let supervisor: ProcessSupervisor
    private let memoryMegabytesMax: Int
    /// Told when the process ends while nothing runs in it.
    private let onEnd: @Sendable (Environment) -> Void

    private var phase = Phase.made
    private var process: LaunchedProcess?
    private var server: (any Channel)?
    private var connections: [RuntimeAPIConnection] = []
    /// The connection that waits for an invocation.
    private var poll: RuntimeAPIConnection?
    private var startBegun = ContinuousClock.now
    /// When the most memory that the process has had was last asked for.
    private var memoryLook: ContinuousClock.Instant?
    /// How long starting took, until it has been told.
    private var initMilliseconds: Double?

    init(
        identity: CodeIdentity, function: ResolvedFunction, credentials: SessionCredentials,
        log: InvocationLog, supervisor: ProcessSupervisor, loop: any EventLoop,
        onEnd: @escaping @Sendable (Environment) -> Void
    ) {
        self.identity = identity
        self.credentials = credentials
        self.log = log
        self.supervisor = supervisor
        self.loop = loop
        self.onEnd = onEnd
        let configuration = function.configuration
        memoryMegabytesMax = configuration.memorySize
        platform = PlatformLog(
            log: log, isJSON: configuration.loggingConfig.logFormat == "JSON",
            version: configuration.version, functionName: configuration.functionName,
            memorySize: configuration.memorySize)
        output = ProcessOutput { log.take($0) }
    }

    // MARK: - Starting

    /// Begins to answer the Runtime API; returns the port.
    func listen() async throws -> Int {
        let server = try await RuntimeAPIServer.start(on: loop, for: self)
        loop.execute { self.server = server }
        return server.localAddress?.port ?? 0
    }

    /// Starts the process and waits until it asks for its first invocation.
    ///
    /// - Throws: `LaunchFailure` where it can't be started at all.
    func start(_ recipe: RuntimeRecipe, plan: LaunchPlan, seconds: Int) async throws -> Start {
        startBegun = .now
        log.begin(wantsTail: false)
        platform.initStart(
            runtimeVersion: recipe.version, runtimeVersionArn: recipe.versionArn)
        if let note = recipe.note { log.write(note) }
        let process = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<LaunchedProcess, any Error>) in
            supervisor.launch(
                plan, output: output, memoryKilobytesMax: memoryMegabytesMax << 10,
                completion: { result in continuation.resume(with: result) },
                onExit: { exit in self.loop.execute { self.ended(exit) } })
        }
        return await withCheckedContinuation { continuation in
            loop.execute { self.launched(process, seconds: seconds, continuation) }
        }
    }

    private func launched(
        _ process: LaunchedProcess, seconds: Int,
        _ continuation: CheckedContinuation<Start, Never>
    ) {
        self.process = process
        process.isWatched.store(true, ordering: .relaxed)
        switch phase {
        case .made where poll != nil:
            becameReady()
            continuation.resume(returning: .ready)
        case .made:
            let timer = loop.scheduleTask(in: .seconds(Int64(seconds))) { self.startTimedOut() }
            phase = .starting(continuation, timer: timer)
        case .ended:
            supervisor.kill(process)
            continuation.resume(returning: .failed(earlyFailure ?? .ended(.signalled(SIGKILL))))
        case .starting, .waiting, .running:
            continuation.resume(returning: .failed(.ended(.signalled(SIGKILL))))
        }
    }

    /// How starting failed, where that came before the launch was heard of.
    private var earlyFailure: StartFailure?

    private func becameReady() {
        initMilliseconds = startBegun.duration(to: .now).milliseconds
        phase = .waiting
        process?.isWatched.store(false, ordering: .relaxed)
    }

    private func startTimedOut() {
        guard case .starting(let continuation, _) = phase else { return }
        end()
        output.drain()
        platform.initReport(
            milliseconds: startBegun.duration(to: .now).milliseconds, status: .timeout)
        continuation.resume(returning: .timedOut)
    }

    private func startFailed(_ failure: StartFailure) {
        let type: String
        switch failure {
        case .posted(let posted): type = posted.type
        case .ended: type = "Runtime.ExitError"
        }
        let previous = phase
        end()
        output.drain()
        platform.initReport(
            milliseconds: startBegun.duration(to: .now).milliseconds, status: .error(type: type))
        if case .starting(let continuation, let timer) = previous {
            timer.cancel()
            continuation.resume(returning: .failed(failure))
        } else {
            earlyFailure = failure
        }
    }

    /// Tells the log of an invocation that failed because starting did; returns its result.
    func report(_ failure: InvocationFailure, of invocation: Invocation) -> InvocationResult {
        log.begin(wantsTail: invocation.wantsLogTail)
        platform.start(requestID: invocation.requestID)
        let seconds = invocation.function.configuration.timeout
        return conclude(
            failure, of: invocation,
            milliseconds: failure.isTimeout ? Double(seconds) * 1000 : 0, megabytes: 0)
    }

    // MARK: - Running

    /// Runs an invocation; the environment must be the caller's alone.
    func run(_ invocation: Invocation) async -> Run {
        await withCheckedContinuation { continuation in
            loop.execute { self.begin(invocation, continuation) }
        }
    }

    private func begin(_ invocation: Invocation, _ continuation: CheckedContinuation<Run, Never>) {
        guard case .waiting = phase else {
            continuation.resume(returning: .gone)
            return
        }
        let timeout = invocation.function.configuration.timeout
        phase = .running(
            Running(
                invocation: invocation, begun: .now,
                timer: loop.scheduleTask(in: .seconds(Int64(timeout))) { self.timedOut() },
                continuation: continuation))
        handOut()
    }

    /// Gives the invocation to the process where it waits for one.
    private func handOut() {
        guard case .running(var running) = phase, !running.isHandedOut, let poll else { return }
        self.poll = nil
        running.isHandedOut = true
        running.begun = .now
        phase = .running(running)
        let invocation = running.invocation
        // Late output of the time before isn't this invocation's.
        output.drain()
        log.begin(wantsTail: invocation.wantsLogTail)
        platform.start(requestID: invocation.requestID)
        process?.isWatched.store(true, ordering: .relaxed)
        poll.answer(RuntimeAPIAnswer(handingOut: invocation))
    }

    private func timedOut() {
        guard case .running(let running) = phase else { return }
        end()
        output.drain()
        let seconds = running.invocation.function.configuration.timeout
        let failure = InvocationFailure.timedOut(
            seconds: seconds, requestID: running.invocation.requestID)
        if !running.isHandedOut {
            log.begin(wantsTail: running.invocation.wantsLogTail)
            platform.start(requestID: running.invocation.requestID)
        }
        let result = conclude(
            failure, of: running.invocation, milliseconds: Double(seconds) * 1000,
            megabytes: megabytes())
        running.continuation.resume(returning: .finished(result, isReusable: false))
    }

    /// The process answered; what it answered counts unless it had more memory than it may.
    private func answered(
        _ running: Running, payload: [UInt8], failure: InvocationFailure?
    ) {
        let milliseconds = running.begun.duration(to: .now).milliseconds
        running.timer?.cancel()
        process?.isWatched.store(false, ordering: .relaxed)
        output.drain()
        let megabytes = megabytes(afterMilliseconds: milliseconds)
        guard megabytes <= memoryMegabytesMax else {
            end()
            let failure = InvocationFailure.ended(
                .signalled(SIGKILL), requestID: running.invocation.requestID)
            let result = conclude(
                failure, of: running.invocation, milliseconds: milliseconds,
                megabytes: memoryMegabytesMax)
            running.continuation.resume(returning: .finished(result, isReusable: false))
            return
        }
        phase = .waiting
        let result: InvocationResult
        if let failure {
            result = conclude(
                failure, of: running.invocation, milliseconds: milliseconds, megabytes: megabytes)
        } else {
            report(running.invocation, milliseconds, megabytes, .success)
            result = InvocationResult(
                payload: payload,
                executedVersion: running.invocation.function.configuration.version,
                logTail: log.tail())
        }
        running.continuation.resume(returning: .finished(result, isReusable: true))
    }

    /// Logs a failure and the end of its invocation; returns the result.
    private func conclude(
        _ failure: InvocationFailure, of invocation: Invocation, milliseconds: Double,
        megabytes: Int
    ) -> InvocationResult {
        if failure.isTimeout {
            platform.timedOut(
                requestID: invocation.requestID, seconds: invocation.function.configuration.timeout)
        } else if let message = failure.logMessage {
            platform.failure(message, requestID: invocation.requestID)
        }
        report(
            invocation, milliseconds, megabytes,
            failure.isTimeout ? .timeout : .error(type: failure.type))
        return InvocationResult(
            functionError: "Unhandled", payload: failure.payload,
            executedVersion: invocation.function.configuration.version, logTail: log.tail())
    }

    private func report(
        _ invocation: Invocation, _ milliseconds: Double, _ megabytes: Int,
        _ status: PlatformLog.Status
    ) {
        platform.report(
            PlatformLog.Report(
                requestID: invocation.requestID, milliseconds: milliseconds,
                initMilliseconds: initMilliseconds, memoryMegabytes: megabytes, status: status))
        initMilliseconds = nil
    }

    /// The most memory that the process has had, in whole megabytes.
    ///
    /// Invocations that follow closely on a look and were too short to take much don't ask again:
    /// what they took is seen by the next that does.
    ///
    /// - Parameter milliseconds: how long the invocation took; nil asks in any case.
    private func megabytes(afterMilliseconds milliseconds: Double? = nil) -> Int {
        guard let process else { return 0 }
        let now = ContinuousClock.now
        if let milliseconds, milliseconds < Self.shortMilliseconds, let memoryLook,
            memoryLook.duration(to: now) < Self.memoryLookInterval
        {
            return seenMegabytes
        }
        memoryLook = now
        _ = process.sees(kilobytes: ProcessMemory.peakKilobytes(of: process.id))
        return seenMegabytes
    }

    /// The most memory that was seen while it was watched: all there is once the process is gone.
    private var seenMegabytes: Int {
        ((process?.peakKilobytes.load(ordering: .relaxed) ?? 0) + 1023) >> 10
    }

    // MARK: - The end

    /// Kills the process and closes the API; what runs fails.
    func discard() {
        loop.execute {
            guard case .waiting = self.phase else { return self.abort() }
            self.end()
        }
    }

    /// Ends what has not come to its end of itself.
    private func abort() {
        guard case .made = phase else {
            // Its end is heard of, and fails what runs.
            if let process { supervisor.kill(process) }
            return
        }
        end()
    }

    private func end() {
        phase = .ended
        if let process { supervisor.kill(process) }
        server?.close(promise: nil)
        server = nil
        poll = nil
        for connection in connections { connection.close() }
    }

    /// The process has ended, and what it wrote is logged.
    private func ended(_ exit: ProcessExit) {
        switch phase {
        case .made, .starting:
            startFailed(.ended(exit))
        case .waiting:
            end()
            onEnd(self)
        case .running(let running):
            end()
            running.timer?.cancel()
            guard running.isHandedOut else {
                running.continuation.resume(returning: .gone)
                return
            }
            let failure = InvocationFailure.ended(exit, requestID: running.invocation.requestID)
            let result = conclude(
                failure, of: running.invocation,
                milliseconds: running.begun.duration(to: .now).milliseconds,
                megabytes: seenMegabytes)
            running.continuation.resume(returning: .finished(result, isReusable: false))
        case .ended:
            break
        }
    }

    // MARK: - The Runtime API

    func opened(_ connection: RuntimeAPIConnection) {
        guard case .ended = phase else {
            connections.append(connection)
            return
        }
        connection.close()
    }

    /// Whether a connection waits for an invocation.
    func isPolling(_ connection: RuntimeAPIConnection) -> Bool { poll === connection }

    func closed(_ connection: RuntimeAPIConnection) {
        connections.removeAll { $0 === connection }
        if poll === connection { poll = nil }
    }

    func handle(_ request: RuntimeAPIRequest, from connection: RuntimeAPIConnection) {
        switch request.call {
        case .next: next(connection)
        case .response(let requestID), .error(let requestID):
            guard case .running(let running) = phase, running.isHandedOut,
                requestID == running.invocation.requestID
            else { return connection.answer(.invalidRequestID) }
            take(request, of: running, from: connection)
        case .initError:
            switch phase {
            case .made, .starting:
                connection.answer(.accepted)
                startFailed(
                    .posted(.posted(type: request.errorType, payload: request.body)))
            case .waiting, .running, .ended:
                connection.answer(.forbidden(from: stateName, to: "InitError"))
            }
        case .unknown: connection.answer(.notFound)
        case .wrongMethod: connection.answer(.wrongMethod)
        }
    }

    private func next(_ connection: RuntimeAPIConnection) {
        switch phase {
        case .running(let running) where running.isHandedOut:
            connection.answer(.forbidden(from: stateName, to: "Ready"))
        case .ended: connection.close()
        case .made:
            // The launch hasn't been heard of yet; it finds the process ready.
            poll = connection
        case .starting(let continuation, let timer):
            poll = connection
            timer.cancel()
            becameReady()
            continuation.resume(returning: .ready)
        case .waiting, .running:
            poll = connection
            handOut()
        }
    }

    private func take(
        _ request: RuntimeAPIRequest, of running: Running, from connection: RuntimeAPIConnection
    ) {
        guard !request.isTooLarge else {
            answered(running, payload: [], failure: .responseTooLarge)
            return connection.answer(.tooLarge)
        }
        var failure: InvocationFailure?
        if case .error = request.call {
            failure = .posted(type: request.errorType, payload: request.body)
        } else if let (type, body) = request.streamError {
            failure = .posted(
                type: type, payload: body.flatMap { Data(base64Encoded: $0) }.map(Array.init) ?? [])
        }
        answered(running, payload: request.body, failure: failure)
        connection.answer(.accepted)
    }

    /// How the API calls the state that it is in.
    private var stateName: String {
        switch phase {
        case .made, .starting: "Starting"
        case .waiting: "Ready"
        case .running: "Running"
        case .ended: "Closed"
        }
    }
}

extension RuntimeAPIAnswer {
    /// An invocation, as `next` answers it.
    fileprivate init(handingOut invocation: Invocation) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let milliseconds = time.tv_sec * 1000 + time.tv_nsec / 1_000_000
        let deadline = milliseconds + invocation.function.configuration.timeout * 1000
        headers = [
            ("Content-Type", "application/json"),
            ("Lambda-Runtime-Aws-Request-Id", invocation.requestID),
            ("Lambda-Runtime-Deadline-Ms", String(deadline)),
            ("Lambda-Runtime-Invoked-Function-Arn", invocation.function.invokedArn),
        ]
        if let traceID = invocation.traceID {
            headers.append(("Lambda-Runtime-Trace-Id", Self.headerValue(traceID)))
        }
        if let clientContext = invocation.clientContext {
            headers.append(("Lambda-Runtime-Client-Context", Self.headerValue(clientContext)))
        }
        status = 200
        body = invocation.payload
    }

    /// A text without what no header may hold.
    ///
    /// In JSON such characters stand between tokens alone.
    private static func headerValue(_ text: String) -> String {
        String(
            decoding: text.utf8.map { $0 < 0x20 || $0 == 0x7f ? 0x20 : $0 }, as: UTF8.self)
    }
}

extension Duration {
    /// Milliseconds with a fraction.
    var milliseconds: Double {
        Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
    }
}
