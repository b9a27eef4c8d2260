internal import Items
internal import Metering
internal import Operations

/// What would be refused at the rate at which a workload ran.
///
/// Sampled requests run through the capacity model, each with all it did: a write that an index
/// can't take is refused as a whole, and takes nothing of its table's capacity. Partitions have
/// split, and on-demand tables have grown.
struct RefusedRequests {
    /// How long the requests go on, over and over again.
    private static let seconds = 120.0

    let design: Design
    let forecasts: [PartitionForecast]
    /// The numbers of local indexes, by that of their table.
    let localIndexes: [Int: [Int]]

    /// The share of requests that are refused.
    ///
    /// - Parameters:
    ///   - measured: which requests count, by when they were due, in seconds.
    ///   - count: how many requests there were in that time.
    func share(of sample: RequestSample, measured: Range<Double>, count: Int) -> Double {
        let shown = sample.requests.filter { measured.contains(Double($0.due) / 1e9) }
        guard !shown.isEmpty, count > 0 else { return 0 }
        let each = Double(count) / Double(shown.count)
        var turn = 0.0
        let requests = shown.map { request in
            CapacityReplay.Request(
                time: Double(request.due) / 1e9, count: each,
                works: request.consumed.flatMap { works(of: $0, turn: &turn) })
        }
        let outcome = CapacityReplay(resources: resources, requests: requests)
            .run(at: 1, lasting: Self.seconds)
        return outcome.refusedShare
    }

    private var resources: [CapacityReplay.Resource] {
        forecasts.indices.filter { design.resources[$0].kind != .localIndex }.map { number in
            CapacityReplay.Resource(
                id: UInt32(clamping: number), throughput: forecasts[number].grown(times: 1),
                partitions: forecasts[number].settled(times: 1),
                localIndexes: (localIndexes[number] ?? []).map { UInt32(clamping: $0) })
        }
    }

    /// Work nobody knows the place of falls anywhere.
    private func works(of consumed: MeasuredUnits, turn: inout Double) -> [CapacityReplay.Work] {
        CapacityKind.allCases.compactMap { kind in
            let units = (kind == .read ? consumed.units.read : consumed.units.write).value
            guard units > 0 else { return nil }
            var place = consumed.place
            if place == nil {
                turn = (turn + 0.618_033_988_749_894_9).truncatingRemainder(dividingBy: 1)
                place = KeyPlace(at: turn, resourceID: UInt32(clamping: consumed.resource))
            }
            return place.map { CapacityReplay.Work(place: $0, kind: kind, units: units) }
        }
    }
}
