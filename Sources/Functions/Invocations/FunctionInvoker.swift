package import Operations

/// A synchronous invocation of a function.
package struct Invocation: Sendable {
    package var function: ResolvedFunction
    package var payload: [UInt8]
    /// A UUID: what the handler sees as aws_request_id.
    package var requestID: String
    /// The decoded X-Amz-Client-Context, JSON.
    package var clientContext: String?
    /// The content of X-Amzn-Trace-Id; made where there is none.
    package var traceID: String?
    /// Whether the last 4 KB of the log are wanted.
    package var wantsLogTail: Bool

    package init(
        function: ResolvedFunction, payload: [UInt8], requestID: String,
        clientContext: String? = nil, traceID: String? = nil, wantsLogTail: Bool = false
    ) {
        self.function = function
        self.payload = payload
        self.requestID = requestID
        self.clientContext = clientContext
        self.traceID = traceID
        self.wantsLogTail = wantsLogTail
    }
}

/// What an invocation came to.
package struct InvocationResult: Sendable {
    /// nil where the handler returned.
    ///
    /// Lambda tells `Unhandled` for every failure nowadays, of which
    /// the payload has errorMessage and errorType.
    package var functionError: String?
    /// The handler's answer, or the error object; at most 6 MB.
    package var payload: [UInt8]
    /// `$LATEST`, or a number.
    package var executedVersion: String
    package var logTail: [UInt8]?

    package init(
        functionError: String? = nil, payload: [UInt8], executedVersion: String,
        logTail: [UInt8]? = nil
    ) {
        self.functionError = functionError
        self.payload = payload
        self.executedVersion = executedVersion
        self.logTail = logTail
    }
}

/// Whoever runs functions: the environments.
package protocol FunctionInvoker: Sendable {
    /// Runs a function and returns what it came to; a handler's failure is a result, not an error.
    ///
    /// - Throws: TooManyRequestsException (429) where concurrency is exhausted, and errors of
    ///   starting (502, InvalidRuntimeException say).
    func invoke(_ invocation: Invocation) async throws(ServiceError) -> InvocationResult

    /// A function is gone, or one version of it: what is kept for its next invocation goes; what
    /// runs finishes.
    func discard(functionArn: String, version: String?)
}

extension FunctionInvoker {
    /// For those who keep nothing.
    package func discard(functionArn: String, version: String?) {}
}

/// Whoever takes asynchronous invocations (InvocationType `Event`, schedules, destinations).
package protocol EventQueue: Sendable {
    /// Keeps an event durably; it is run, retried and sent to its destination from then on.
    func enqueue(_ invocation: Invocation) async throws(ServiceError)
}
