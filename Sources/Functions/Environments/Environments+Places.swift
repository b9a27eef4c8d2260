internal import NIOCore
internal import NIOPosix
internal import Operations
internal import Synchronization

extension Environments {
    /// Takes a place to run in; waits for one where all processes work.
    ///
    /// - Throws: TooManyRequestsException where none becomes free for long.
    func place(_ identity: CodeIdentity) async throws(ServiceError) -> Place {
        let waiter = state.withLock { $0.pool.makeWaiter() }
        var wasWoken = false
        var isReload = false
        let deadline = NIODeadline.now() + .milliseconds(Int64(limits.waitMilliseconds))
        while true {
            let (place, stale, hasNewFiles) = state.withLock { state in
                startSweeping(&state)
                let hasNewFiles = state.pool.hasOtherFiles(identity)
                let (place, stale) = state.pool.take(identity, isNext: wasWoken)
                return (place, stale, hasNewFiles)
            }
            isReload = isReload || hasNewFiles
            retire(stale)
            switch place {
            case .idle(let member): return .idle(member)
            case .start(let instead): return .start(discarding: instead, isReload: isReload)
            case .none: break
            }
            guard NIODeadline.now() < deadline,
                await waitForPlace(
                    waiter, for: identity.function, atFront: wasWoken, until: deadline)
            else {
                try throwIfStopped()
                throw Self.throttle("ConcurrentInvocationLimitExceeded")
            }
            wasWoken = true
        }
    }

    /// Waits until there may be a place; false where there is none in time, or the task is
    /// cancelled.
    private func waitForPlace(
        _ waiter: Int, for function: FunctionVersion, atFront: Bool, until deadline: NIODeadline
    ) async -> Bool {
        let timer = group.next().scheduleTask(deadline: deadline) { self.withdraw(waiter) }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isRefused = state.withLock { state -> Bool in
                    guard !state.isStopped, !Task.isCancelled, NIODeadline.now() < deadline else {
                        return true
                    }
                    state.pool.wait(waiter, for: function, atFront: atFront)
                    state.waiters[waiter] = continuation
                    return false
                }
                if isRefused { return continuation.resume(returning: false) }
                // A place may have become free in between.
                wakeNext()
            }
        } onCancel: {
            withdraw(waiter)
        }
    }

    private func withdraw(_ waiter: Int) {
        let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.pool.withdraw(waiter) else { return nil }
            return state.waiters.removeValue(forKey: waiter)
        }
        continuation?.resume(returning: false)
    }

    /// Tells the one who has waited longest to try, where there is a place.
    func wakeNext() {
        let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard let waiter = state.pool.nextWaiter() else { return nil }
            return state.waiters.removeValue(forKey: waiter)
        }
        continuation?.resume(returning: true)
    }

    // MARK: - Leaving

    /// Gives up a place in which nothing was started.
    func freePlace(of function: FunctionVersion) {
        state.withLock { $0.pool.lose(function) }
        wakeNext()
    }

    /// Gives up the place of an environment that has ended.
    func lose(_ environment: Environment) {
        forgetSession(of: environment)
        environment.discard()
        freePlace(of: environment.identity.function)
    }

    /// Ends environments that the pool has forgotten, or that never were in it.
    func retire(_ environments: [Environment]) {
        guard !environments.isEmpty else { return }
        for environment in environments {
            forgetSession(of: environment)
            environment.discard()
        }
        wakeNext()
    }

    /// Takes an environment off the books that ended while it was idle.
    func endedIdle(_ environment: Environment) {
        forgetSession(of: environment)
        let wasIdle = state.withLock { $0.pool.loseIdle(environment, environment.identity) }
        if wasIdle { wakeNext() }
    }

    func forgetSession(of environment: Environment) {
        state.withLock { $0.sessions[environment.credentials.accessKeyID] = nil }
    }

    /// Begins to end environments that have been idle for long.
    private func startSweeping(_ state: inout State) {
        guard state.sweep == nil, !state.isStopped else { return }
        let interval = TimeAmount.milliseconds(
            Int64(max(10, min(limits.idleMilliseconds / 4, limits.replaceableMilliseconds))))
        state.sweep = group.next().scheduleRepeatedTask(
            initialDelay: interval, delay: interval
        ) { [weak self] _ in
            guard let self else { return }
            retire(self.state.withLock { $0.pool.takeExpired(now: .now) })
            // One that has been idle for long enough may make room.
            wakeNext()
        }
    }

    // MARK: - Errors

    static func throttle(_ reason: String) -> ServiceError {
        var error = ServiceError(
            "TooManyRequestsException", "Rate Exceeded.", namespace: .rest, status: 429)
        error.reason = reason
        return error
    }

    static let stopping = ServiceError(
        "ServiceException", "The server is stopping.", namespace: .rest, status: 500)

    static func cannotStart(_ reason: String) -> ServiceError {
        ServiceError(
            "ServiceException", "The function's process could not be started: \(reason)",
            namespace: .rest, status: 500)
    }

    func throwIfStopped() throws(ServiceError) {
        if state.withLock({ $0.isStopped }) { throw Self.stopping }
    }
}
