package import Operations

/// Where what functions print goes.
package protocol FunctionLog: Sendable {
    /// Appends lines to a stream of a log group, making both where they aren't there. Never blocks
    /// and never fails its caller.
    func append(_ lines: [LogLine], group: String, stream: String, region: String)
}

/// One event of a log stream.
package struct LogLine: Sendable, Hashable {
    package var timestamp: Timestamp
    /// Without the line end.
    package var message: String

    package init(timestamp: Timestamp, message: String) {
        self.timestamp = timestamp
        self.message = message
    }
}
