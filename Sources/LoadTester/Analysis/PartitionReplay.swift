internal import Items
internal import Metering
internal import Operations

/// Runs recorded work through the partitions of the capacity model, at some multiple of its rate.
///
/// Only what partitions bear is looked at: the limits of the whole table are lifted. Partitions
/// split by heat as the model says, only sooner, so that minutes show what hours would.
struct PartitionReplay {
    /// A partition that had to refuse.
    struct Refusal: Sendable {
        var kind: CapacityKind
        var partition: Int
        /// Where the partition begins, and where the next does.
        var lower: KeyPlace
        var upper: KeyPlace?
        /// Of the work of its kind, in the time that counts.
        var share: Double
    }

    private static let heatSeconds = 15.0
    /// How many seconds partitions have to split, and how many count after that.
    private static let settlingSeconds = 120
    private static let countingSeconds = 60
    private static let splitEverySeconds = 5

    let traffic: ReplayTraffic
    let resourceID: UInt32
    let throughput: ThroughputSetting
    let splitsCollections: Bool

    /// The partition that refuses most, once partitions have split; nil where none has to.
    func refusal(times factor: Double) -> Refusal? {
        var rules = CapacityRules.standard
        rules.heatSeconds = Self.heatSeconds
        // A second's work comes at once here; what buckets gain meanwhile has to fit in.
        rules.ceilingSeconds += 1
        rules.tableUnits = .greatestFiniteMagnitude
        rules.accountUnits = .greatestFiniteMagnitude
        var capacity = ResourceCapacity(
            resourceID: resourceID, throughput: grown(times: factor),
            splitsCollections: splitsCollections, rules: rules, now: 0)
        guard overloads(capacity, times: factor) else { return nil }
        var offered: [CapacityKind: Double] = [:]
        var refused: [CapacityKind: [KeyPlace: Double]] = [:]
        for second in 0..<(Self.settlingSeconds + Self.countingSeconds) {
            let now = Double(second)
            guard let slot = traffic.slot(at: Int(now / traffic.secondsPerSlot)) else { return nil }
            let counts = second >= Self.settlingSeconds
            for kind in CapacityKind.allCases {
                let rate = slot.rate(kind) * factor
                for load in traffic.shapes[slot.shape].loads(kind) {
                    let units = load.share * rate
                    guard units > 0 else { continue }
                    let isRefused = capacity.limit(kind, at: load.place, now: now) != nil
                    if isRefused {
                        capacity.refused(kind, units: units, at: load.place, now: now)
                    } else {
                        capacity.charge(kind, units: units, at: load.place, now: now)
                    }
                    guard counts else { continue }
                    offered[kind, default: 0] += units
                    if isRefused {
                        refused[kind, default: [:]][load.place, default: 0] += units
                    }
                }
            }
            if second % Self.splitEverySeconds == 0 { _ = capacity.splitIfDue(now: now) }
        }
        return Self.worst(refused, of: offered, in: capacity)
    }

    /// The least multiple that a partition refuses while none has split yet; nil: none up to a
    /// greatest.
    func factorBeforeSplits(upTo greatest: Double) -> (factor: Double, refusal: Refusal)? {
        let capacity = ResourceCapacity(
            resourceID: resourceID, throughput: throughput, splitsCollections: splitsCollections,
            now: 0)
        var least: (factor: Double, refusal: Refusal)?
        for kind in CapacityKind.allCases {
            for (partition, rates) in rates(kind, in: capacity).sorted(by: { $0.key < $1.key }) {
                let limit = SustainedLimit(
                    unitsPerSecond: capacity.rules.partitionUnits(kind),
                    burstSeconds: capacity.rules.ceilingSeconds)
                let upTo = least?.factor ?? greatest
                guard
                    let factor = limit.factor(
                        refusing: rates, measured: traffic.measured,
                        secondsPerSlot: traffic.secondsPerSlot, upTo: upTo),
                    factor < upTo || least == nil
                else { continue }
                let places = capacity.partitions
                least = (
                    factor,
                    Refusal(
                        kind: kind, partition: partition, lower: places[partition],
                        upper: partition + 1 < places.count ? places[partition + 1] : nil,
                        share: limit.refusedShare(of: rates, measured: traffic.measured))
                )
            }
        }
        return least
    }

