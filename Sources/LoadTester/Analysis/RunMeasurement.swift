package import Metering
internal import Operations

/// What a table or index held when the workload began.
struct StoredSize: Sendable, Hashable {
    var itemCount: Int
    var byteCount: Int
}

/// All that is known of one design's run: what reports are made of.
package struct RunMeasurement: Sendable {
    package let design: Design
    package let facts: RunFacts
    package let recording: Recording
    /// By number in `Design.resources`; nil where nobody told.
    let stored: [StoredSize?]
    package let prices: PriceList

    package init(
        design: Design, facts: RunFacts, recording: Recording, prices: PriceList = .current
    ) {
        self.design = design
        self.facts = facts
        self.recording = recording
        self.prices = prices
        var stored = [StoredSize?](repeating: nil, count: design.resources.count)
        for loaded in facts.loaded where stored.indices.contains(loaded.resource) {
            stored[loaded.resource] = StoredSize(
                itemCount: loaded.itemCount, byteCount: loaded.byteCount)
        }
        self.stored = stored
    }

    /// The phases that figures are taken from: the steady ones that ran, or else all of the
    /// workload.
    var measuredPhases: [Int] {
        let workload = workloadPhases
        let steady = workload.filter { design.phases[$0].kind == .steady }
        return steady.isEmpty ? workload : steady
    }

    /// The phases that ran and are no load phases.
    var workloadPhases: [Int] {
        design.phases.indices.filter { design.phases[$0].kind != .load && seconds(of: $0) > 0 }
    }

    /// How long requests fell due in a phase: less than was meant where the run was broken off.
    func seconds(of phase: Int) -> Double {
        guard facts.phases.indices.contains(phase), design.phases.indices.contains(phase) else {
            return 0
        }
        let (began, ended) = facts.phases[phase]
        guard ended > began else { return 0 }
        let ran = Double(ended - began) / 1e9
        return design.phases[phase].kind == .load ? ran : min(ran, design.phases[phase].seconds)
    }

    func seconds(of phases: [Int]) -> Double { phases.reduce(0) { $0 + seconds(of: $1) } }

    /// A pattern's requests in some phases.
    func record(pattern: Int, phases: [Int]) -> PatternRecord {
        let empty = PatternRecord(resourceCount: design.resources.count)
        return phases.reduce(into: empty) { sum, phase in
            if let record = recording.record(pattern: pattern, phase: phase) { sum.add(record) }
        }
    }

    /// All requests of some phases.
    func record(phases: [Int]) -> PatternRecord {
        let empty = PatternRecord(resourceCount: design.resources.count)
        return design.patterns.indices.reduce(into: empty) { sum, pattern in
            sum.add(record(pattern: pattern, phases: phases))
        }
    }

    /// What units cost on demand, each at the prices of its table's class.
    func onDemandCost(of units: [Units]) -> Double {
        zip(design.resources, units).reduce(0) {
            $0 + prices.cost(of: $1.1, tableClass: $1.0.table.tableClass)
        }
    }
}

extension DesignResource {
    var kind: ResourceReport.Kind {
        guard let index else { return .table }
        return index.isLocal ? .localIndex : .globalIndex
    }

    /// What it is entitled to; a local index shares its table's.
    var throughput: ThroughputSetting {
        guard let index, !index.isLocal else { return table.throughput }
        return index.throughput
    }

    /// How many attributes of `placeKeys` make up the partition key.
    var hashKeyCount: Int { index.map(\.hashKeys.count) ?? 1 }

    /// The attributes that places of it are made of: an index's have its table's key after its own.
    var placeKeys: [DesignKey] {
        let tableKeys = table.keys
        guard let index else { return tableKeys }
        return index.hashKeys + index.rangeKeys + tableKeys
    }

    /// The attributes of its own key.
    var keys: [DesignKey] {
        guard let index else { return placeKeys }
        return index.hashKeys + index.rangeKeys
    }
}
