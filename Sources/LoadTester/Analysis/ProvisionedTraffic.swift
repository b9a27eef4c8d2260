internal import Metering
internal import Operations

extension RunMeasurement {
    /// What provisioned mode would need for the traffic of tables and indexes that share one
    /// capacity, second by second.
    func provisionedNeed(of resources: [Int], _ kind: CapacityKind) -> ProvisionedNeed {
        var series: [Double] = []
        for number in resources {
            let heat = recording.resources[number].heat
            let first = heat.first * heat.secondsPerSlot
            for (slot, figures) in heat.slots.enumerated() {
                let units = kind == .read ? figures.units.read : figures.units.write
                let rate = units.value / Double(heat.secondsPerSlot)
                for second in 0..<heat.secondsPerSlot {
                    let index = first + slot * heat.secondsPerSlot + second
                    while series.count <= index { series.append(0) }
                    series[index] += rate
                }
            }
        }
        return ProvisionedNeed(unitsPerSecond: series)
    }
}
