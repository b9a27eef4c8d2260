internal import Operations

/// Work that the passing of time makes due: expiring items, rolling and trimming streams,
/// forgetting transaction tokens.
///
/// `Maintenance` runs every chore now and then, and whenever a virtual clock moves. A chore changes
/// the store only through the commit path.
protocol Chore: Sendable {
    /// What it is called in the log.
    var name: String { get }
    /// Real seconds from one run to the next; nil: as often as `Maintenance` does.
    var interval: Double? { get }
    /// Does everything that is due at a time; the completion is called exactly once, when all of
    /// it is committed or has failed (which the chore logs).
    ///
    /// Never called while an earlier run goes on.
    func run(at now: Timestamp, completion: @escaping @Sendable () -> Void)
    /// Asks a run to end as soon as it soundly can, for good; it still calls its completion.
    func stop()
}

extension Chore {
    var interval: Double? { nil }
    func stop() {}
}
