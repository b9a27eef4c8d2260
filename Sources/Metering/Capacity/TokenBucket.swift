/// Units that may be spent: they come in at a rate, and what isn't spent is kept up to a bound.
///
/// Spending more than there is leaves a debt, which later units pay first. So in any time T no more
/// than `size + rate × T`, and what the last spender overdrew, is ever spent.
struct TokenBucket: Sendable {
    private(set) var level: Double
    private(set) var rate: Double
    private(set) var size: Double
    private var filled: Double

    /// - Parameters:
    ///   - seconds: how many seconds of its rate it holds.
    ///   - level: what it begins with; nil: one second's, or its size where that is less.
    init(rate: Double, seconds: Double, level: Double? = nil, now: Double) {
        let rate = Self.sane(rate)
        self.rate = rate
        size = rate * seconds
        self.level = min(level ?? rate, size)
        filled = now
    }

    /// Changes the rate from now on; what is saved stays, as far as the bucket can hold it.
    mutating func set(rate: Double, seconds: Double, now: Double) {
        fill(now: now)
        self.rate = Self.sane(rate)
        size = self.rate * seconds
        level = min(level, size)
    }

    /// Adds what came in until now; a time before the last one changes nothing.
    mutating func fill(now: Double) {
        guard now > filled else { return }
        level = min(size, level + (now - filled) * rate)
        filled = now
    }

    /// Whether anything may be spent now.
    ///
    /// Less than a thousandth of a unit is the rounding of times.
    mutating func isOpen(now: Double) -> Bool {
        fill(now: now)
        return level > 0.001
    }

    mutating func spend(_ units: Double, now: Double) {
        fill(now: now)
        level -= units
    }

    /// What there is at a time, without changing anything.
    func level(at now: Double) -> Double { min(size, level + max(0, now - filled) * rate) }

    private static func sane(_ rate: Double) -> Double { rate.isFinite ? max(0, rate) : 0 }
}
