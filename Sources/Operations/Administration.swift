/// What a test may ask of the server beside the service's API.
///
/// Answered under `/_basalt/…`, and only where the operator switched it on.
package enum AdministrationRequest: Sendable {
    case readClock
    /// Moves the clock on by seconds, and does all work that becomes due.
    case advanceClock(seconds: Double)
    /// Moves the clock to a time, which must not lie before its present one.
    case setClock(Timestamp)
    /// Splits a partition of a table in two; nil: the widest one.
    case splitPartition(tableName: String, region: String, partition: Int?)
    /// Makes a share (0…1) of transactions and of writes meet a conflict, drawn from a seed.
    case provokeConflicts(rate: Double, seed: UInt64)
}

package enum AdministrationResponse: Sendable {
    case clock(ClockReading)
    /// How many partitions the table has now.
    case partitionCount(Int)
    case provokedConflicts(rate: Double, seed: UInt64)
}

/// What a clock that can be moved shows.
package struct ClockReading: Sendable, Hashable {
    /// Now, in seconds since 1970.
    package var now: Timestamp
    /// How far it has been moved ahead of the machine's clock, in seconds.
    package var secondsAhead: Double

    package init(now: Timestamp, secondsAhead: Double) {
        self.now = now
        self.secondsAhead = secondsAhead
    }
}

/// Whoever does what an operator asks: the engine.
package protocol AdministrationHandler: Sendable {
    /// The completion is called exactly once, when everything that became due is done.
    func administer(
        _ request: AdministrationRequest,
        completion: @escaping @Sendable (Result<AdministrationResponse, ServiceError>) -> Void)
}
