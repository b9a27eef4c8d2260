import Items
import Metering
import Operations

@testable import LoadTester

/// Runs that never were: requests at stated rates on stated keys, as a driver would tell of them.
struct SyntheticRun {
    /// What each request of a pattern does.
    struct Work {
        var pattern: AccessPattern
        var perSecond: Double
        var milliseconds = 1.0
        var outcome = CompletedRequest.Outcome.success
        var itemByteCount = 0
        var returnedCount = 0
        var evaluatedCount = 0
        /// Resource by name, key by the request's number, units.
        var consumed: [(resource: String, key: (Int) -> [String], units: Units)]
    }

    var design: Design
    var works: [Work]
    var seconds: Double
    var stored: [LoadedResource] = []

    init(
        tables: [DesignTable], seconds: Double = 10, stored: [LoadedResource] = [], _ works: [Work]
    ) {
        self.works = works
        self.seconds = seconds
        self.stored = stored
        design = Design(
            name: "synthetic", summary: "Made up.", tables: tables, patterns: works.map(\.pattern),
            phases: [Phase(kind: .steady, name: "steady", seconds: seconds)])
    }

    /// The requests in the order in which they were due.
    func requests() -> [CompletedRequest] {
        let resources = design.resources
        var requests: [CompletedRequest] = []
        for (pattern, work) in works.enumerated() {
            for number in 0..<Int(work.perSecond * seconds) {
                let due = UInt64(Double(number) / work.perSecond * 1e9)
                let consumed = work.consumed.compactMap { part -> MeasuredUnits? in
                    guard let resource = resources.firstIndex(where: { $0.name == part.resource })
                    else { return nil }
                    return MeasuredUnits(
                        resource: resource,
                        place: place(part.key(number), in: resources[resource], id: resource),
                        units: part.units)
                }
                requests.append(
                    CompletedRequest(
                        pattern: pattern, phase: 0, due: due, sent: due + 1_000,
                        answered: due + UInt64(work.milliseconds * 1e6), outcome: work.outcome,
                        consumed: consumed, itemByteCount: work.itemByteCount,
                        returnedCount: work.returnedCount, evaluatedCount: work.evaluatedCount))
            }
        }
        return requests.sorted { $0.due < $1.due }
    }

    func place(_ key: [String], in resource: DesignResource, id: Int) -> KeyPlace {
        let values = key.map { ItemValue(.string($0)) }
        return KeyPlace(
            resourceID: UInt32(id), partition: Array(values.prefix(resource.hashKeyCount)),
            sort: Array(values.dropFirst(resource.hashKeyCount)))
    }

    var facts: RunFacts {
        var facts = RunFacts(
            endpoint: "http://127.0.0.1:8000", startedAt: 1_760_000_000,
            phases: [(began: 0, ended: UInt64(seconds * 1e9))], lagP50: 2_000, lagP99: 40_000,
            lagMax: 90_000, driverCPUSeconds: 1.5)
        facts.loaded = stored
        return facts
    }

    var measurement: RunMeasurement {
        var recording = Recording(design: design)
        for request in requests() { recording.add(request) }
        return RunMeasurement(design: design, facts: facts, recording: recording)
    }

    var report: DesignReport { DesignReport(measurement) }
}

extension ThroughputSetting {
    /// An on-demand table as CreateTable makes it.
    static let fresh = ThroughputSetting.onDemand(
        warmRead: 12_000, warmWrite: 4_000, maxRead: nil, maxWrite: nil)
}

extension DesignTable {
    static func orders(
        range: String? = nil, indexes: [DesignIndex] = [], throughput: ThroughputSetting = .fresh
    ) -> DesignTable {
        DesignTable(
            name: "orders", hashKey: DesignKey(name: "customer", type: .string),
            rangeKey: range.map { DesignKey(name: $0, type: .string) }, indexes: indexes,
            throughput: throughput)
    }
}

extension DesignIndex {
    static func byStatus(
        _ projection: ProjectionType = .all, throughput: ThroughputSetting = .fresh
    ) -> DesignIndex {
        DesignIndex(
            name: "by-status", isLocal: false,
            hashKeys: [DesignKey(name: "status", type: .string)], rangeKeys: [],
            projectionType: projection, throughput: throughput)
    }
}

extension Units {
    static func reading(_ units: Double) -> Units {
        Units(read: RequestUnits(halves: Int(units * 2)))
    }
    static func writing(_ units: Int) -> Units { Units(write: RequestUnits(units)) }
}
