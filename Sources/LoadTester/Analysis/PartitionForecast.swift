internal import Items
internal import Metering
internal import Operations

/// What the partitions of the capacity model bear of recorded work at some multiple of its rate.
///
/// Only what partitions bear is looked at: the limits of the whole table are others' to tell.
/// Partitions split as the model says, each at the middle of its heat, until none is hot or none
/// of the hot ones can be parted; this is reckoned from the shares of places, so that it is the
/// same for the same work.
struct PartitionForecast {
    /// A partition that has to refuse.
    struct Refusal: Sendable {
        var kind: CapacityKind
        var partition: Int
        /// Where the partition begins, and where the next does.
        var lower: KeyPlace
        var upper: KeyPlace?
        /// Of the work of its kind: what falls on the partition.
        var share: Double
        /// The share of that which is refused at the recorded rate.
        var refusedShare: Double
        /// How far the multiple may be off, as a share of it, since only so many requests tell it.
        var uncertainty: Double
    }

    typealias Found = (factor: Double, refusal: Refusal)

    let traffic: ReplayTraffic
    let resourceID: UInt32
    let throughput: ThroughputSetting
    let splitsCollections: Bool
    private let rules = CapacityRules.standard
    /// What each atom asks of a partition at the rate as it is, as a part of its ceiling.
    private let loads: [(read: Double, write: Double)]

    init(
        traffic: ReplayTraffic, resourceID: UInt32, throughput: ThroughputSetting,
        splitsCollections: Bool
    ) {
        self.traffic = traffic
        self.resourceID = resourceID
        self.throughput = throughput
        self.splitsCollections = splitsCollections
        let (read, write) = (
            traffic.lastingRate(.read) / rules.partitionReadUnits,
            traffic.lastingRate(.write) / rules.partitionWriteUnits
        )
        loads = traffic.atoms.map {
            (
                read: read * traffic.share(.read, of: $0, in: traffic.lasting),
                write: write * traffic.share(.write, of: $0, in: traffic.lasting)
            )
        }
    }

    /// The least multiple that a partition refuses while none has split yet; nil: none up to a
    /// greatest.
    func factorBeforeSplits(upTo greatest: Double) -> Found? {
        least(in: partitions(throughput), upTo: greatest)
    }

    /// The least multiple that partitions refuse once they have split; nil: none up to a greatest.
    func factor(upTo greatest: Double) -> Found? {
        guard peakShare > 0, peakShare * greatest >= 1 else { return nil }
        // What fits in a single partition is never refused.
        var low = 1 / peakShare * 0.99
        guard var found = refusal(times: greatest) else { return nil }
        var high = greatest
        if let first = refusal(times: low) { return (low, first) }
        while high / low > 1.001 {
            let middle = (low * high).squareRoot()
            if let refusal = refusal(times: middle) {
                (high, found) = (middle, refusal)
            } else {
                low = middle
            }
        }
        return (high, found)
    }

    /// The partition that refuses first at a multiple, once partitions have split.
    private func refusal(times factor: Double) -> Refusal? {
        least(in: settled(times: factor), upTo: factor)?.refusal
    }

    // MARK: Partitions

    /// Where partitions begin once they have split at a multiple of the rate; ascending.
    func settled(times factor: Double) -> [KeyPlace] {
        let begun = partitions(grown(times: factor))
        var lowers: [KeyPlace] = []
        for (lower, atoms) in zip(begun, ranges(of: begun)) {
            lowers.append(lower)
            var open = [atoms]
            while let atoms = open.popLast(), lowers.count < Limits.tablePartitionsMax {
                guard let middle = cut(atoms, times: factor) else { continue }
                let (below, above) = (traffic.atoms[middle - 1].place, traffic.atoms[middle].place)
                lowers.append(below.hash == above.hash ? above : above.hashRange)
                open += [atoms.lowerBound..<middle, middle..<atoms.upperBound]
            }
        }
        return lowers.sorted()
    }

    /// Where the heat of some atoms is halved; nil where it is no heat, or no cut parts it.
    private func cut(_ atoms: Range<Int>, times factor: Double) -> Int? {
        var (read, write) = (0.0, 0.0)
        for index in atoms {
            read += loads[index].read
            write += loads[index].write
        }
        guard max(read, write) * factor >= rules.heatShare, atoms.count > 1 else { return nil }
        let all = read + write
        var below = 0.0
        var best: (index: Int, hotter: Double)?
        for index in atoms.dropFirst() {
            below += loads[index - 1].read + loads[index - 1].write
            let (last, next) = (traffic.atoms[index - 1].place, traffic.atoms[index].place)
            guard last.hash != next.hash || (splitsCollections && last != next) else { continue }
            let hotter = max(below, all - below)
            if best.map({ hotter < $0.hotter }) ?? true { best = (index, hotter) }
        }
        guard let best, best.hotter <= rules.halfHeatShareMax * all else { return nil }
        return best.index
    }

