internal import Glibc

/// A request that is due: which one it is and when.
struct Arrival: Sendable, Hashable {
    /// Its number in the run, from 0.
    var number: Int
    var phase: Int
    var pattern: Int
    /// Its number among those of its pattern.
    var ordinal: Int
    /// Nanoseconds since the run began.
    var due: UInt64
}

/// All arrivals of a run in order, each drawn from the seed and what came before.
///
/// Every thread of the driver walks all of them and sends its share, so that what is sent doesn't
/// depend on how many threads there are, and nothing that waits need be kept.
struct ArrivalWalk: Sendable {
    /// Instances of each entity that earlier arrivals added.
    private(set) var added: [Int]
    private let workload: Workload
    /// The share of arrivals up to which each pattern is chosen, ascending to 1.
    private let thresholds: [Double]
    private let phases: [TimedPhase]
    private let arrivals: Arrivals
    private var random: SeededRandom
    private var number = 0
    private var ordinals: [Int]
    private var place = 0
    /// Expected arrivals since the phase began, up to the last one.
    private var expected = 0.0

    /// A phase with its start in the run.
    struct TimedPhase: Sendable {
        var index: Int
        var start: Double
        var seconds: Double
        /// Requests per second.
        var startRate: Double
        var endRate: Double

        /// When so many arrivals are expected, in seconds since the phase began; nil: never.
        func moment(of expected: Double) -> Double? {
            let slope = (endRate - startRate) / seconds
            if abs(slope) < 1e-9 {
                guard startRate > 0 else { return nil }
                let moment = expected / startRate
                return moment < seconds ? moment : nil
            }
            // expected = startRate t + slope t² / 2
            let root = startRate * startRate + 2 * slope * expected
            guard root >= 0 else { return nil }
            let moment = (root.squareRoot() - startRate) / slope
            return moment >= 0 && moment < seconds ? moment : nil
        }

        var total: Double { (startRate + endRate) / 2 * seconds }
    }

    /// - Parameter rates: requests per second of each pattern, at full rate.
    init(design: Design, workload: Workload, rates: [Double]) {
        self.workload = workload
        arrivals = workload.arrivals
        random = SeededRandom(seed: design.seed, Workload.Stream.arrival)
        added = Array(repeating: 0, count: workload.entities.count)
        ordinals = Array(repeating: 0, count: design.patterns.count)
        let total = rates.reduce(0, +)
        var sum = 0.0
        thresholds = rates.map { rate in
            sum += rate
            return total > 0 ? sum / total : 1
        }
        var start = 0.0
        var timed: [TimedPhase] = []
        for (index, phase) in design.phases.enumerated() where phase.kind != .load {
            timed.append(
                TimedPhase(
                    index: index, start: start, seconds: phase.seconds,
                    startRate: phase.startRate * total, endRate: phase.endRate * total))
            start += phase.seconds
        }
        phases = timed
    }

    /// The next arrival; nil after the last phase.
    ///
    /// In a closed loop it is due at once, always.
    mutating func next() -> Arrival? {
        var due: UInt64 = 0
        if arrivals != .max {
            guard let moment = nextMoment() else { return nil }
            due = UInt64(max(moment, 0) * 1e9)
        }
        let drawn = random.unit()
        let pattern =
            thresholds.firstIndex { drawn < $0 } ?? max(thresholds.count - 1, 0)
        let arrival = Arrival(
            number: number, phase: place < phases.count ? phases[place].index : 0,
            pattern: pattern, ordinal: ordinals[pattern], due: due)
        number += 1
        ordinals[pattern] += 1
        return arrival
    }

    /// Counts what an arrival adds; to be called for each, after its request was made.
    mutating func passed(_ arrival: Arrival) {
        let request = workload.requests[arrival.pattern]
        for pick in request.picks {
            if case .added = pick.choice { added[pick.entity] += request.repeatCount }
        }
    }

    private mutating func nextMoment() -> Double? {
        guard place < phases.count else { return nil }
        expected += arrivals == .constant ? 1 : -log(1 - random.unit())
        while place < phases.count {
            let phase = phases[place]
            if let moment = phase.moment(of: expected) { return phase.start + moment }
            // What is left of the step goes on in the next phase.
            expected = max(expected - phase.total, 0)
            place += 1
        }
        return nil
    }
}
