/// What time it was when sequence numbers were given: from it follows what is past retention.
///
/// A mark says: at this time, all numbers up to this one had been given. Marks are some seconds
/// apart, and the latest one is exact, so a time tells a sequence number without reading records.
/// A clock that was put back makes no mark wrong: what was given before now was not given later
/// than now, so marks of the future count as marks of the present.
package struct SequenceHistory: Sendable, Equatable {
    package struct Mark: Sendable, Equatable {
        /// Milliseconds since 1970.
        package let milliseconds: Int64
        package let sequence: UInt64

        package init(milliseconds: Int64, sequence: UInt64) {
            self.milliseconds = milliseconds
            self.sequence = sequence
        }
    }

    /// The least time between two marks.
    package static let intervalMilliseconds: Int64 = 10_000

    /// The last number given.
    package private(set) var last: Mark
    /// Numbers up to this one are trimmed for good, whatever the clock says.
    package private(set) var trimmed: UInt64
    /// Earlier marks, in order.
    package private(set) var marks: [Mark]

    /// - Parameter marks: ascending by sequence number; one that is later than its successor is
    ///   left out, as the clock was put back in between.
    package init(
        last: Mark = Mark(milliseconds: 0, sequence: 0), trimmed: UInt64 = 0, marks: [Mark] = []
    ) {
        self.last = last
        self.trimmed = trimmed
        var kept: [Mark] = []
        var latest = last.milliseconds
        for mark in marks.reversed() where mark.milliseconds <= latest {
            kept.append(mark)
            latest = mark.milliseconds
        }
        self.marks = kept.reversed()
    }

    /// The last sequence number that was given at or before a time, or is trimmed.
    package func sequence(at milliseconds: Int64) -> UInt64 {
        if last.milliseconds <= milliseconds { return last.sequence }
        return max(trimmed, marks[..<countOfMarks(through: milliseconds)].last?.sequence ?? 0)
    }

    /// What giving numbers up to one at a time adds and removes.
    package struct Advance: Sendable, Equatable {
        package let last: Mark
        /// The former last mark, where it is to be kept.
        package var added: Mark?
        /// Marks at the end whose time was still to come.
        package var removed: [Mark] = []
    }

    package func advance(to sequence: UInt64, at milliseconds: Int64) -> Advance {
        var advance = Advance(last: Mark(milliseconds: milliseconds, sequence: sequence))
        advance.removed = Array(marks[countOfMarks(through: milliseconds)...])
        if last.sequence > 0, last.milliseconds <= milliseconds,
            milliseconds - (marks.last?.milliseconds ?? .min / 2) >= Self.intervalMilliseconds
        {
            advance.added = last
        }
        return advance
    }

    package mutating func apply(_ advance: Advance) {
        marks.removeLast(advance.removed.count)
        if let added = advance.added { marks.append(added) }
        last = advance.last
    }

    /// Numbers up to one are trimmed for good: marks up to it say no more than that.
    package mutating func trim(through sequence: UInt64) {
        trimmed = max(trimmed, sequence)
        marks.removeFirst(marks.prefix { $0.sequence <= sequence }.count)
    }

    private func countOfMarks(through milliseconds: Int64) -> Int {
        var low = 0
        var high = marks.count
        while low < high {
            let middle = (low + high) / 2
            if marks[middle].milliseconds <= milliseconds {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