    private func partitions(_ throughput: ThroughputSetting) -> [KeyPlace] {
        ResourceCapacity(
            resourceID: resourceID, throughput: throughput, splitsCollections: splitsCollections,
            now: 0
        ).partitions
    }

    /// A throughput that has grown with the traffic, so that only partitions limit.
    func grown(times factor: Double) -> ThroughputSetting {
        func rate(_ kind: CapacityKind) -> Double { (traffic.rates(kind).max() ?? 0) * factor }
        return switch throughput {
        case .onDemand(let warmRead, let warmWrite, let maxRead, let maxWrite):
            .onDemand(
                warmRead: max(warmRead, 2 * rate(.read)),
                warmWrite: max(warmWrite, 2 * rate(.write)), maxRead: maxRead, maxWrite: maxWrite)
        case .provisioned: throughput
        }
    }

    /// The atoms of each partition.
    private func ranges(of lowers: [KeyPlace]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var first = 0
        for next in lowers.dropFirst() {
            var end = first
            while end < traffic.atoms.count, traffic.atoms[end].place < next { end += 1 }
            ranges.append(first..<end)
            first = end
        }
        return ranges + [first..<traffic.atoms.count]
    }

    // MARK: Limits

    private func least(in lowers: [KeyPlace], upTo greatest: Double) -> Found? {
        var found: Found?
        for (partition, atoms) in ranges(of: lowers).enumerated() {
            for kind in CapacityKind.allCases {
                let shares = shares(kind, of: atoms)
                let rates = traffic.slots.map { $0.rate(kind) * shares.byShape[$0.shape] }
                let limit = SustainedLimit(
                    unitsPerSecond: rules.partitionUnits(kind), burstSeconds: rules.ceilingSeconds)
                let upTo = found?.factor ?? greatest
                guard (rates.max() ?? 0) * upTo >= limit.unitsPerSecond,
                    let factor = limit.factor(
                        refusing: rates, measured: traffic.measured,
                        secondsPerSlot: traffic.secondsPerSlot, upTo: upTo),
                    factor < upTo || found == nil
                else { continue }
                found = (
                    factor,
                    Refusal(
                        kind: kind, partition: partition, lower: lowers[partition],
                        upper: partition + 1 < lowers.count ? lowers[partition + 1] : nil,
                        share: shares.lasting,
                        refusedShare: limit.refusedShare(of: rates, measured: traffic.measured),
                        uncertainty: uncertainty(kind, share: shares.lasting))
                )
            }
        }
        return found
    }

    /// Of the work of a kind, what falls on a partition: in the measured time, and by shape.
    ///
    /// Where a shape differs by no more than chance would have it, it counts as it was on average:
    /// the same work at a higher rate wouldn't differ so.
    private func shares(
        _ kind: CapacityKind, of atoms: Range<Int>
    ) -> (lasting: Double, byShape: [Double]) {
        func sum(_ shape: ReplayTraffic.Shape) -> Double {
            atoms.reduce(0) { $0 + traffic.share(kind, of: traffic.atoms[$1], in: shape) }
        }
        let lasting = min(1, sum(traffic.lasting))
        let byShape = traffic.shapes.map { shape in
            let own = sum(shape)
            let chance =
                3 * (lasting * (1 - lasting) / max(1, shape.requestCount(kind))).squareRoot()
            return traffic.lasting.requestCount(kind) > 0 && abs(own - lasting) <= chance
                ? lasting : own
        }
        return (lasting, byShape)
    }

    /// Twice the standard error of a partition's share, told by so many requests.
    private func uncertainty(_ kind: CapacityKind, share: Double) -> Double {
        let count = traffic.lasting.requestCount(kind)
        guard count > 0, share > 0, share < 1 else { return 0 }
        return 2 * ((1 - share) / (share * count)).squareRoot()
    }

    /// The most that all of the work ever was, of what one partition bears.
    private var peakShare: Double {
        CapacityKind.allCases.map { kind in
            (traffic.rates(kind).max() ?? 0) / rules.partitionUnits(kind)
        }.max() ?? 0
    }
}

extension KeyPlace {
    /// Where the keys that share its hash begin.
    fileprivate var hashRange: KeyPlace {
        KeyPlace(storedKey: Array(storedKey.prefix(4 + PartitionHash.byteCount)))
    }
}
