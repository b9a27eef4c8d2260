internal import Operations

extension LatencyReport {
    /// Which points a plot has, as far as there are requests to tell them by.
    private static let plotted: [Double] = [
        0, 10, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.75, 99.9, 99.95, 99.975, 99.99, 99.999,
    ]

    init(_ latencies: Latencies) {
        let count = latencies.count
        let told = Self.plotted.filter { $0 <= 99 || Double(count) * (100 - $0) >= 100 }
        var curve =
            count == 0
            ? [] : told.map { Point(percentile: $0, milliseconds: latencies.percentile($0)) }
        if count > 0 { curve.append(Point(percentile: 100, milliseconds: latencies.longest)) }
        self.init(
            count: count, meanMilliseconds: latencies.mean,
            p50Milliseconds: latencies.percentile(50), p90Milliseconds: latencies.percentile(90),
            p99Milliseconds: latencies.percentile(99), p999Milliseconds: latencies.percentile(99.9),
            maxMilliseconds: latencies.longest, curve: curve)
    }
}

extension ItemSizeReport {
    init?(_ sizes: ItemSizes) {
        guard sizes.count > 0 else { return nil }
        self.init(
            count: sizes.count, meanBytes: sizes.mean, p50Bytes: sizes.percentile(50),
            p99Bytes: sizes.percentile(99), maxBytes: sizes.largest)
    }
}

extension RunMeasurement {
    var phaseReports: [PhaseReport] {
        let measured = Set(measuredPhases)
        return design.phases.enumerated().map { number, phase in
            let isLoad = phase.kind == .load
            let record = isLoad ? recording.loading : record(phases: [number])
            let seconds = seconds(of: number)
            let began = facts.phases.indices.contains(number) ? facts.phases[number].began : 0
            return PhaseReport(
                name: phase.name, kind: phase.kind.rawValue, beganSeconds: Double(began) / 1e9,
                seconds: seconds, isMeasured: measured.contains(number),
                requestCount: record.requestCount,
                requestsPerSecond: rate(Double(record.requestCount), in: seconds),
                latency: LatencyReport(record.latencies), errorCount: record.errorCount,
                throttleCount: record.throttleCount, readUnits: record.total.read.value,
                writeUnits: record.total.write.value)
        }
    }

    var workloadReport: WorkloadReport {
        let phases = measuredPhases
        let record = record(phases: phases)
        let seconds = seconds(of: phases)
        let total = record.total
        let cost = onDemandCost(of: record.units)
        return WorkloadReport(
            requestCount: record.requestCount, seconds: seconds,
            requestsPerSecond: rate(Double(record.requestCount), in: seconds),
            latency: LatencyReport(record.latencies),
            serviceTime: LatencyReport(record.serviceTimes), errorCount: record.errorCount,
            throttleCount: record.throttleCount, readUnits: total.read.value,
            writeUnits: total.write.value, readUnitsPerSecond: rate(total.read.value, in: seconds),
            writeUnitsPerSecond: rate(total.write.value, in: seconds),
            usdPerMillionRequests: perRequest(cost, of: record) * 1_000_000)
    }

    var patternReports: [PatternReport] {
        let phases = measuredPhases
        let seconds = seconds(of: phases)
        return design.patterns.enumerated().map { number, pattern in
            report(of: pattern, record: record(pattern: number, phases: phases), seconds: seconds)
        }
    }

    private func report(
        of pattern: AccessPattern, record: PatternRecord, seconds: Double
    ) -> PatternReport {
        let cost = onDemandCost(of: record.units)
        let requestsPerSecond = rate(Double(record.requestCount), in: seconds)
        let units = zip(design.resources, record.units).filter { !$0.1.isZero }.map {
            UnitsByResource(
                resource: $0.name, readUnits: $1.read.value, writeUnits: $1.write.value)
        }
        return PatternReport(
            name: pattern.name, operation: pattern.operation,
            resource: pattern.indexName.map { "\(pattern.tableName)/\($0)" } ?? pattern.tableName,
            requestCount: record.requestCount, requestsPerSecond: requestsPerSecond,
            targetRequestsPerSecond: pattern.targetRate,
            latency: LatencyReport(record.latencies),
            serviceTime: LatencyReport(record.serviceTimes),
            errors: counts(record.errors), throttleCount: record.throttleCount,
            throttles: counts(record.throttleReasons), units: units,
            readUnitsPerRequest: perRequest(record.total.read.value, of: record),
            writeUnitsPerRequest: perRequest(record.total.write.value, of: record),
            usdPerMillionRequests: perRequest(cost, of: record) * 1_000_000,
            usdPerMonth: rate(cost, in: seconds) * Month.seconds,
            itemSizes: ItemSizeReport(record.itemSizes), returnedCount: record.returnedCount,
            evaluatedCount: record.evaluatedCount)
    }

    var loadingReport: LoadingReport {
        let record = recording.loading
        return LoadingReport(
            requestCount: record.requestCount, errorCount: record.errorCount,
            throttleCount: record.throttleCount, readUnits: record.total.read.value,
            writeUnits: record.total.write.value, usd: onDemandCost(of: record.units))
    }

    var timelineReport: TimelineReport {
        let timeline = recording.timeline
        let seconds = Double(timeline.secondsPerSlot)
        let slots = timeline.slots
        return TimelineReport(
            secondsPerSlot: timeline.secondsPerSlot,
            firstSecond: timeline.first * timeline.secondsPerSlot,
            requestsPerSecond: slots.map { Double($0.requestCount) / seconds },
            p50Milliseconds: slots.map { $0.latencies.percentile(50) },
            p99Milliseconds: slots.map { $0.latencies.percentile(99) },
            errorsPerSecond: slots.map { Double($0.errorCount) / seconds },
            throttlesPerSecond: slots.map { Double($0.throttleCount) / seconds },
            readUnitsPerSecond: slots.map { $0.units.read.value / seconds },
            writeUnitsPerSecond: slots.map { $0.units.write.value / seconds })
    }

    func rate(_ amount: Double, in seconds: Double) -> Double {
        seconds > 0 ? amount / seconds : 0
    }

    private func perRequest(_ amount: Double, of record: PatternRecord) -> Double {
        record.requestCount == 0 ? 0 : amount / Double(record.requestCount)
    }

    private func counts(_ byReason: [String: Int]) -> [CountByReason] {
        byReason.map { CountByReason(reason: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
    }
}

/// The month that dollars are reckoned for.
enum Month {
    static let hours = 730.0
    static let seconds = hours * 3_600
}
