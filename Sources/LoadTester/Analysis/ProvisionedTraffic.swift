internal import Metering
internal import Operations

extension RunMeasurement {
    /// What provisioned mode would need if the traffic of tables and indexes that share one
    /// capacity went on, second by second.
    ///
    /// A ramp doesn't go on, and what it leaves unused would be counted as burst for ever: only the
    /// whole seconds of steady phases and spikes count, where there are any.
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
        let lasting = lastingSeconds.filter { $0 < series.count }.map { series[$0] }
        return ProvisionedNeed(unitsPerSecond: lasting.isEmpty ? series : lasting)
    }

    /// The whole seconds, since the run began, of steady phases and spikes.
    private var lastingSeconds: [Int] {
        workloadPhases.filter { design.phases[$0].kind != .ramp }.flatMap { phase -> [Int] in
            let began = Int((Double(facts.phases[phase].began) / 1e9).rounded(.up))
            let whole = Int(Double(facts.phases[phase].began) / 1e9 + seconds(of: phase))
            return Array(began..<max(began, whole))
        }
    }
}
