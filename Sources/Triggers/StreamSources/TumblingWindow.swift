internal import Operations

/// A span of time whose records share a state that the function hands on from call to call.
struct TumblingWindow: Sendable, Hashable {
    /// What a window begins with.
    static let emptyState: [UInt8] = Array("{}".utf8)
    /// More than this ends the window early.
    static let stateBytesMax = 1_048_576
    /// How long after its end a window waits for records that were being written.
    static let graceSeconds = 0.5

    /// Seconds since 1970: a multiple of the windows' length.
    let start: Timestamp
    /// JSON.
    var state = emptyState

    /// The start of the window that a time is in.
    static func start(of time: Timestamp, seconds: Int) -> Timestamp {
        let length = Double(max(1, seconds))
        return (time / length).rounded(.down) * length
    }
}

/// What an invocation is told of its window.
struct WindowFrame: Sendable {
    let start: Timestamp
    let end: Timestamp
    let state: [UInt8]
    let isFinal: Bool
    let isTerminatedEarly: Bool
}
