/// What provisioned mode would need for traffic of one kind against one table or index.
///
/// Partitions' ceilings are apart from it: traffic at one hot key isn't helped by more throughput.
package struct ProvisionedNeed: Sendable, Hashable {
    /// The share of the provisioned throughput that auto scaling aims at where nothing is said.
    package static let targetUtilization = 0.7
    /// Auto scaling lowers the throughput after so many minutes below its target.
    static let scaleInMinutes = 15

    package var meanUnits: Double
    package var peakSecondUnits: Double
    /// The highest mean of a minute.
    package var peakMinuteUnits: Double
    /// The least fixed throughput that never throttles this traffic, in whole units: unused
    /// throughput of earlier seconds serves later ones.
    package var fixedUnits: Int
    /// What auto scaling provisions in the peak minute, and on average over the traffic's time.
    package var autoscaledPeakUnits: Int
    package var autoscaledMeanUnits: Double

    /// - Parameter unitsPerSecond: what was asked for in each second, idle ones too.
    package init(unitsPerSecond: [Double], rules: CapacityRules = .standard) {
        let series = unitsPerSecond.map { $0.isFinite ? max(0, $0) : 0 }
        meanUnits = series.isEmpty ? 0 : series.reduce(0, +) / Double(series.count)
        peakSecondUnits = series.max() ?? 0
        let minutes = stride(from: 0, to: series.count, by: 60).map { start in
            let minute = series[start..<min(start + 60, series.count)]
            return (seconds: minute.count, mean: minute.reduce(0, +) / Double(minute.count))
        }
        peakMinuteUnits = minutes.map(\.mean).max() ?? 0
        fixedUnits = Self.whole(Self.leastRate(serving: series, burstSeconds: rules.burstSeconds))
        var scaled: [(seconds: Int, units: Int)] = []
        for (number, minute) in minutes.enumerated() {
            let recent = minutes[max(0, number + 1 - Self.scaleInMinutes)...number]
            let highest = recent.map(\.mean).max() ?? 0
            scaled.append((minute.seconds, Self.whole(highest / Self.targetUtilization)))
        }
        autoscaledPeakUnits = scaled.map(\.units).max() ?? 0
        let unitSeconds = scaled.reduce(0) { $0 + Double($1.units) * Double($1.seconds) }
        autoscaledMeanUnits = series.isEmpty ? 0 : unitSeconds / Double(series.count)
    }

    /// A throughput as it can be provisioned: at least 1.
    private static func whole(_ units: Double) -> Int {
        Int(min(max(1, (units - 1e-6).rounded(.up)), 1e15))
    }

    /// The least whole rate whose saved units never run out, where nothing is saved at first.
    private static func leastRate(serving series: [Double], burstSeconds: Double) -> Double {
        func serves(_ rate: Double) -> Bool {
            var saved = 0.0
            for units in series {
                saved += rate - units
                if saved < 0 { return false }
                saved = min(saved, rate * burstSeconds)
            }
            return true
        }
        var low = 0.0
        var high = (series.max() ?? 0).rounded(.up)
        while high - low > max(1, high * 1e-12) {
            let middle = ((low + high) / 2).rounded(.down)
            if serves(middle) { high = middle } else { low = middle }
        }
        return high
    }
}
