/// What a rate with some seconds of unused throughput bears: provisioned capacity, a quota, or
/// what an on-demand table is entitled to.
struct SustainedLimit {
    var unitsPerSecond: Double
    /// How many seconds of what was not used may be spent at once.
    var burstSeconds: Double

    /// The least multiple of recorded rates that it refuses; nil: none up to a greatest.
    ///
    /// - Parameters:
    ///   - rates: units per second, slot of time by slot.
    ///   - measured: the slots that go on for ever.
    func factor(
        refusing rates: [Double], measured: Range<Int>, secondsPerSlot: Double,
        upTo greatest: Double
    ) -> Double? {
        let lasting = Self.mean(rates, in: measured)
        var high = lasting > 0 ? unitsPerSecond / lasting : .infinity
        if let peak = rates.max(), peak > 0 {
            var low = unitsPerSecond / peak
            // No multiple below the peak's can be refused; between it and the mean's, bursts tell.
            if low < high, refuses(rates, times: min(high, greatest), secondsPerSlot) {
                var refused = min(high, greatest)
                for _ in 0..<40 {
                    let middle = (low + refused) / 2
                    if refuses(rates, times: middle, secondsPerSlot) {
                        refused = middle
                    } else {
                        low = middle
                    }
                }
                high = refused
            }
        }
        return high <= greatest ? high : nil
    }

    /// The share of lasting work that is refused at the recorded rates.
    func refusedShare(of rates: [Double], measured: Range<Int>) -> Double {
        let lasting = Self.mean(rates, in: measured)
        return lasting > unitsPerSecond ? 1 - unitsPerSecond / lasting : 0
    }

    private func refuses(_ rates: [Double], times factor: Double, _ seconds: Double) -> Bool {
        let full = unitsPerSecond * burstSeconds
        var level = full
        for rate in rates {
            level += (unitsPerSecond - rate * factor) * seconds
            if level < -1e-9 { return true }
            level = min(level, full)
        }
        return false
    }

    private static func mean(_ rates: [Double], in measured: Range<Int>) -> Double {
        let slots = rates[measured.clamped(to: rates.indices)]
        return slots.isEmpty ? 0 : slots.reduce(0, +) / Double(slots.count)
    }
}
