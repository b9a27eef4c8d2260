/// The peak of a table's traffic, as an on-demand table's entitlement follows it.
///
/// Traffic is told by its mean over windows; a window's mean counts once it began long enough ago.
/// Only those that are higher than all before them can ever count, so at most one for each window
/// of that time is kept.
struct ThroughputPeak: Sendable {
    struct Window: Sendable, Hashable, Codable {
        var began: Double
        var unitsPerSecond: Double

        /// When it counts.
        func counts(_ rules: CapacityRules) -> Double { began + rules.peakSeconds }
    }

    /// The highest that counts.
    private(set) var counted: Double
    /// Higher ones that will count, ascending in time and height.
    private(set) var pending: [Window]
    private var began: Double
    private var units = 0.0
    /// When something changes next.
    private var due: Double

    init(counted: Double = 0, pending: [Window] = [], now: Double) {
        self.counted = counted
        self.pending = []
        began = now
        due = -.infinity
        for window in pending.sorted(by: { $0.began < $1.began }) {
            let highest = self.pending.last?.unitsPerSecond ?? counted
            if window.unitsPerSecond.isFinite, window.unitsPerSecond > highest {
                self.pending.append(window)
            }
        }
    }

    /// The highest there was, whether it counts yet or not.
    var highest: Double { pending.last?.unitsPerSecond ?? counted }

    /// Counts traffic, once moved on to its time.
    ///
    /// The first after a pause begins a window.
    mutating func add(_ units: Double, now: Double, rules: CapacityRules) {
        if self.units == 0, now > began {
            began = now
            due = min(now + rules.peakWindowSeconds, pending.first?.counts(rules) ?? .infinity)
        }
        self.units += units
    }

    /// Counts another peak at once: that of an earlier time.
    mutating func raise(to unitsPerSecond: Double) {
        counted = max(counted, unitsPerSecond)
        pending.removeAll { $0.unitsPerSecond <= counted }
    }

    /// Moves on to a time, before traffic of that time is added; tells whether `counted` changed.
    mutating func advance(now: Double, rules: CapacityRules) -> Bool {
        guard now >= due else { return false }
        if now >= began + rules.peakWindowSeconds {
            let mean = units / rules.peakWindowSeconds
            if mean > highest { pending.append(Window(began: began, unitsPerSecond: mean)) }
            let windows = ((now - began) / rules.peakWindowSeconds).rounded(.down)
            began += windows * rules.peakWindowSeconds
            units = 0
        }
        let before = counted
        while let first = pending.first, now >= first.counts(rules) {
            counted = first.unitsPerSecond
            pending.removeFirst()
        }
        due = min(began + rules.peakWindowSeconds, pending.first?.counts(rules) ?? .infinity)
        return counted != before
    }
}
