internal import Operations

/// Rings at a time of the clock, until it is set to another.
///
/// For a single task, which must set it to nil in the end.
struct Alarm: ~Copyable {
    private let clock: any ServiceClock
    private let ring: @Sendable () -> Void
    private var time: Timestamp?
    private var task: Task<Void, Never>?

    init(_ clock: any ServiceClock, ring: @escaping @Sendable () -> Void) {
        self.clock = clock
        self.ring = ring
    }

    mutating func set(_ time: Timestamp?) {
        guard time != self.time else { return }
        task?.cancel()
        task = nil
        self.time = time
        guard let time else { return }
        task = Task { [clock, ring] in
            guard (try? await clock.sleep(until: time)) != nil else { return }
            ring()
        }
    }

    /// To be called after it rang: the same time may be set again.
    mutating func didRing() { time = nil }
}
