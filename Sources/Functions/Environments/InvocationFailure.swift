internal import Wire

/// A failure of an invocation that Lambda tells, rather than the handler.
struct InvocationFailure: Sendable {
    /// `Sandbox.Timedout` say: what REPORT tells as Error Type.
    var type: String
    /// The error object that the caller gets.
    var payload: [UInt8]
    /// What the log tells; nil where the process has told it itself.
    var logMessage: String?
    /// Whether the function was stopped for its time.
    var isTimeout = false

    /// The process posted an error.
    static func posted(type: String?, payload: [UInt8]) -> InvocationFailure {
        let type = type.flatMap { $0.isEmpty ? nil : $0 } ?? "Runtime.Unknown"
        guard payload.isEmpty else {
            return InvocationFailure(type: type, payload: payload, logMessage: nil)
        }
        let object = JSONValue.object([("errorType", .string(type)), ("errorMessage", .string(""))])
        return InvocationFailure(type: type, payload: object.encoded, logMessage: nil)
    }

    /// The process ended before it had answered.
    static func ended(_ exit: ProcessExit, requestID: String) -> InvocationFailure {
        let reason =
            exit == .exited(0)
            ? "Runtime exited without providing a reason"
            : "Runtime exited with error: \(exit.description)"
        return InvocationFailure("Runtime.ExitError", reason, requestID: requestID)
    }

    static func timedOut(seconds: Int, requestID: String) -> InvocationFailure {
        var failure = InvocationFailure(
            "Sandbox.Timedout", "Task timed out after \(seconds).00 seconds",
            requestID: requestID)
        failure.logMessage = nil
        failure.isTimeout = true
        return failure
    }

    /// There is nothing to run, or it can't be run.
    static func invalidEntrypoint(_ reason: String, requestID: String) -> InvocationFailure {
        InvocationFailure("Runtime.InvalidEntrypoint", reason, requestID: requestID)
    }

    static let responseTooLarge: InvocationFailure = {
        let message =
            "Response payload size exceeded maximum allowed payload size "
            + "(\(RuntimeAPIRequest.bodyByteCountMax) bytes)."
        let type = "Function.ResponseSizeTooLarge"
        let object = JSONValue.object([
            ("errorMessage", .string(message)), ("errorType", .string(type)),
        ])
        return InvocationFailure(type: type, payload: object.encoded, logMessage: message)
    }()

    private init(_ type: String, _ message: String, requestID: String) {
        let object = JSONValue.object([
            ("errorType", .string(type)),
            ("errorMessage", .string("RequestId: \(requestID) Error: \(message)")),
        ])
        self.init(
            type: type, payload: object.encoded, logMessage: "\(message)\n\(type)")
    }

    private init(type: String, payload: [UInt8], logMessage: String?) {
        self.type = type
        self.payload = payload
        self.logMessage = logMessage
    }
}
