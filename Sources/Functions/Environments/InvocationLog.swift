internal import Operations
internal import Synchronization
internal import Wire

/// What one environment logs: what its process writes, split into lines, and what Lambda tells of
/// invocations.
final class InvocationLog: Sendable {
    /// A longer line is split.
    static let lineByteCountMax = 256 << 10
    /// What one invocation may write; the rest is dropped, with a note.
    static let invocationByteCountMax = 16 << 20
    /// The end of the log that an invocation with LogType Tail answers.
    static let tailByteCount = 4096
    /// How a message of several lines begins: Lambda's frame for logs, of a type, a length and a
    /// time in microseconds, big-endian.
    private static let frameStart: [UInt8] = [0xa5, 0x5a, 0x00]
    private static let frameHeaderByteCount = 16

    private struct State {
        /// What has not come to its line's or frame's end.
        var pending: [UInt8] = []
        /// What this invocation may still write.
        var remaining = InvocationLog.invocationByteCountMax
        /// Lines of this invocation, where the tail is wanted.
        var tail: [UInt8]?
    }

    let group: String
    let stream: String
    private let region: String
    private let clock: any ServiceClock
    private let log: any FunctionLog
    private let state = Mutex(State())

    init(
        group: String, stream: String, region: String, clock: any ServiceClock,
        log: any FunctionLog
    ) {
        self.group = group
        self.stream = stream
        self.region = region
        self.clock = clock
        self.log = log
    }

    /// The time that lines are told to be of.
    var now: Timestamp { clock.now() }

    /// Begins an invocation: what is written from now on counts for it.
    func begin(wantsTail: Bool) {
        state.withLock {
            $0.remaining = Self.invocationByteCountMax
            $0.tail = wantsTail ? [] : nil
        }
    }

    /// The last 4 KB of what was logged since the invocation began, where that was wanted.
    func tail() -> [UInt8]? {
        state.withLock { state in
            defer { state.tail = nil }
            return state.tail.map { Array($0.suffix(Self.tailByteCount)) }
        }
    }

    /// Logs messages of the platform, after what the process wrote.
    func write(_ messages: String...) {
        state.withLock { state in
            flush(&state)
            append(messages, &state)
        }
    }

    /// Takes what the process wrote.
    func take(_ bytes: ArraySlice<UInt8>) {
        state.withLock { state in
            guard state.remaining > 0 else { return }
            state.remaining -= bytes.count
            state.pending.append(contentsOf: bytes)
            var messages = takeMessages(&state.pending)
            if state.remaining <= 0 {
                state.pending = []
                messages.append(
                    "[basalt] output of this invocation beyond "
                        + "\(Self.invocationByteCountMax >> 20) MB is dropped")
            }
            append(messages, &state)
        }
    }

    /// Logs a line that has not come to its end.
    private func flush(_ state: inout State) {
        guard !state.pending.isEmpty else { return }
        append([String(decoding: state.pending, as: UTF8.self)], &state)
        state.pending = []
    }

    private func append(_ messages: [String], _ state: inout State) {
        guard !messages.isEmpty else { return }
        let now = clock.now()
        log.append(
            messages.map { LogLine(timestamp: now, message: $0) }, group: group, stream: stream,
            region: region)
        guard state.tail != nil else { return }
        for message in messages {
            state.tail?.append(contentsOf: message.utf8)
            state.tail?.append(UInt8(ascii: "\n"))
        }
        if let count = state.tail?.count, count > 4 * Self.tailByteCount {
            state.tail?.removeFirst(count - Self.tailByteCount)
        }
    }

    /// Takes the whole lines and frames off the front of what was written.
    private func takeMessages(_ pending: inout [UInt8]) -> [String] {
        var messages: [String] = []
        var start = 0
        scan: while start < pending.count {
            let rest = pending[start...]
            if rest.starts(with: Self.frameStart) {
                guard rest.count >= Self.frameHeaderByteCount else { break }
                let length = rest[(start + 4)..<(start + 8)].reduce(0) { $0 << 8 | Int($1) }
                guard length <= Self.invocationByteCountMax else {
                    start += Self.frameStart.count
                    continue
                }
                let content = start + Self.frameHeaderByteCount
                guard pending.count - content >= length else { break }
                var frame = pending[content..<(content + length)]
                while frame.last == UInt8(ascii: "\n") { frame.removeLast() }
                messages += Self.split(frame)
                start = content + length
                continue
            }
            // A line ends at its end, or where a frame begins.
            var end = start
            while end < pending.count, pending[end] != UInt8(ascii: "\n") {
                if pending[end] == Self.frameStart[0],
                    pending[end...].starts(with: Self.frameStart)
                {
                    messages += Self.split(pending[start..<end])
                    start = end
                    continue scan
                }
                end += 1
            }
            guard end < pending.count else {
                // Without an end as yet: what is beyond a line's length goes.
                while pending.count - start >= Self.lineByteCountMax {
                    let cut = Self.cut(pending[start...])
                    messages.append(String(decoding: pending[start..<cut], as: UTF8.self))
                    start = cut
                }
                break
            }
            messages += Self.split(pending[start..<end])
            start = end + 1
        }
        pending.removeFirst(start)
        return messages
    }

    /// A message in pieces of a line's length at most.
    private static func split(_ line: ArraySlice<UInt8>) -> [String] {
        var pieces: [String] = []
        var rest = line
        while rest.count > lineByteCountMax {
            let cut = cut(rest)
            pieces.append(String(decoding: rest[..<cut], as: UTF8.self))
            rest = rest[cut...]
        }
        return pieces + [String(decoding: rest, as: UTF8.self)]
    }

    /// Where a line that is too long is cut: not within a character.
    private static func cut(_ line: ArraySlice<UInt8>) -> Int {
        var cut = line.startIndex + lineByteCountMax
        for _ in 0..<3 where cut < line.endIndex && line[cut] & 0xc0 == 0x80 { cut -= 1 }
        return cut
    }
}
