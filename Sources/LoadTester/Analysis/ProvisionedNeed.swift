internal import Metering
internal import Operations

extension RunMeasurement {
    /// What provisioned mode would hold for some traffic, in units per second.
    struct ProvisionedNeed {
        /// Enough for the highest second there was.
        var fixedRead: Double
        var fixedWrite: Double
        /// What auto scaling holds, of which traffic is the share that it aims at.
        var scaledRead: Double
        var scaledWrite: Double
    }

    /// The share of the capacity in use that auto scaling aims at.
    private static let targetUse = 0.7

    /// What tables and indexes that share one capacity need.
    func provisionedNeed(of resources: [Int]) -> ProvisionedNeed {
        let phases = measuredPhases
        let seconds = seconds(of: phases)
        let measured = record(phases: phases).units
        let units = resources.reduce(into: Units()) { $0 += measured[$1] }
        func peak(_ value: (Units) -> RequestUnits) -> Double {
            resources.reduce(0) { sum, number in
                let heat = recording.resources[number].heat
                let most = heat.slots.map { value($0.units) }.max() ?? .zero
                return sum + most.value / Double(heat.secondsPerSlot)
            }
        }
        func scaled(_ units: RequestUnits) -> Double {
            (rate(units.value, in: seconds) / Self.targetUse).rounded(.up)
        }
        return ProvisionedNeed(
            fixedRead: peak(\.read).rounded(.up), fixedWrite: peak(\.write).rounded(.up),
            scaledRead: scaled(units.read), scaledWrite: scaled(units.write))
    }
}
