internal import Glibc
internal import Synchronization

/// One line on the standard error that tells how far long work is.
///
/// `scanning  12,000 of 50,000 items  4,100/s  9.3 s left`. Only a terminal gets it; it is gone
/// when the work ends.
package final class ProgressLine: Sendable {
    private struct State {
        var done = 0
        var total: Int?
        var detail = ""
        var paintedAt = -1.0
        var isShown = false
    }

    private let label: String
    private let noun: String
    private let descriptor: Int32
    private let isOn: Bool
    private let startedAt = ProgressLine.now
    private let state: Mutex<State>
    /// Seconds between two paintings, and before the first: quick work shows none.
    private static let interval = 0.1
    private static let delay = 0.4

    /// - Parameters:
    ///   - label: what is done: `scanning`.
    ///   - noun: what is counted: `items`.
    ///   - total: how many there will be, where that is known.
    package init(
        _ label: String, noun: String, total: Int? = nil, descriptor: Int32 = 2
    ) {
        self.label = label
        self.noun = noun
        self.descriptor = descriptor
        isOn = TerminalScreen.isTerminal(descriptor)
        state = Mutex(State(total: total))
    }

    /// Tells that so many more are done.
    package func advance(by count: Int, detail: String = "") {
        let line = state.withLock { state -> String? in
            state.done += count
            state.detail = detail
            let elapsed = Self.now - startedAt
            guard isOn, elapsed >= Self.delay, elapsed - state.paintedAt >= Self.interval else {
                return nil
            }
            state.paintedAt = elapsed
            state.isShown = true
            return Self.text(
                label: label, noun: noun, done: state.done, total: state.total,
                elapsed: elapsed, detail: state.detail)
        }
        guard let line else { return }
        let width = TerminalScreen.columns(of: descriptor) ?? 80
        TerminalScreen.write(
            "\r\u{1B}[K" + DisplayWidth.truncated(line, to: width - 1), to: descriptor)
    }

    /// Sets how many there will be.
    package func expect(_ total: Int?) { state.withLock { $0.total = total } }

    /// Takes the line away, before anything else is written.
    package func clear() {
        let wasShown = state.withLock { state in
            defer { state.isShown = false }
            return state.isShown
        }
        if wasShown { TerminalScreen.write("\r\u{1B}[K", to: descriptor) }
    }

    /// Seconds since the work began.
    package var elapsed: Double { Self.now - startedAt }
    package var done: Int { state.withLock { $0.done } }

    /// The line's text.
    static func text(
        label: String, noun: String, done: Int, total: Int?, elapsed: Double, detail: String
    ) -> String {
        let rate = elapsed > 0 ? Double(done) / elapsed : 0
        var parts = [label]
        if let total, total >= done {
            parts.append("\(Quantity.count(done)) of \(Quantity.count(total)) \(noun)")
        } else {
            parts.append("\(Quantity.count(done)) \(noun)")
        }
        parts.append(Quantity.rate(rate))
        if let total, total > done, rate > 0 {
            parts.append("\(Quantity.duration(Double(total - done) / rate)) left")
        }
        if !detail.isEmpty { parts.append(detail) }
        return parts.joined(separator: "  ")
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
