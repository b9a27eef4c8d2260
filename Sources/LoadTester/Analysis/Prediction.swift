internal import Items
internal import Metering
internal import Operations

extension RunMeasurement {
    /// The greatest multiple of the rate that is looked at.
    private static let factorMax = 100.0

    /// When the real service would throttle, by the capacity model (docs/capacity-model.md).
    var predictionReport: PredictionReport {
        let traffic = design.resources.indices.map { replayTraffic(of: $0) }
        let forecasts = design.resources.indices.map { number in
            PartitionForecast(
                traffic: traffic[number], resourceID: UInt32(clamping: number),
                throughput: design.resources[number].throughput,
                splitsCollections: !design.resources[number].table.indexes.contains(
                    where: \.isLocal))
        }
        var lasting = design.resources.indices.flatMap { limits(of: $0, traffic: traffic[$0]) }
        lasting += quotas(traffic)
        for number in design.resources.indices {
            // Beyond a limit that is met anyway, partitions needn't be looked at.
            let least = lasting.map(\.factor).min() ?? Self.factorMax
            if let found = forecasts[number].factor(upTo: max(least, 1)) {
                lasting.append(met(found, of: number))
            }
        }
        let cold = design.resources.indices.flatMap { warmLimits(of: $0, traffic: traffic[$0]) }
        let grown = lasting.min { $0.factor < $1.factor }
        let coldest = cold.map(\.factor).min() ?? .infinity
        // Work that lies evenly, but for chance, meets the limit of its table and of its partitions
        // at once.
        let unsplit = design.resources.indices.compactMap { number in
            forecasts[number].factorBeforeSplits(upTo: Self.factorMax).map { met($0, of: number) }
        }.filter { $0.factor * (1 + ($0.uncertainty ?? 0)) < 0.95 * coldest }
        let first = (lasting + cold + unsplit).min { $0.factor < $1.factor }
        return PredictionReport(
            factorMax: Self.factorMax, asCreated: first, grown: grown,
            refusedShare: (grown?.factor ?? .infinity) <= 1 ? refusedShare(forecasts) : 0)
    }

    private func replayTraffic(of number: Int) -> ReplayTraffic {
        ReplayTraffic(
            recording.resources[number], resourceID: UInt32(clamping: number),
            measured: measuredSeconds, walked: walkedPlaces(of: number))
    }

    /// Places that a Scan comes by, from the beginning of a table or index as far as one of them
    /// walks on average; all of it where nobody told how many items there are.
    func walkedPlaces(of number: Int) -> [KeyPlace] {
        let record = recording.resources[number]
        guard record.walkCount > 0 else { return [] }
        var places =
            facts.loaded.first { $0.resource == number && !$0.places.isEmpty }?.places.sorted()
            ?? (0..<4 * HeatSlot.rangeCount).map {
                KeyPlace(
                    at: (Double($0) + 0.5) / Double(4 * HeatSlot.rangeCount),
                    resourceID: UInt32(clamping: number))
            }
        if let itemCount = stored[number]?.itemCount, itemCount > 0 {
            let mean = Double(record.walkedItemCount) / Double(record.walkCount)
            let share = min(1, mean / Double(itemCount))
            places = Array(places.prefix(max(1, Int((share * Double(places.count)).rounded()))))
        }
        return places
    }

    private func refusedShare(_ forecasts: [PartitionForecast]) -> Double {
        let tables = design.resources.indices.filter { design.resources[$0].kind == .table }
        let refused = RefusedRequests(
            design: design, forecasts: forecasts,
            localIndexes: Dictionary(
                uniqueKeysWithValues: tables.map { ($0, localIndexes(of: $0)) }))
        return refused.share(
            of: recording.requests, measured: measuredSeconds,
            count: record(phases: measuredPhases).requestCount)
    }

    /// From when the first measured phase began to when the last one ended, in seconds.
    private var measuredSeconds: Range<Double> {
        let phases = measuredPhases
        let began = phases.map { Double(facts.phases[$0].began) / 1e9 }.min() ?? 0
        let ended = phases.map { Double(facts.phases[$0].began) / 1e9 + seconds(of: $0) }.max() ?? 0
        return began..<max(began, ended)
    }

    // MARK: Limits of whole tables

    /// What is provisioned, and the maxima of on-demand tables; of local indexes none: what they
    /// take is their table's.
    private func limits(of number: Int, traffic: ReplayTraffic) -> [PredictionReport.Met] {
        let resource = design.resources[number]
        guard resource.kind != .localIndex else { return [] }
        let burst = CapacityRules.standard.burstSeconds
        let rates = sharedRates(of: number, own: traffic)
        func met(_ kind: CapacityKind, _ units: Double?, _ limit: ThrottleLimit)
            -> PredictionReport.Met?
        {
            guard let units else { return nil }
            return self.met(
                SustainedLimit(unitsPerSecond: units, burstSeconds: burst), kind, limit,
                rates: rates(kind), traffic: traffic, name: resource.name)
        }
        return switch resource.throughput {
        case .provisioned(let read, let write):
            [
                met(.read, read, .provisionedThroughput),
                met(.write, write, .provisionedThroughput),
            ].compactMap(\.self)
        case .onDemand(_, _, let maxRead, let maxWrite):
            [met(.read, maxRead, .maxOnDemand), met(.write, maxWrite, .maxOnDemand)]
                .compactMap(\.self)
        }
    }

