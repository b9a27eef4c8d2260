import Items
import Operations

/// Traffic on its way through fresh capacities.
struct ReplayRun {
    /// What was refused at one limit of one partition.
    private struct ThrottleKey: Hashable {
        var resource: Int
        var kind: CapacityKind
        var limit: ThrottleLimit
        var partition: KeyPlace
    }

    private struct Refusal {
        var work: CapacityReplay.Work
        var resource: Int
        var limit: ThrottleLimit
    }

    private var capacities: [ResourceCapacity]
    private let numbers: [UInt32: Int]
    private var account: AccountCapacity
    private var requests = 0.0
    private var refusedRequests = 0.0
    private var throttles: [ThrottleKey: CapacityReplay.Throttle] = [:]
    private var splits: [CapacityReplay.TimedSplit] = []
    private var asked: [(read: Double, write: Double)]
    private var served: [(read: Double, write: Double)]
    /// When partitions are looked at for splits again.
    private var splitsDue = 0.0

    init(resources: [CapacityReplay.Resource], rules: CapacityRules) {
        capacities = resources.map {
            ResourceCapacity(
                resourceID: $0.id, throughput: $0.throughput, partitions: $0.partitions,
                splitsCollections: $0.splitsCollections, rules: rules, now: 0)
        }
        var numbers: [UInt32: Int] = [:]
        for (number, resource) in resources.enumerated() {
            for id in resource.localIndexes + [resource.id] { numbers[id] = number }
        }
        self.numbers = numbers
        account = AccountCapacity(rules: rules, now: 0)
        asked = Array(repeating: (0, 0), count: resources.count)
        served = asked
    }

    var outcome: CapacityReplay.Outcome {
        var outcome = CapacityReplay.Outcome()
        outcome.requests = requests
        outcome.refusedRequests = refusedRequests
        outcome.throttles = throttles.values.sorted {
            ($1.requests, $0.first, $0.resourceID, $0.partition)
                < ($0.requests, $1.first, $1.resourceID, $1.partition)
        }
        outcome.splits = splits
        for (number, capacity) in capacities.enumerated() {
            for kind in CapacityKind.allCases {
                let (asked, served) = (asked[number], served[number])
                let usage = CapacityReplay.Usage(
                    resourceID: capacity.resourceID, kind: kind,
                    askedUnits: kind == .read ? asked.read : asked.write,
                    servedUnits: kind == .read ? served.read : served.write)
                if usage.askedUnits > 0 { outcome.usages.append(usage) }
            }
        }
        return outcome
    }

    var hasRefused: Bool { refusedRequests > 0 }

    /// Lets equal requests in, or refuses them.
    mutating func ask(_ works: [CapacityReplay.Work], count: Double, at time: Double) {
        splitIfDue(time)
        requests += count
        for work in works {
            guard let number = numbers[work.place.resourceID] else { continue }
            Self.add(work, count, to: &asked[number])
        }
        if let refusal = firstRefusal(works, at: time) {
            refuse(refusal, count: count, at: time)
            return
        }
        for work in works {
            guard let number = numbers[work.place.resourceID] else { continue }
            let units = work.units * count
            capacities[number].charge(work.kind, units: units, at: work.place, now: time)
            if capacities[number].throughput.isOnDemand {
                account.charge(work.kind, units: units, now: time)
            }
            Self.add(work, count, to: &served[number])
        }
    }

    private mutating func firstRefusal(_ works: [CapacityReplay.Work], at time: Double) -> Refusal?
    {
        for work in works where work.units > 0 {
            guard let number = numbers[work.place.resourceID] else { continue }
            var limit = capacities[number].limit(work.kind, at: work.place, now: time)
            if limit == nil, capacities[number].throughput.isOnDemand {
                limit = account.limit(work.kind, now: time)
            }
            if let limit { return Refusal(work: work, resource: number, limit: limit) }
        }
        return nil
    }

    private mutating func refuse(_ refusal: Refusal, count: Double, at time: Double) {
        let (work, number) = (refusal.work, refusal.resource)
        let units = work.units * count
        capacities[number].refused(work.kind, units: units, at: work.place, now: time)
        refusedRequests += count
        let partition = capacities[number].partitions[capacities[number].partition(of: work.place)]
        let key = ThrottleKey(
            resource: number, kind: work.kind, limit: refusal.limit, partition: partition)
        var throttle =
            throttles[key]
            ?? CapacityReplay.Throttle(
                resourceID: capacities[number].resourceID, kind: work.kind, limit: refusal.limit,
                partition: partition, place: work.place, first: time, last: time, requests: 0,
                units: 0, requestsBySecond: [:])
        throttles[key] = nil
        throttle.last = time
        throttle.requests += count
        throttle.units += units
        throttle.requestsBySecond[Int(min(time, 1e9)), default: 0] += count
        throttles[key] = throttle
    }

    private mutating func splitIfDue(_ time: Double) {
        guard time >= splitsDue else { return }
        splitsDue = time + 1
        for number in capacities.indices {
            for split in capacities[number].splitIfDue(now: time) {
                splits.append(
                    CapacityReplay.TimedSplit(
                        resourceID: capacities[number].resourceID, time: time, split: split))
            }
        }
    }

    private static func add(
        _ work: CapacityReplay.Work, _ count: Double, to sum: inout (read: Double, write: Double)
    ) {
        if work.kind == .read {
            sum.read += work.units * count
        } else {
            sum.write += work.units * count
        }
    }
}
