package import Operations

/// Conflicts that happen on purpose, so that an application's handling of them can be tested.
///
/// Each transaction, and each write of an item outside of one, draws once; so one sequence of
/// requests meets the same conflicts whenever it is run with the same rate and seed.
package struct ProvokedConflicts: Sendable {
    /// The share of requests that meet a conflict: 0…1.
    package let rate: Double
    package let seed: UInt64
    private var state: UInt64

    /// - Throws: ValidationException for a rate that is not within 0…1.
    package init(rate: Double, seed: UInt64) throws(ServiceError) {
        guard (0...1).contains(rate) else {
            throw .validation("The rate of conflicts must be between 0 and 1")
        }
        self.rate = rate
        self.seed = seed
        state = seed
    }

    /// Whether the next request meets a conflict.
    mutating func draw() -> Bool {
        Double(next() >> 11) * 0x1p-53 < rate
    }

    /// Which of a transaction's actions meets it.
    mutating func position(of count: Int) -> Int {
        count > 0 ? Int(next() % UInt64(count)) : 0
    }

    /// SplitMix64.
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension Engine {
    /// Makes a share of transactions and writes meet a conflict from now on; 0 ends it.
    ///
    /// - Throws: ValidationException for a rate that is not within 0…1.
    package func provokeConflicts(rate: Double, seed: UInt64) throws(ServiceError) {
        conflicts.provoke(try ProvokedConflicts(rate: rate, seed: seed))
    }
}
