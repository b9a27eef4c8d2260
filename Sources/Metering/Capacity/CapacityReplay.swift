package import Items
package import Operations

/// Recorded traffic, to be run through the capacity model at other rates than its own.
///
/// Tells what would be throttled, when, and by which limit.
///
/// A factor of k makes k requests of each, at the same time and place. Traffic is a fluid here:
/// requests that are told as many at once are let in or refused in pieces of a tenth of a second.
package struct CapacityReplay: Sendable {
    /// A table or global index.
    package struct Resource: Sendable, Hashable {
        package var id: UInt32
        package var throughput: ThroughputSetting
        /// As in `ResourceCapacity`; empty: as many as the throughput asks for.
        package var partitions: [KeyPlace]
        package var splitsCollections: Bool
        /// The ids of local indexes, which share their table's capacity.
        package var localIndexes: [UInt32]

        package init(
            id: UInt32, throughput: ThroughputSetting, partitions: [KeyPlace] = [],
            localIndexes: [UInt32] = []
        ) {
            self.id = id
            self.throughput = throughput
            self.partitions = partitions
            self.splitsCollections = localIndexes.isEmpty
            self.localIndexes = localIndexes
        }
    }

    /// What a request asks of one place; the place's resource id tells of which table or index.
    package struct Work: Sendable, Hashable {
        package var place: KeyPlace
        package var kind: CapacityKind
        package var units: Double

        package init(place: KeyPlace, kind: CapacityKind, units: Double) {
            self.place = place
            self.kind = kind
            self.units = units
        }
    }

    /// A request, or many equal ones.
    package struct Request: Sendable, Hashable {
        /// In seconds since any moment.
        package var time: Double
        /// Over how many seconds from `time` they are spread evenly; 0: all at once.
        package var seconds: Double
        package var count: Double
        /// What stands and falls together: a write of an item and of its index entries, say.
        ///
        /// Where an index can't take its entry, the write is refused.
        package var works: [Work]

        package init(time: Double, seconds: Double = 0, count: Double = 1, works: [Work]) {
            self.time = time
            self.seconds = seconds
            self.count = count
            self.works = works
        }
    }

    /// A part of a request's count at one time.
    private struct Piece: Sendable {
        var time: Double
        var request: Int
        var count: Double
    }

    package let resources: [Resource]
    package let rules: CapacityRules
    private let requests: [Request]
    private let pieces: [Piece]
    /// Seconds that the traffic takes.
    package let seconds: Double

    /// - Parameter requests: in any order; work in resources that aren't told is left out.
    package init(
        resources: [Resource], requests: [Request], rules: CapacityRules = .standard
    ) {
        self.resources = resources
        self.rules = rules
        self.requests = requests.filter {
            $0.time.isFinite && $0.seconds.isFinite && $0.count.isFinite && $0.count > 0
        }
        let start = self.requests.map(\.time).min() ?? 0
        let end = self.requests.map { $0.time + max(0, $0.seconds) }.max() ?? 0
        seconds = max(1, (end - start - 1e-6).rounded(.up))
        pieces = Self.pieces(of: self.requests, start: start)
    }

    /// Runs the traffic.
    ///
    /// - Parameters:
    ///   - lasting: how many seconds, over and over again where the traffic is shorter (then heat
    ///     that moves looks as if it came back); nil: as long as it is.
    package func run(at factor: Double, lasting: Double? = nil) -> Outcome {
        run(at: factor, lasting: lasting, stopsAtFirst: false)
    }

    /// The least factor at which anything is throttled, to a thousandth of itself.
    ///
    /// - Parameters:
    ///   - factorMax: larger ones aren't tried.
    ///   - lasting: see `run`. Traffic of a few seconds may be served from buckets that would be
    ///     empty later: let it last some minutes to learn what can be sustained.
    ///   - tolerance: the share of requests that may be refused.
    /// - Returns: nil where nothing is throttled up to the greatest factor.
    package func threshold(
        factorMax: Double = 1_000_000, lasting: Double? = nil, tolerating tolerance: Double = 0
    ) -> Threshold? {
        guard !pieces.isEmpty else { return nil }
        func outcome(_ factor: Double) -> Outcome? {
            let outcome = run(at: factor, lasting: lasting, stopsAtFirst: tolerance <= 0)
            return outcome.refusedShare > max(0, tolerance) ? outcome : nil
        }
        var low = 0.0
        var high = 1.0
        var found = outcome(high)
        if found != nil {
            while high > 1e-6, let lower = outcome(high / 2) { (high, found) = (high / 2, lower) }
            low = high / 2
        }
        while found == nil {
            guard high < factorMax else { return nil }
            low = high
            high = min(2 * high, factorMax)
            found = outcome(high)
        }
        while high - low > 0.001 * high {
            let middle = (low + high) / 2
            if let outcome = outcome(middle) {
                (high, found) = (middle, outcome)
            } else {
                low = middle
            }
        }
        let first = found?.throttles.min { $0.first < $1.first }
        return first.map { Threshold(factor: high, first: $0) }
    }

    /// What a table or index is asked for in each second, at the traffic's own rate.
    ///
    /// What comes after a million seconds is counted in the last.
    package func unitsPerSecond(resource: UInt32, kind: CapacityKind) -> [Double] {
        var series = Array(repeating: 0.0, count: Int(min(seconds, 1_000_000)))
        let ids = Set(resources.first { $0.id == resource }?.localIndexes ?? []).union([resource])
        for piece in pieces {
            let second = Int(min(Double(series.count - 1), max(0, piece.time)))
            for work in requests[piece.request].works
            where work.kind == kind && ids.contains(work.place.resourceID) {
                series[second] += work.units * piece.count
            }
        }
        return series
    }

    private func run(at factor: Double, lasting: Double?, stopsAtFirst: Bool) -> Outcome {
        var run = ReplayRun(resources: resources, rules: rules)
        guard factor > 0, factor.isFinite, !pieces.isEmpty else { return run.outcome }
        let end = lasting.flatMap { $0.isFinite ? $0 : nil } ?? seconds
        var offset = 0.0
        while offset < end {
            for piece in pieces {
                let time = offset + piece.time
                guard time < end else { break }
                run.ask(requests[piece.request].works, count: factor * piece.count, at: time)
                if stopsAtFirst, run.hasRefused { return run.outcome }
            }
            offset += seconds
        }
        return run.outcome
    }

    /// Cuts requests that are spread over time in pieces; times count from the first.
    private static func pieces(of requests: [Request], start: Double) -> [Piece] {
        var pieces: [Piece] = []
        pieces.reserveCapacity(requests.count)
        for (number, request) in requests.enumerated() {
            let count = Int(min(max(1, (request.seconds * 10).rounded()), 1_000_000))
            let step = max(0, request.seconds) / Double(count)
            // Requests of the same second take turns, so that none is always the first to be asked.
            let turn = (Double(number) * 0.618_033_988_749_894_9).truncatingRemainder(dividingBy: 1)
            for index in 0..<count {
                pieces.append(
                    Piece(
                        time: request.time - start + (Double(index) + turn) * step, request: number,
                        count: request.count / Double(count)))
            }
        }
        return pieces.sorted { ($0.time, $0.request) < ($1.time, $1.request) }
    }
}
