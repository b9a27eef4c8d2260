/// Whoever tells that streams have new records, so that nobody needs to poll them: the engine.
package protocol StreamObservation: Sendable {
    /// Calls back whenever records of a stream can be read, with the ids of the open shards that
    /// they are in.
    ///
    /// Called on the thread that commits writes, after they are durable: it must return at once,
    /// and only pass on that there is something. Nothing is called for shards that end, nor for
    /// what was there before. Naming a stream that isn't there is harmless.
    ///
    /// - Returns: what ends the calls when it is let go.
    func observeStream(
        _ streamArn: String, onRecords: @escaping @Sendable (_ shardIds: [String]) -> Void
    ) -> StreamObserver

    /// The sequence number that no readable record of any stream exceeds.
    ///
    /// Whoever starts to read after it misses nothing that is written from now on.
    func lastSequenceNumber() -> String
}

/// An observation that goes on; it ends with `cancel`, or when the last reference is let go.
package final class StreamObserver: Sendable {
    private let end: @Sendable () -> Void

    package init(end: @escaping @Sendable () -> Void) {
        self.end = end
    }

    deinit { end() }

    /// Ends the calls; more than once is harmless.
    package func cancel() { end() }
}
