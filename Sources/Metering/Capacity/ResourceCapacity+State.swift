internal import Items

extension ResourceCapacity {
    /// What must survive a restart: partitions, peaks, unused throughput.
    package struct State: Sendable, Hashable, Codable {
        /// Of reads, or of writes.
        struct Allowance: Sendable, Hashable, Codable {
            var peak: Double
            var pending: [ThroughputPeak.Window]
            var provisionedPeak: Double
            var isOnDemand: Bool
            /// What was left in the bucket that saves up, and when.
            var burst: Double
            var savedAt: Double

            func moved(by seconds: Double) -> Allowance {
                guard seconds != 0 else { return self }
                var moved = self
                moved.savedAt += seconds
                for place in pending.indices { moved.pending[place].began += seconds }
                return moved
            }
        }

        /// The first place of each partition.
        package var partitions: [[UInt8]]
        var read: Allowance
        var write: Allowance
    }

    /// What to store, to go on with after a restart (times are as they came in).
    package func state(now: Double) -> State {
        let now = clock.time(at: now)
        return State(
            partitions: partitions.map(\.storedKey),
            read: reads.saved(now: now).moved(by: -clock.shift),
            write: writes.saved(now: now).moved(by: -clock.shift))
    }
}
