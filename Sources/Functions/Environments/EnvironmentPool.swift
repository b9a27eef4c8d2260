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
    /// Those who wait for a place, in order.
    private var waiting: [Int] = []
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
            memberCount -= 1
        }
        idle[identity.function] = nil
        guard isNext || waiting.isEmpty else { return (.none, stale) }
        if memberCount < limits.processes {
            memberCount += 1
            return (.start(instead: nil), stale)
        }
        guard let longest = removeLongestIdle() else { return (.none, stale) }
        return (.start(instead: longest), stale)
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
            memberCount -= 1
            return false
        }
        idle[identity.function, default: []].append(
            Idle(member: member, identity: identity, since: .now))
        return true
    }

    /// Forgets an environment that was taken, or was never started.
    mutating func lose() { memberCount -= 1 }

    /// Forgets an environment that ended while it was idle; false where it wasn't.
    mutating func loseIdle(_ member: Member, _ identity: CodeIdentity) -> Bool {
        guard
            let place = idle[identity.function]?.firstIndex(where: { $0.member === member })
        else { return false }
        idle[identity.function]?.remove(at: place)
        memberCount -= 1
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
            taken += members.filter(isTaken).map(\.member)
            let kept = members.filter { !isTaken($0) }
            idle[function] = kept.isEmpty ? nil : kept
        }
        memberCount -= taken.count
        return taken
    }

    private mutating func removeLongestIdle() -> Member? {
        let longest = idle.compactMap { function, members in
            members.first.map { (function, $0) }
        }.min { $0.1.since < $1.1.since }
        guard let (function, found) = longest else { return nil }
        idle[function]?.removeFirst()
        return found.member
    }

    // MARK: - Waiting

    /// Makes a number for somebody who is about to wait.
    mutating func makeWaiter() -> Int {
        waitersMade += 1
        return waitersMade
    }

    /// Puts somebody at the end of those who wait, or back at the front.
    mutating func wait(_ waiter: Int, atFront: Bool) {
        waiting.insert(waiter, at: atFront ? 0 : waiting.count)
    }

    /// Takes out the one who is to try again, where there is a place for it.
    mutating func nextWaiter() -> Int? {
        guard !waiting.isEmpty,
            memberCount < limits.processes || idle.values.contains(where: { !$0.isEmpty })
        else { return nil }
        return waiting.removeFirst()
    }

    /// Takes somebody out who waits no longer; false where it was woken already.
    mutating func withdraw(_ waiter: Int) -> Bool {
        guard let place = waiting.firstIndex(of: waiter) else { return false }
        waiting.remove(at: place)
        return true
    }
}
