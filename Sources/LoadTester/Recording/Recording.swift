internal import Items
internal import Operations

/// What a run's requests were: figures in bounded memory, however long the run.
///
/// The load phase counts by pattern alone; times, heat and keys are those of the workload.
package struct Recording: Sendable {
    /// What fell on one table or index.
    struct ResourceRecord: Sendable {
        var heat = TimeSlots<HeatSlot>()
        /// By partition key.
        var collections = HottestKeys()
        /// By whole key.
        var items = HottestKeys()
        var requestCount = 0
        /// How many of the requests wrote.
        var writeCount = 0
        /// Of Scans, which walk from the beginning: how many, and the items they came by.
        var walkCount = 0
        var walkedItemCount = 0
    }

    private let phaseKinds: [Phase.Kind]
    private let hasSortKeys: [Bool]
    /// Which patterns are Scans.
    private let walks: [Bool]
    private let patternCount: Int
    /// Pattern by pattern, each phase of it.
    private var records: [PatternRecord]
    /// What the load phases wrote, whatever pattern they tell.
    private(set) var loading: PatternRecord
    private(set) var timeline = TimeSlots<SecondRecord>()
    private(set) var resources: [ResourceRecord]
    /// A fair sample of the workload's requests, each with all it did.
    private(set) var requests = RequestSample()
    private var random: SplitMix

    package init(design: Design) {
        let resources = design.resources
        phaseKinds = design.phases.map(\.kind)
        hasSortKeys = resources.map { $0.index != nil || $0.table.rangeKey != nil }
        walks = design.patterns.map { $0.operation == "Scan" }
        patternCount = design.patterns.count
        let empty = PatternRecord(resourceCount: resources.count)
        records = [PatternRecord](
            repeating: empty, count: design.patterns.count * design.phases.count)
        loading = empty
        self.resources = [ResourceRecord](repeating: ResourceRecord(), count: resources.count)
        random = SplitMix(state: design.seed)
    }

    /// What became of a pattern's requests in a phase.
    func record(pattern: Int, phase: Int) -> PatternRecord? {
        guard (0..<patternCount).contains(pattern), phaseKinds.indices.contains(phase) else {
            return nil
        }
        return records[pattern * phaseKinds.count + phase]
    }

    /// Counts a request; one of no known phase isn't of the run.
    package mutating func add(_ request: CompletedRequest) {
        guard phaseKinds.indices.contains(request.phase) else { return }
        guard phaseKinds[request.phase] != .load else {
            loading.add(request)
            return
        }
        guard (0..<patternCount).contains(request.pattern) else { return }
        records[request.pattern * phaseKinds.count + request.phase].add(request)
        timeline.update(at: request.due) { $0.add(request) }
        requests.offer(request, using: &random)
        for consumed in request.consumed where resources.indices.contains(consumed.resource) {
            add(consumed, of: request)
        }
    }

    private mutating func add(_ consumed: MeasuredUnits, of request: CompletedRequest) {
        let number = consumed.resource
        resources[number].requestCount += 1
        if consumed.units.write.halves > 0 { resources[number].writeCount += 1 }
        let walks = walks[request.pattern] && consumed.place == nil
        if walks {
            resources[number].walkCount += 1
            resources[number].walkedItemCount += request.evaluatedCount
        }
        var random = random
        resources[number].heat.update(at: request.due) {
            $0.add(consumed.units, at: consumed.place, walks: walks, using: &random)
        }
        self.random = random
        guard let place = consumed.place, !consumed.units.isZero else { return }
        resources[number].collections.count(consumed.units, at: place, identity: place.hash)
        guard hasSortKeys[number] else { return }
        var hasher = Hasher()
        place.storedKey.withUnsafeBytes { hasher.combine(bytes: $0) }
        let identity = UInt64(bitPattern: Int64(hasher.finalize()))
        resources[number].items.count(consumed.units, at: place, identity: identity)
    }

    /// Adds what another thread recorded of the same run.
    package mutating func merge(_ other: Recording) {
        for (number, record) in other.records.enumerated() where records.indices.contains(number) {
            records[number].add(record)
        }
        loading.add(other.loading)
        requests.merge(other.requests, using: &random)
        timeline.merge(other.timeline)
        for (number, resource) in other.resources.enumerated()
        where resources.indices.contains(number) {
            resources[number].heat.merge(resource.heat)
            resources[number].collections.merge(resource.collections)
            resources[number].items.merge(resource.items)
            resources[number].requestCount += resource.requestCount
            resources[number].writeCount += resource.writeCount
            resources[number].walkCount += resource.walkCount
            resources[number].walkedItemCount += resource.walkedItemCount
        }
    }
}

/// Keeps what one thread of the driver saw.
package final class RequestRecorder: RunRecorder {
    package private(set) var recording: Recording

    package init(design: Design) {
        recording = Recording(design: design)
    }

    package func record(_ request: CompletedRequest) { recording.add(request) }

    /// What all threads of a run saw.
    package static func merged(_ recorders: [RequestRecorder], of design: Design) -> Recording {
        recorders.reduce(into: Recording(design: design)) { $0.merge($1.recording) }
    }
}
