import Operations

/// What a table or global index as a whole may read, or write.
struct Allowance: Sendable {
    private(set) var peak: ThroughputPeak
    /// The highest that was provisioned.
    private(set) var provisionedPeak: Double
    private let kind: CapacityKind
    private var isOnDemand: Bool
    private var warm: Double
    /// What is provisioned, or an on-demand table's entitlement.
    private(set) var entitlement: TokenBucket
    private(set) var maximum: TokenBucket?
    private var quota: TokenBucket?

    init(
        _ kind: CapacityKind, throughput: ThroughputSetting,
        saved: ResourceCapacity.State.Allowance?,
        rules: CapacityRules, now: Double
    ) {
        self.kind = kind
        peak = ThroughputPeak(counted: saved?.peak ?? 0, pending: saved?.pending ?? [], now: now)
        provisionedPeak = saved?.provisionedPeak ?? 0
        isOnDemand = throughput.isOnDemand
        warm = throughput.units(kind)
        entitlement = TokenBucket(rate: 0, seconds: 0, now: now)
        _ = peak.advance(now: now, rules: rules)
        apply(throughput, rules: rules, now: now)
        if let saved, saved.isOnDemand == isOnDemand {
            restore(saved, throughput: throughput, rules: rules, now: now)
        }
    }

    /// Units per second: what is provisioned, or twice the peak that counts, at least what is warm.
    var unitsPerSecond: Double { entitlement.rate }

    mutating func set(_ throughput: ThroughputSetting, rules: CapacityRules, now: Double) {
        apply(throughput, rules: rules, now: now)
    }

    /// The limit that is met now, in the order in which a request passes them.
    mutating func limit(rules: CapacityRules, now: Double) -> ThrottleLimit? {
        advance(rules: rules, now: now)
        if maximum?.isOpen(now: now) == false { return .maxOnDemand }
        if quota?.isOpen(now: now) == false { return .account }
        if entitlement.isOpen(now: now) { return nil }
        return isOnDemand ? .keyRange : .provisionedThroughput
    }

    /// Whether work that is refused now never came as far as a partition.
    ///
    /// What a setting or a quota refuses is turned away at the door. More than an on-demand table
    /// is entitled to does ask for more partitions.
    mutating func refusesAtDoor(now: Double) -> Bool {
        if maximum?.isOpen(now: now) == false || quota?.isOpen(now: now) == false { return true }
        return !isOnDemand && !entitlement.isOpen(now: now)
    }

    mutating func charge(_ units: Double, rules: CapacityRules, now: Double) {
        advance(rules: rules, now: now)
        peak.add(units, now: now, rules: rules)
        entitlement.spend(units, now: now)
        maximum?.spend(units, now: now)
        quota?.spend(units, now: now)
    }

    /// Lets peaks count whose time has come.
    mutating func advance(rules: CapacityRules, now: Double) {
        guard peak.advance(now: now, rules: rules), isOnDemand else { return }
        entitlement.set(rate: max(warm, 2 * peak.counted), seconds: rules.ceilingSeconds, now: now)
    }

    /// What must survive a restart.
    func saved(now: Double) -> ResourceCapacity.State.Allowance {
        ResourceCapacity.State.Allowance(
            peak: peak.counted, pending: peak.pending, provisionedPeak: provisionedPeak,
            isOnDemand: isOnDemand, burst: (maximum ?? entitlement).level(at: now), savedAt: now)
    }

    private mutating func apply(_ throughput: ThroughputSetting, rules: CapacityRules, now: Double)
    {
        let wasOnDemand = isOnDemand
        isOnDemand = throughput.isOnDemand
        warm = throughput.units(kind)
        guard isOnDemand else {
            provisionedPeak = max(provisionedPeak, warm)
            maximum = nil
            quota = nil
            if wasOnDemand || entitlement.size == 0 {
                entitlement = TokenBucket(rate: warm, seconds: rules.burstSeconds, now: now)
            } else {
                entitlement.set(rate: warm, seconds: rules.burstSeconds, now: now)
            }
            return
        }
        // The service takes half of what was provisioned as the peak of a table that switches.
        peak.raise(to: provisionedPeak / 2)
        let rate = max(warm, 2 * peak.counted)
        if wasOnDemand, entitlement.size > 0 {
            entitlement.set(rate: rate, seconds: rules.ceilingSeconds, now: now)
        } else {
            entitlement = TokenBucket(rate: rate, seconds: rules.ceilingSeconds, now: now)
        }
        quota =
            quota ?? TokenBucket(rate: rules.tableUnits, seconds: rules.ceilingSeconds, now: now)
        guard let most = throughput.maximum(kind) else {
            maximum = nil
            return
        }
        if maximum?.set(rate: most, seconds: rules.burstSeconds, now: now) == nil {
            maximum = TokenBucket(rate: most, seconds: rules.burstSeconds, now: now)
        }
    }

    /// Goes on with the burst of another run, whose unused throughput since then counts.
    private mutating func restore(
        _ saved: ResourceCapacity.State.Allowance, throughput: ThroughputSetting,
        rules: CapacityRules, now: Double
    ) {
        guard saved.burst.isFinite, saved.savedAt.isFinite, saved.savedAt <= now else { return }
        let rate = isOnDemand ? throughput.maximum(kind) : throughput.units(kind)
        guard let rate else { return }
        var bucket = TokenBucket(
            rate: rate, seconds: rules.burstSeconds, level: saved.burst, now: saved.savedAt)
        bucket.fill(now: now)
        if isOnDemand { maximum = bucket } else { entitlement = bucket }
    }
}
