import Streams
import TestSupport
import Testing

/// Which sequence numbers are past a time, against a list of all that were given.
@Suite struct SequenceHistoryTests {
    private typealias Mark = SequenceHistory.Mark

    @Test func sparseNumbersAreDatedExactly() {
        var history = SequenceHistory()
        for (hour, sequence) in [(1, 10), (2, 20), (4, 40)] as [(Int64, UInt64)] {
            history.apply(history.advance(to: sequence, at: hour * 3_600_000))
        }
        let found = (0...5).map { history.sequence(at: Int64($0) * 3_600_000) }
        #expect(found == [0, 10, 20, 20, 40, 40])
        #expect(history.sequence(at: 2 * 3_600_000 - 1) == 10)
    }

    @Test func aClockPutBackDatesWhatWasBefore() {
        var history = SequenceHistory()
        history.apply(history.advance(to: 10, at: 100_000))
        history.apply(history.advance(to: 20, at: 200_000))
        let back = history.advance(to: 30, at: 50_000)
        #expect(back.removed == [Mark(milliseconds: 100_000, sequence: 10)])
        #expect(back.added == nil)
        history.apply(back)
        #expect(history.sequence(at: 49_999) == 0)
        #expect(history.sequence(at: 50_000) == 30)
        // Read from a store that still has the mark.
        let read = SequenceHistory(
            last: history.last, marks: [Mark(milliseconds: 100_000, sequence: 10)])
        #expect(read == history)
    }

    @Test func whatIsTrimmedStaysTrimmed() {
        var history = SequenceHistory()
        for step in 1...10 as ClosedRange<Int64> {
            history.apply(history.advance(to: UInt64(step), at: step * 60_000))
        }
        history.trim(through: 6)
        #expect(history.sequence(at: 0) == 6)
        #expect(history.sequence(at: 480_000) == 8)
        #expect(history.marks.map(\.sequence) == [7, 8, 9])
        history.apply(history.advance(to: 11, at: 1_000))
        #expect(history.sequence(at: 0) == 6)
        #expect(history.sequence(at: 1_000) == 11)
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func datesAreTrueWithinTheInterval(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var history = SequenceHistory()
        var given: [(milliseconds: Int64, sequence: UInt64)] = []
        var now: Int64 = 1_000_000
        var sequence: UInt64 = 0
        for _ in 0..<300 {
            now += Int64.random(
                in: 0...(Bool.random(using: &generator) ? 3_000 : 60_000), using: &generator)
            sequence += UInt64.random(in: 1...9, using: &generator)
            history.apply(history.advance(to: sequence, at: now))
            given.append((now, sequence))
        }
        for _ in 0..<300 {
            let time = Int64.random(in: 900_000...(now + 100_000), using: &generator)
            let found = history.sequence(at: time)
            let exact = given.last { $0.milliseconds <= time }?.sequence ?? 0
            let earlier =
                given.last {
                    $0.milliseconds <= time - SequenceHistory.intervalMilliseconds
                }?.sequence ?? 0
            #expect(found <= exact && found >= earlier, "seed \(seed) at \(time)")
        }
        #expect(history.sequence(at: now) == sequence)
    }
}
