import Testing

@testable import Functions

/// Who gets a place where there are fewer than are wanted.
@Suite("The pool of environments")
struct EnvironmentPoolTests {
    private final class Member {}

    private func identity(_ name: String) -> CodeIdentity {
        CodeIdentity(
            function: FunctionVersion(functionArn: name, version: "$LATEST"), revisionID: "1",
            codeDirectory: "/code")
    }

    /// The pool behind a reference, so that expectations can change it.
    private final class Pool {
        var state: EnvironmentPool<Member>

        init(processes: Int, replaceableMilliseconds: Int = 60_000) {
            var limits = EnvironmentLimits()
            limits.processes = processes
            limits.replaceableMilliseconds = replaceableMilliseconds
            state = EnvironmentPool(limits: limits)
        }

        func take(
            _ identity: CodeIdentity, isNext: Bool
        ) -> (place: EnvironmentPool<Member>.Place, stale: [Member]) {
            state.take(identity, isNext: isNext)
        }

        func giveBack(_ member: Member, _ identity: CodeIdentity) -> Bool {
            state.giveBack(member, identity)
        }

        func wait(for identity: CodeIdentity) -> Int {
            let waiter = state.makeWaiter()
            state.wait(waiter, for: identity.function, atFront: false)
            return waiter
        }

        func nextWaiter() -> Int? { state.nextWaiter() }
        func withdraw(_ waiter: Int) -> Bool { state.withdraw(waiter) }
        func lose(_ identity: CodeIdentity) { state.lose(identity.function) }
        func takeAllIdle() -> [Member] { state.takeIdle { _ in true } }
        var memberCount: Int { state.memberCount }
    }

    private func started(_ place: EnvironmentPool<Member>.Place) -> Bool {
        if case .start(nil) = place { true } else { false }
    }

    private func replaced(_ place: EnvironmentPool<Member>.Place) -> Member? {
        if case .start(let member) = place { member } else { nil }
    }

    private func isNone(_ place: EnvironmentPool<Member>.Place) -> Bool {
        if case .none = place { true } else { false }
    }

    @Test("functions that are busy in turn keep their environments")
    func busyInTurn() {
        let pool = Pool(processes: 2)
        let (a, b, c) = (identity("a"), identity("b"), identity("c"))
        #expect(started(pool.take(a, isNext: false).place))
        #expect(started(pool.take(b, isNext: false).place))
        let member = Member()
        #expect(pool.giveBack(member, b))
        // a has one, which is busy: it waits for it rather than end that of b.
        #expect(isNone(pool.take(a, isNext: true).place))
        // c has none, and would wait for ever.
        #expect(replaced(pool.take(c, isNext: true).place) === member)
        #expect(pool.memberCount == 2)
    }

    @Test("what has been idle for long makes room")
    func longIdle() {
        let pool = Pool(processes: 2, replaceableMilliseconds: 0)
        let (a, b) = (identity("a"), identity("b"))
        _ = pool.take(a, isNext: false)
        _ = pool.take(b, isNext: false)
        let member = Member()
        #expect(pool.giveBack(member, b))
        #expect(replaced(pool.take(a, isNext: true).place) === member)
        // Both are of a now: b has none left, and is let in as soon as one is idle.
        #expect(isNone(pool.take(b, isNext: true).place))
        let idle = Member()
        #expect(pool.giveBack(idle, a))
        #expect(replaced(pool.take(b, isNext: true).place) === idle)
    }

    @Test("an environment that becomes free wakes one who waits for its function")
    func waking() {
        let pool = Pool(processes: 2)
        let (a, b) = (identity("a"), identity("b"))
        _ = pool.take(a, isNext: false)
        _ = pool.take(b, isNext: false)
        let first = pool.wait(for: a)
        let second = pool.wait(for: b)
        let third = pool.wait(for: b)
        #expect(pool.nextWaiter() == nil)
        #expect(pool.giveBack(Member(), b))
        #expect(pool.nextWaiter() == second)
        guard case .idle = pool.take(b, isNext: true).place else {
            Issue.record("the idle environment was not taken")
            return
        }
        #expect(pool.nextWaiter() == nil)
        // One that is lost leaves room for whoever is first.
        pool.lose(a)
        #expect(pool.nextWaiter() == first)
        #expect(pool.withdraw(third))
        #expect(!pool.withdraw(third))
        #expect(pool.nextWaiter() == nil)
    }

    @Test("counts by function follow what is discarded")
    func counts() {
        let pool = Pool(processes: 2)
        let a = identity("a")
        _ = pool.take(a, isNext: false)
        #expect(pool.giveBack(Member(), a))
        var changed = a
        changed.revisionID = "2"
        // The environment of the old revision is stale, and a place is free for another.
        let (place, stale) = pool.take(changed, isNext: false)
        #expect(started(place))
        #expect(stale.count == 1)
        #expect(pool.memberCount == 1)
        #expect(pool.giveBack(Member(), changed))
        #expect(pool.takeAllIdle().count == 1)
        #expect(pool.memberCount == 0)
    }
}