    /// What an on-demand table or index bears before it has grown.
    private func warmLimits(of number: Int, traffic: ReplayTraffic) -> [PredictionReport.Met] {
        let resource = design.resources[number]
        guard resource.kind != .localIndex,
            case .onDemand(let warmRead, let warmWrite, _, _) = resource.throughput
        else { return [] }
        let rates = sharedRates(of: number, own: traffic)
        let seconds = CapacityRules.standard.ceilingSeconds
        return [(CapacityKind.read, warmRead), (.write, warmWrite)].compactMap { kind, units in
            met(
                SustainedLimit(unitsPerSecond: units, burstSeconds: seconds), kind,
                .keyRange, rates: rates(kind), traffic: traffic, name: resource.name)
        }
    }

    /// The quotas of each table with its indexes, and of the account.
    private func quotas(_ traffic: [ReplayTraffic]) -> [PredictionReport.Met] {
        let rules = CapacityRules.standard
        func quota(_ units: Double, of numbers: [Int], name: String) -> [PredictionReport.Met] {
            CapacityKind.allCases.compactMap { kind in
                guard
                    let longest = numbers.max(by: {
                        traffic[$0].slots.count < traffic[$1].slots.count
                    })
                else { return nil }
                return met(
                    SustainedLimit(unitsPerSecond: units, burstSeconds: rules.ceilingSeconds), kind,
                    .account, rates: sum(numbers.map { traffic[$0].rates(kind) }),
                    traffic: traffic[longest], name: name)
            }
        }
        let all = Array(design.resources.indices)
        let singles = all.filter { design.resources[$0].kind != .localIndex }.flatMap { number in
            quota(
                rules.tableUnits, of: [number] + localIndexes(of: number),
                name: design.resources[number].name)
        }
        return singles
            + (design.resources.count > 1
                ? quota(rules.accountUnits, of: all, name: "the account") : [])
    }

    private func met(
        _ limit: SustainedLimit, _ kind: CapacityKind, _ name: ThrottleLimit, rates: [Double],
        traffic: ReplayTraffic, name resource: String
    ) -> PredictionReport.Met? {
        guard
            let factor = limit.factor(
                refusing: rates, measured: traffic.measured, secondsPerSlot: traffic.secondsPerSlot,
                upTo: Self.factorMax)
        else { return nil }
        return PredictionReport.Met(
            factor: factor, resource: resource, kind: kind.rawValue, limit: name.rawValue,
            refusedShare: limit.refusedShare(of: rates, measured: traffic.measured))
    }

    /// A table's rates with those of its local indexes.
    private func sharedRates(of number: Int, own: ReplayTraffic) -> (CapacityKind) -> [Double] {
        let others = localIndexes(of: number).map { replayTraffic(of: $0) }
        return { kind in sum([own.rates(kind)] + others.map { $0.rates(kind) }) }
    }

    private func localIndexes(of number: Int) -> [Int] {
        guard design.resources[number].kind == .table else { return [] }
        return design.resources.indices.filter {
            design.resources[$0].kind == .localIndex && tableNumber(of: $0) == number
        }
    }

    // MARK: Limits of partitions

    private func met(_ found: PartitionForecast.Found, of number: Int) -> PredictionReport.Met {
        let (factor, refusal) = found
        return PredictionReport.Met(
            factor: factor, resource: design.resources[number].name, kind: refusal.kind.rawValue,
            limit: ThrottleLimit.keyRange.rawValue, partition: refusal.partition,
            key: hotKey(in: refusal, of: number, times: factor), refusedShare: refusal.refusedShare,
            uncertainty: refusal.uncertainty)
    }

    /// The key that makes up most of a partition's work; nil where there is none such.
    private func hotKey(
        in refusal: PartitionForecast.Refusal, of number: Int, times factor: Double
    ) -> String? {
        let measured = record(phases: measuredPhases).units[number]
        let keys = recording.resources[number].collections.heaviest.prefix(20)
        let reports = keyReports(
            recording.resources[number].collections, of: number, wholeKeys: false, units: measured,
            limit: 20)
        for (counter, report) in zip(keys, reports) {
            let place = counter.place
            let isInside =
                place.hash >= refusal.lower.hash
                && refusal.upper.map { place.hash <= $0.hash } ?? true
            let rate =
                refusal.kind == .read
                ? report.readUnitsPerSecond : report.writeUnitsPerSecond
            let ceiling = CapacityRules.standard.partitionUnits(refusal.kind)
            if isInside, rate * factor >= ceiling / 2 { return report.text }
        }
        return nil
    }
}

/// The sums of several series, each as long as it is.
private func sum(_ series: [[Double]]) -> [Double] {
    var sums = [Double](repeating: 0, count: series.map(\.count).max() ?? 0)
    for values in series {
        for (index, value) in values.enumerated() { sums[index] += value }
    }
    return sums
}
