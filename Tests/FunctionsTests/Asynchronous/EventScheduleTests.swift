import Operations
import TestSupport
import Testing

@testable import Functions

@Suite struct EventScheduleTests {
    @Test func functionsTakeTurns() {
        var schedule = EventSchedule(runningMax: 4, runningPerFunctionMax: 3)
        for id in 0..<6 { schedule.add(UInt64(id), turn: "f", due: 0) }
        for id in 10..<12 { schedule.add(UInt64(id), turn: "g", due: 0) }
        schedule.add(20, turn: "h", due: 5)
        let first = (0..<5).map { _ in schedule.next(now: 1) }
        #expect(first == [0, 10, 1, 11, nil])
        schedule.didEnd(turn: "g")
        #expect(schedule.next(now: 1) == 2)
        schedule.didEnd(turn: "g")
        // Three of f run.
        #expect(schedule.next(now: 1) == nil)
        #expect(schedule.nextDue == 5)
        #expect(schedule.next(now: 5) == 20)
        schedule.didEnd(turn: "f")
        #expect(schedule.next(now: 5) == 3)
        #expect(schedule.nextDue == nil)
    }

    @Test func nothingIsLostAndNoLimitPassed() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<30 {
            let most = Int.random(in: 1...6, using: &random)
            let mostOfOne = Int.random(in: 1...4, using: &random)
            var schedule = EventSchedule(runningMax: most, runningPerFunctionMax: mostOfOne)
            var now = 0.0
            var waiting: [UInt64: (turn: String, due: Timestamp)] = [:]
            var running: [(id: UInt64, turn: String)] = []
            var nextID: UInt64 = 0
            for _ in 0..<600 {
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    let turn = "f\(Int.random(in: 0..<4, using: &random))"
                    let due = now + Double(Int.random(in: 0...3, using: &random))
                    schedule.add(nextID, turn: turn, due: due)
                    waiting[nextID] = (turn, due)
                    nextID += 1
                case 1:
                    now += 1
                case 2:
                    guard !running.isEmpty else { break }
                    let index = Int.random(in: 0..<running.count, using: &random)
                    schedule.didEnd(turn: running.remove(at: index).turn)
                default:
                    let counts = Dictionary(grouping: running, by: \.turn).mapValues(\.count)
                    let mayRun = waiting.values.contains {
                        $0.due <= now && counts[$0.turn, default: 0] < mostOfOne
                    }
                    let id = schedule.next(now: now)
                    #expect((id != nil) == (mayRun && running.count < most), "seed \(seed)")
                    guard let id else { break }
                    guard let taken = waiting.removeValue(forKey: id) else {
                        Issue.record("\(id) came twice, seed \(seed)")
                        return
                    }
                    #expect(taken.due <= now, "seed \(seed)")
                    #expect(counts[taken.turn, default: 0] < mostOfOne, "seed \(seed)")
                    // Those of a function run in the order in which they became due.
                    let earlier = waiting.contains {
                        $0.value.turn == taken.turn
                            && ($0.value.due, $0.key) < (taken.due, id) && $0.key < id
                    }
                    #expect(!earlier, "seed \(seed)")
                    running.append((id, taken.turn))
                }
                #expect(schedule.runningCount == running.count, "seed \(seed)")
            }
            // What is left comes once all others have ended.
            now += 10
            for (_, turn) in running { schedule.didEnd(turn: turn) }
            var left: Set<UInt64> = []
            while let id = schedule.next(now: now) {
                left.insert(id)
                schedule.didEnd(turn: waiting[id]?.turn ?? "")
            }
            #expect(left == Set(waiting.keys), "seed \(seed)")
        }
    }
}
