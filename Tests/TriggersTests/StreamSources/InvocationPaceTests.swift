import Synchronization
import Testing

@testable import Triggers

@Suite("The pace of invocations")
struct InvocationPaceTests {
    @Test("few busy lanes are not held up, many share what the cores may do, none waits long")
    func intervals() {
        let pace = InvocationPace(coreCount: 4)
        #expect(pace.interval(0) == .zero)
        #expect(pace.interval(1) < .milliseconds(2))
        #expect(pace.interval(40) == .milliseconds(40))
        #expect(pace.interval(10_000) == InvocationPace.holdMax)
        #expect(InvocationPace(coreCount: 0).interval(10) == .milliseconds(40))
    }

    @Test("a quick invocation among many returns its outcome after the interval")
    func heldUp() async {
        let pace = InvocationPace(coreCount: 1)
        let start = ContinuousClock.now
        let outcomes = await withTaskGroup(of: Int.self) { group in
            for number in 0..<20 {
                group.addTask {
                    await pace.run {
                        try? await Task.sleep(for: .milliseconds(5))
                        return number
                    }
                }
            }
            return await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(outcomes == Set(0..<20))
        // All twenty are under way together, so that the first of them waits longer than it ran.
        #expect(ContinuousClock.now - start >= .milliseconds(20))
    }

    @Test("what takes long is not held up further")
    func slow() async {
        let pace = InvocationPace(coreCount: 64)
        #expect(await pace.run { 7 } == 7)
    }
}
