import Operations
import TestSupport
import Testing

@testable import Triggers

/// All ways through small worlds, and random ways through larger ones.
@Suite struct ShardMachineTests {
    /// Gives every sequence of choices once, in lexicographic order.
    private final class Choices {
        private var path: [(choice: Int, count: Int)] = []
        private var place = 0

        func choose(_ count: Int) -> Int {
            defer { place += 1 }
            if place == path.count { path.append((0, count)) }
            return path[place].choice
        }

        /// Goes on to the next sequence; false where there is none.
        func next() -> Bool {
            place = 0
            while let last = path.popLast() {
                if last.choice + 1 < last.count {
                    path.append((last.choice + 1, last.count))
                    return true
                }
            }
            return false
        }
    }

    /// - Returns: how many ways there are.
    private func allWays(
        _ world: ShardSimulation.World, most: Int
    ) throws -> Int {
        let choices = Choices()
        var count = 0
        repeat {
            var simulation = ShardSimulation(world, choose: choices.choose)
            try simulation.run()
            count += 1
        } while count < most && choices.next()
        return count
    }

    private func smallWorld(_ edit: (inout ShardSimulation.World) -> Void)
        -> ShardSimulation.World
    {
        var world = ShardSimulation.World()
        world.policy.batchSize = 3
        world.recordCount = 3
        world.keyCount = 1
        world.hasBacklog = true
        world.isTerse = true
        world.secondsMax = 1
        world.failureCountMax = 3
        edit(&world)
        return world
    }

    @Test(arguments: [false, true], [nil, 0, 1])
    func everyWayOfABatch(bisects: Bool, retries: Int?) throws {
        let world = smallWorld {
            $0.policy.bisects = bisects
            $0.policy.retryAttemptsMax = retries
            $0.failureCountMax = 4
            $0.policy.batchSize = 4
            $0.recordCount = 5
        }
        #expect(try allWays(world, most: 8_000) > 30)
    }

    @Test(arguments: [false, true], [nil, 1])
    func everyWayOfABatchWithAKill(bisects: Bool, retries: Int?) throws {
        let world = smallWorld {
            $0.policy.bisects = bisects
            $0.policy.retryAttemptsMax = retries
            $0.policy.batchSize = 2
            $0.failureCountMax = 2
            $0.killCountMax = 2
        }
        #expect(try allWays(world, most: 8_000) > 1_000)
    }

    @Test func everyWayOfTwoLanesWithAKill() throws {
        let world = smallWorld {
            $0.policy.laneCount = 2
            $0.policy.batchSize = 1
            $0.keyCount = 2
            $0.failureCountMax = 1
            $0.killCountMax = 1
        }
        #expect(try allWays(world, most: 8_000) > 1_000)
    }

    @Test func everyWayOfAWindow() throws {
        let world = smallWorld {
            $0.policy.tumblingWindowSeconds = 1
            $0.policy.batchSize = 2
            $0.policy.retryAttemptsMax = 1
            $0.hasBacklog = false
            $0.failureCountMax = 2
            $0.killCountMax = 2
        }
        #expect(try allWays(world, most: 8_000) > 1_000)
    }

    @Test func randomWays() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        for round in 0..<120 {
            var world = ShardSimulation.World()
            world.recordCount = Int.random(in: 0...60, using: &generator)
            world.keyCount = Int.random(in: 1...12, using: &generator)
            world.failureCountMax = Int.random(in: 0...40, using: &generator)
            world.killCountMax = Bool.random(using: &generator) ? 0 : 4
            world.secondsMax = Bool.random(using: &generator) ? 2 : 30
            world.hasBacklog = Bool.random(using: &generator)
            world.policy.batchSize = Int.random(in: 1...20, using: &generator)
            if Bool.random(using: &generator) { world.policy.batchBytesMax = 450 }
            world.policy.batchingWindowSeconds = Bool.random(using: &generator) ? 0 : 5
            world.policy.laneCount = Int.random(in: 1...10, using: &generator)
            world.policy.bisects = Bool.random(using: &generator)
            world.policy.retryAttemptsMax =
                Bool.random(using: &generator) ? nil : Int.random(in: 0...3, using: &generator)
            world.policy.recordAgeSecondsMax = Bool.random(using: &generator) ? nil : 60
            if Bool.random(using: &generator) {
                world.policy.laneCount = 1
                world.policy.tumblingWindowSeconds = Int.random(in: 1...10, using: &generator)
                world.policy.batchBytesMax = ShardPolicy.batchBytesMax
                if Int.random(in: 0..<8, using: &generator) == 0 {
                    world.stateFillerCount = 400_000
                    world.recordCount = min(world.recordCount, 12)
                }
            }
            var choices = generator
            var simulation = ShardSimulation(world) { Int.random(in: 0..<$0, using: &choices) }
            do {
                try simulation.run()
            } catch {
                Issue.record("seed \(seed), round \(round): \(error)\n\(world)")
                return
            }
            _ = generator.next()
        }
    }

    @Test func backOffDoublesUpToSeconds() {
        #expect(ShardPolicy.backOffSeconds(afterFailures: 1) == 0.025)
        #expect(ShardPolicy.backOffSeconds(afterFailures: 2) == 0.05)
        #expect(ShardPolicy.backOffSeconds(afterFailures: 8) == 3.2)
        #expect(ShardPolicy.backOffSeconds(afterFailures: 9) == 5)
        #expect(ShardPolicy.backOffSeconds(afterFailures: .max) == 5)
    }
}
