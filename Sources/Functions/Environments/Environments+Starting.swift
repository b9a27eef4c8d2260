internal import FoundationEssentials
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import Operations
internal import Synchronization
internal import Wire

extension Environments {
    /// Starts an environment, for which the caller has a place, and runs the invocation in it.
    ///
    /// - Returns: nil where the environment was gone before it could begin.
    func start(
        _ identity: CodeIdentity, _ invocation: Invocation, isReload: Bool
    ) async throws(ServiceError) -> InvocationResult? {
        let function = invocation.function
        var seconds = limits.initSeconds
        // One that isn't ready in time is started once more, within the function's own time.
        for isLast in [false, true] {
            let choice: Runtimes.Choice
            do {
                choice = try await runtimes.choose(for: function)
            } catch {
                freePlace(of: identity.function)
                throw error
            }
            let environment = makeEnvironment(identity, function)
            if isReload {
                environment.log.write(
                    "[basalt] files in \(function.codeDirectory) have changed: loaded again")
            }
            let started: Environment.Start
            switch choice {
            case .invalidEntrypoint(let message):
                return fail(environment, invocation, message)
            case .run(let recipe):
                do {
                    let port = try await environment.listen()
                    let plan = plan(function, recipe, environment, port: port)
                    started = try await environment.start(recipe, plan: plan, seconds: seconds)
                } catch let failure as LaunchFailure {
                    guard Self.isOfProgram(failure) else {
                        lose(environment)
                        try throwIfStopped()
                        throw Self.cannotStart(String(cString: strerror(failure.code)))
                    }
                    let reason = String(cString: strerror(failure.code)).lowercased()
                    return fail(
                        environment, invocation, "fork/exec \(recipe.executable): \(reason)")
                } catch {
                    lose(environment)
                    throw Self.cannotStart("\(error)")
                }
            }
            switch started {
            case .ready:
                return try await run(invocation, in: environment)
            case .timedOut where !isLast:
                forgetSession(of: environment)
                seconds = function.configuration.timeout
            case .timedOut, .failed:
                lose(environment)
                try throwIfStopped()
                return environment.report(Self.failure(of: started, invocation), of: invocation)
            }
        }
        return nil
    }

    /// The result of an invocation whose program can't be run.
    private func fail(
        _ environment: Environment, _ invocation: Invocation, _ message: String
    ) -> InvocationResult {
        let failure = InvocationFailure.invalidEntrypoint(
            message, requestID: invocation.requestID)
        defer { lose(environment) }
        return environment.report(failure, of: invocation)
    }

    /// Whether a launch failed for the program's sake, not for want of something of the machine's.
    private static func isOfProgram(_ failure: LaunchFailure) -> Bool {
        [ENOENT, EACCES, ENOEXEC, ENOTDIR, EISDIR, ELOOP, EPERM, ELIBBAD, ETXTBSY, E2BIG]
            .contains(failure.code)
    }

    private static func failure(
        of start: Environment.Start, _ invocation: Invocation
    ) -> InvocationFailure {
        switch start {
        case .failed(.posted(let failure)): failure
        case .failed(.ended(let exit)): .ended(exit, requestID: invocation.requestID)
        case .timedOut, .ready:
            .timedOut(
                seconds: invocation.function.configuration.timeout,
                requestID: invocation.requestID)
        }
    }

    private func makeEnvironment(
        _ identity: CodeIdentity, _ function: ResolvedFunction
    ) -> Environment {
        let configuration = function.configuration
        let date = TimeText.iso8601(environment.clock.now()).prefix(10).replacing("-", with: "/")
        let stream = "\(date)/[\(configuration.version)]\(RandomText.hexadecimal(32))"
        let log = InvocationLog(
            group: configuration.loggingConfig.logGroup, stream: stream,
            region: configuration.region, clock: environment.clock, log: log)
        let credentials = SessionCredentials.random(
            roleARN: configuration.role, sessionName: configuration.functionName)
        state.withLock { $0.sessions[credentials.accessKeyID] = credentials }
        return Environment(
            identity: identity, function: function, credentials: credentials, log: log,
            supervisor: supervisor, loop: group.next(),
            onEnd: { [weak self] in self?.endedIdle($0) })
    }

    private func plan(
        _ function: ResolvedFunction, _ recipe: RuntimeRecipe, _ environment: Environment,
        port: Int
    ) -> LaunchPlan {
        let variables = EnvironmentVariables(
            function: function, recipe: recipe, credentials: environment.credentials,
            environment: self.environment, apiPort: port, logGroup: environment.log.group,
            logStream: environment.log.stream)
        return LaunchPlan(
            executable: recipe.executable, arguments: recipe.arguments,
            environment: variables.values, directory: function.codeDirectory,
            niceness: limits.niceness)
    }
}

/// Texts of random characters, drawn from the system's generator.
enum RandomText {
    static func make(_ count: Int, of alphabet: String) -> String {
        let characters = Array(alphabet.utf8)
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<count).map { _ in
            characters[Int.random(in: 0..<characters.count, using: &generator)]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func hexadecimal(_ count: Int) -> String {
        // Sixteen digits a draw: each draw is a system call.
        var generator = SystemRandomNumberGenerator()
        var digits: [UInt8] = []
        digits.reserveCapacity(count)
        while digits.count < count {
            var bits = generator.next()
            for _ in 0..<min(16, count - digits.count) {
                let digit = UInt8(truncatingIfNeeded: bits & 15)
                digits.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
                bits >>= 4
            }
        }
        return String(decoding: digits, as: UTF8.self)
    }
}

extension SessionCredentials {
    private static let capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

    /// Credentials that nobody can guess.
    fileprivate static func random(roleARN: String, sessionName: String) -> SessionCredentials {
        let letters = capitals + capitals.lowercased() + "0123456789"
        return SessionCredentials(
            accessKeyID: "ASIA" + RandomText.make(16, of: capitals + "234567"),
            secretAccessKey: RandomText.make(40, of: letters + "+/"),
            sessionToken: "IQoJb3JpZ2luX2Vj" + RandomText.make(240, of: letters),
            roleARN: roleARN, sessionName: sessionName)
    }
}

/// What X-Ray would know an invocation by.
enum TraceID {
    /// One like `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0`.
    static func make(now: Timestamp) -> String {
        let seconds = UInt32(clamping: Int(min(max(now, 0), 4e9)))
        let time = Hexadecimal.text(
            (0..<4).map { UInt8(truncatingIfNeeded: seconds >> (24 - 8 * UInt32($0))) })
        return "Root=1-\(time)-\(RandomText.hexadecimal(24));"
            + "Parent=\(RandomText.hexadecimal(16));Sampled=0"
    }
}
