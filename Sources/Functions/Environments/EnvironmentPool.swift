/// Which environments are idle, who runs, and who waits: a pure state machine.
///
/// An invocation enters, takes a place (an idle environment, or leave to start one), gives it back
/// and leaves.
struct EnvironmentPool<Member: AnyObject> {
    /// What an invocation that asks for a place gets.
    enum Place {
        case idle(Member)
        /// It may start an environment; `instead` of an idle one of another function, which is to
        /// be discarded, where there would be too many.
        case start(instead: Member?)
        /// Every process works; the caller is to wait.
        case none
    }

    private struct Idle {
        var member: Member
        var identity: CodeIdentity
        var since: ContinuousClock.Instant
    }

    private let limits: EnvironmentLimits
    /// Oldest first; the newest is used first.
    private var idle: [FunctionVersion: [Idle]] = [:]
    /// What was last asked for.
    private var current: [FunctionVersion: CodeIdentity] = [:]
    /// Invocations by function, all versions together.
    private var running: [String: Int] = [:]
    /// Invocations of functions that reserve nothing, by region.
    private var sharing: [String: Int] = [:]
    /// Environments that live, idle or not.
    private(set) var memberCount = 0
    /// The same by what they run.
    private var members: [FunctionVersion: Int] = [:]
    /// Those who wait for a place, in order, and what for.
    private var waiting: [(waiter: Int, function: FunctionVersion)] = []
    private var waitersMade = 0

    init(limits: EnvironmentLimits) {
        self.limits = limits
    }

    // MARK: - Invocations

    /// Counts an invocation in; returns the Reason of the throttle where it can't be.
    mutating func enter(_ function: ResolvedFunction) -> String? {
        let count = running[function.functionArn] ?? 0
        if let reserved = function.reservedConcurrency {
            guard count < reserved else {
                return "ReservedFunctionConcurrentInvocationLimitExceeded"
            }
        } else {
            let region = function.configuration.region
            let shared = sharing[region] ?? 0
            guard shared < limits.concurrency - function.regionReservations else {
                return "ConcurrentInvocationLimitExceeded"
            }
            sharing[region] = shared + 1
        }
        running[function.functionArn] = count + 1
        return nil
    }

    /// Counts an invocation out: the function is what it entered with.
    mutating func leave(_ function: ResolvedFunction) {
        let count = running[function.functionArn] ?? 0
        running[function.functionArn] = count > 1 ? count - 1 : nil
        guard function.reservedConcurrency == nil else { return }
        let region = function.configuration.region
        let shared = sharing[region] ?? 0
        sharing[region] = shared > 1 ? shared - 1 : nil
    }

    // MARK: - Places

    /// Takes a place for an invocation.
    ///
    /// - Parameter isNext: whether the caller was woken to take one; others go behind those who
    ///   wait, unless an environment of their own is idle.
    /// - Returns: the place, and idle environments to discard: their code is no longer current.
    mutating func take(_ identity: CodeIdentity, isNext: Bool) -> (place: Place, stale: [Member]) {
        var stale: [Member] = []
        current[identity.function] = identity
        while let last = idle[identity.function]?.popLast() {
            if last.identity == identity { return (.idle(last.member), stale) }
            stale.append(last.member)
            lose(identity.function)
        }
        idle[identity.function] = nil
        guard isNext || waiting.isEmpty else { return (.none, stale) }
        if memberCount < limits.processes {
            add(identity.function)
            return (.start(instead: nil), stale)
        }
        guard let place = replaceable(by: identity.function, now: .now),
            let replaced = idle[place]?.removeFirst()
        else { return (.none, stale) }
        lose(place)
        add(identity.function)
        return (.start(instead: replaced.member), stale)
    }