    /// Units per second that fall on each partition, slot by slot.
    private func rates(_ kind: CapacityKind, in capacity: ResourceCapacity) -> [Int: [Double]] {
        let shares = traffic.shapes.map { shape in
            shape.loads(kind).reduce(into: [Int: Double]()) {
                $0[capacity.partition(of: $1.place), default: 0] += $1.share
            }
        }
        var rates: [Int: [Double]] = [:]
        for partition in Set(shares.flatMap(\.keys)) {
            rates[partition] = traffic.slots.map {
                $0.rate(kind) * (shares[$0.shape][partition] ?? 0)
            }
        }
        return rates
    }

    /// Whether any partition ever has more to do than it can bear, were none to split.
    private func overloads(_ capacity: ResourceCapacity, times factor: Double) -> Bool {
        CapacityKind.allCases.contains { kind in
            let ceiling = capacity.rules.partitionUnits(kind)
            var peaks = [Double](repeating: 0, count: traffic.shapes.count)
            for slot in traffic.slots {
                peaks[slot.shape] = max(peaks[slot.shape], slot.rate(kind) * factor)
            }
            return zip(traffic.shapes, peaks).contains { shape, peak in
                var shares: [Int: Double] = [:]
                for load in shape.loads(kind) {
                    shares[capacity.partition(of: load.place), default: 0] += load.share
                }
                return (shares.values.max() ?? 0) * peak > ceiling
            }
        }
    }

    /// The least multiple that partitions refuse; nil: none up to a greatest.
    func factor(upTo greatest: Double) -> (factor: Double, refusal: Refusal)? {
        guard peakShare * greatest >= 1, var refusal = refusal(times: greatest) else { return nil }
        // What fits in a single partition is never refused.
        var (low, high) = (1 / peakShare * 0.99, greatest)
        if let first = self.refusal(times: low) { return (low, first) }
        while high / low > 1.005 {
            let middle = (low * high).squareRoot()
            if let found = self.refusal(times: middle) {
                (high, refusal) = (middle, found)
            } else {
                low = middle
            }
        }
        return (high, refusal)
    }

    /// The most that all of the work ever was, of what one partition bears.
    private var peakShare: Double {
        let rules = CapacityRules.standard
        return CapacityKind.allCases.map { kind in
            (traffic.rates(kind).max() ?? 0) / rules.partitionUnits(kind)
        }.max() ?? 0
    }

    /// A throughput that has grown with the traffic, so that only partitions limit.
    private func grown(times factor: Double) -> ThroughputSetting {
        func rate(_ kind: CapacityKind) -> Double { (traffic.rates(kind).max() ?? 0) * factor }
        let (read, write): (Double, Double) =
            switch throughput {
            case .onDemand(let warmRead, let warmWrite, _, _): (warmRead, warmWrite)
            case .provisioned(let read, let write): (read, write)
            }
        return .onDemand(
            warmRead: max(read, 2 * rate(.read)), warmWrite: max(write, 2 * rate(.write)),
            maxRead: nil, maxWrite: nil)
    }

    private static func worst(
        _ refused: [CapacityKind: [KeyPlace: Double]], of offered: [CapacityKind: Double],
        in capacity: ResourceCapacity
    ) -> Refusal? {
        var worst: Refusal?
        for (kind, places) in refused {
            guard let all = offered[kind], all > 0 else { continue }
            var byPartition: [Int: Double] = [:]
            for (place, units) in places {
                byPartition[capacity.partition(of: place), default: 0] += units
            }
            guard
                let (partition, units) = byPartition.max(by: {
                    ($0.value, $1.key) < ($1.value, $0.key)
                })
            else { continue }
            let share = units / all
            guard share > worst?.share ?? 0 else { continue }
            let partitions = capacity.partitions
            worst = Refusal(
                kind: kind, partition: partition, lower: partitions[partition],
                upper: partition + 1 < partitions.count ? partitions[partition + 1] : nil,
                share: byPartition.values.reduce(0, +) / all)
        }
        return worst
    }
}
