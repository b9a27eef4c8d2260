package import Operations

/// The account's quotas of reads and writes, which all of its on-demand tables and their indexes
/// share.
///
/// Asked after a table's own capacity, whose limits are the narrower ones, and charged with it.
package struct AccountCapacity: Sendable {
    private var read: TokenBucket
    private var write: TokenBucket
    private var clock: SteadyTime

    package init(rules: CapacityRules = .standard, now: Double) {
        read = TokenBucket(rate: rules.accountUnits, seconds: rules.ceilingSeconds, now: now)
        write = read
        clock = SteadyTime(now)
    }

    /// `account` where the quota is used up; nil where work may go on.
    package mutating func limit(_ kind: CapacityKind, now: Double) -> ThrottleLimit? {
        let now = clock.move(to: now)
        let isOpen = kind == .read ? read.isOpen(now: now) : write.isOpen(now: now)
        return isOpen ? nil : .account
    }

    /// Takes what work cost.
    package mutating func charge(_ kind: CapacityKind, units: Double, now: Double) {
        guard units > 0, units.isFinite else { return }
        let now = clock.move(to: now)
        if kind == .read { read.spend(units, now: now) } else { write.spend(units, now: now) }
    }
}