    /// Whose longest idle environment may end so that one of another function begins.
    ///
    /// A function that has environments waits for them rather than end one of another that was
    /// in use a moment ago: functions that are busy in turn would do nothing but begin and end.
    private func replaceable(
        by function: FunctionVersion, now: ContinuousClock.Instant
    ) -> FunctionVersion? {
        let longest = idle.compactMap { function, members in
            members.first.map { (function: function, since: $0.since) }
        }.min { $0.since < $1.since }
        guard let longest else { return nil }
        let age = Duration.milliseconds(limits.replaceableMilliseconds)
        guard members[function] == nil || now - longest.since >= age else { return nil }
        return longest.function
    }

    private mutating func add(_ function: FunctionVersion) {
        memberCount += 1
        members[function, default: 0] += 1
    }

    /// Whether what was last asked for differs in nothing but the files of its directory.
    func hasOtherFiles(_ identity: CodeIdentity) -> Bool {
        guard var last = current[identity.function], last.files != identity.files else {
            return false
        }
        last.files = identity.files
        return last == identity
    }

    /// Gives an environment back; false where it is of no further use and is to be discarded.
    mutating func giveBack(_ member: Member, _ identity: CodeIdentity) -> Bool {
        guard current[identity.function] == identity else {
            lose(identity.function)
            return false
        }
        idle[identity.function, default: []].append(
            Idle(member: member, identity: identity, since: .now))
        return true
    }

    /// Forgets an environment that was taken, or was never started.
    mutating func lose(_ function: FunctionVersion) {
        memberCount -= 1
        let count = members[function] ?? 0
        members[function] = count > 1 ? count - 1 : nil
    }

    /// Forgets an environment that ended while it was idle; false where it wasn't.
    mutating func loseIdle(_ member: Member, _ identity: CodeIdentity) -> Bool {
        guard
            let place = idle[identity.function]?.firstIndex(where: { $0.member === member })
        else { return false }
        idle[identity.function]?.remove(at: place)
        lose(identity.function)
        return true
    }

    /// Forgets, and returns, what has been idle for too long.
    mutating func takeExpired(now: ContinuousClock.Instant) -> [Member] {
        let age = Duration.milliseconds(limits.idleMilliseconds)
        return takeMembers { now - $0.since >= age }
    }

    /// Forgets, and returns, the idle environments of some versions; busy ones are of no further
    /// use from now on.
    mutating func takeIdle(of isMeant: (FunctionVersion) -> Bool) -> [Member] {
        for function in current.keys where isMeant(function) { current[function] = nil }
        return takeMembers { isMeant($0.identity.function) }
    }

    private mutating func takeMembers(where isTaken: (Idle) -> Bool) -> [Member] {
        var taken: [Member] = []
        for (function, members) in idle {
            for member in members where isTaken(member) {
                taken.append(member.member)
                lose(function)
            }
            let kept = members.filter { !isTaken($0) }
            idle[function] = kept.isEmpty ? nil : kept
        }
        return taken
    }

    // MARK: - Waiting

    /// Makes a number for somebody who is about to wait.
    mutating func makeWaiter() -> Int {
        waitersMade += 1
        return waitersMade
    }

    /// Puts somebody at the end of those who wait, or back at the front.
    mutating func wait(_ waiter: Int, for function: FunctionVersion, atFront: Bool) {
        waiting.insert((waiter, function), at: atFront ? 0 : waiting.count)
    }

    /// Takes out the first of those for whom there is a place, who is to try again.
    mutating func nextWaiter() -> Int? {
        guard !waiting.isEmpty else { return nil }
        let hasRoom = memberCount < limits.processes
        let now = ContinuousClock.now
        let next = waiting.firstIndex { _, function in
            hasRoom || !(idle[function] ?? []).isEmpty
                || replaceable(by: function, now: now) != nil
        }
        return next.map { waiting.remove(at: $0).waiter }
    }

    /// Takes somebody out who waits no longer; false where it was woken already.
    mutating func withdraw(_ waiter: Int) -> Bool {
        guard let place = waiting.firstIndex(where: { $0.waiter == waiter }) else {
            return false
        }
        waiting.remove(at: place)
        return true
    }
}
