internal import Operations

/// Work that the passing of time makes due: expiring items, rolling and trimming streams,
/// forgetting transaction tokens.
///
/// `Maintenance` runs every chore now and then, and whenever a virtual clock moves. A chore changes
/// the store only through the commit path.
protocol Chore: Sendable {
    /// What it is called in the log.
    var name: String { get }
    /// Does everything that is due at a time; the completion is called exactly once, when all of
    /// it is committed or has failed (which the chore logs).
    func run(at now: Timestamp, completion: @escaping @Sendable () -> Void)
}
