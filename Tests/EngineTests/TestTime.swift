import Operations
import Synchronization

/// A time that stands still until a test moves it.
final class TestTime: Sendable {
    private let seconds: Mutex<Timestamp>

    init(_ seconds: Timestamp) {
        self.seconds = Mutex(seconds)
    }

    /// For `EngineConfiguration.now`.
    var now: @Sendable () -> Timestamp { { self.seconds.withLock { $0 } } }

    func set(_ time: Timestamp) { seconds.withLock { $0 = time } }

    func advance(by seconds: Double) { self.seconds.withLock { $0 += seconds } }
}
