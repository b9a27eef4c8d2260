import Items
import Operations

@testable import Metering

/// Traffic of one kind against one table, for tests.
struct Traffic {
    var capacity: ResourceCapacity
    var admitted = 0.0
    var refused: [ThrottleLimit: Int] = [:]

    init(
        _ throughput: ThroughputSetting, partitions: [KeyPlace] = [],
        splitsCollections: Bool = true, rules: CapacityRules = .standard, now: Double = 0
    ) {
        capacity = ResourceCapacity(
            resourceID: 1, throughput: throughput, partitions: partitions,
            splitsCollections: splitsCollections, rules: rules, now: now)
    }

    /// One write or read; tells whether it was let in.
    @discardableResult mutating func ask(
        _ kind: CapacityKind = .write, units: Double = 1, at place: KeyPlace, now: Double
    ) -> Bool {
        if let limit = capacity.limit(kind, at: place, now: now) {
            refused[limit, default: 0] += 1
            capacity.refused(kind, units: units, at: place, now: now)
            return false
        }
        capacity.charge(kind, units: units, at: place, now: now)
        admitted += units
        return true
    }

    /// Writes of one unit at one moment, each of another key; tells how many were let in.
    mutating func flood(_ count: Int, now: Double) -> Int {
        var admitted = 0
        for number in 0..<count where ask(at: place("k\(number)"), now: now) { admitted += 1 }
        return admitted
    }

    /// So many units per second from one time to another, in steps of a tenth of a second.
    mutating func run(
        _ kind: CapacityKind = .write, unitsPerSecond: Double, units: Double = 1,
        from start: Double, to end: Double, at place: (Int) -> KeyPlace
    ) {
        let stepCount = Int(((end - start) * 10).rounded())
        let perStep = max(1, Int((unitsPerSecond / units / 10).rounded()))
        for step in 0..<stepCount {
            let now = start + Double(step) / 10
            for number in 0..<perStep {
                ask(kind, units: units, at: place(step * perStep + number), now: now)
            }
            if step % 50 == 0 { _ = capacity.splitIfDue(now: now) }
        }
    }
}

/// The place of an item of a table with a string partition key and a numeric sort key.
func place(_ partition: String, _ sort: Int? = nil, resource: UInt32 = 1) -> KeyPlace {
    KeyPlace(
        resourceID: resource, partition: [ItemValue(.string(partition))],
        sort: sort.map { [ItemValue(.number(DecimalNumber($0)))] } ?? [])
}
