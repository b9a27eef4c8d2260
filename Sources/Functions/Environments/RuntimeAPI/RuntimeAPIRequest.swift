/// A request of a function's process to the Runtime API.
struct RuntimeAPIRequest {
    /// What of the API it asks for.
    enum Call {
        /// `GET /2018-06-01/runtime/invocation/next`
        case next
        /// `POST /2018-06-01/runtime/invocation/{id}/response`
        case response(requestID: Substring)
        /// `POST /2018-06-01/runtime/invocation/{id}/error`
        case error(requestID: Substring)
        /// `POST /2018-06-01/runtime/init/error`
        case initError
        /// Anything else.
        case unknown
        /// A path of the API with a method that isn't its own.
        case wrongMethod
    }

    /// An answer of a handler has at most 6 MB, and a hundred bytes for what wraps it.
    static let bodyByteCountMax = 6 * 1024 * 1024 + 100

    var call: Call
    /// Of `error` and `initError`, `Runtime.ImportModuleError` say.
    var errorType: String?
    /// At most `bodyByteCountMax` bytes.
    var body: [UInt8] = []
    /// Whether the body was longer: then it isn't here.
    var isTooLarge = false
    /// A streamed answer that failed midway tells so in its trailers: type and body, the latter in
    /// Base64.
    var streamError: (type: String, body: String?)?

    static func call(method: String, uri: String) -> Call {
        let path = uri.prefix { $0 != "?" }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 5, parts[0].isEmpty, parts[1] == "2018-06-01", parts[2] == "runtime"
        else { return .unknown }
        let (call, expected): (Call, String)
        switch (parts.count, parts[3], parts[parts.count - 1]) {
        case (5, "invocation", "next"): (call, expected) = (.next, "GET")
        case (6, "invocation", "response"):
            (call, expected) = (.response(requestID: parts[4]), "POST")
        case (6, "invocation", "error"):
            (call, expected) = (.error(requestID: parts[4]), "POST")
        case (5, "init", "error"): (call, expected) = (.initError, "POST")
        default: return .unknown
        }
        return method == expected ? call : .wrongMethod
    }
}

/// What a process is answered.
struct RuntimeAPIAnswer {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []

    /// Of a response or an error that was taken.
    static let accepted = RuntimeAPIAnswer(
        status: 202, headers: [("Content-Type", "application/json")],
        body: Array(#"{"status":"OK"}"#.utf8) + [0x0a])

    static let invalidRequestID = RuntimeAPIAnswer(
        status: 400, type: "InvalidRequestID", message: "Invalid request ID")

    static let tooLarge = RuntimeAPIAnswer(
        status: 413, type: "RequestEntityTooLarge",
        message: "Exceeded maximum allowed payload size "
            + "(\(RuntimeAPIRequest.bodyByteCountMax) bytes).")

    static let notFound = RuntimeAPIAnswer(
        status: 404, headers: [("Content-Type", "text/plain; charset=utf-8")],
        body: Array("404 page not found\n".utf8))

    static let wrongMethod = RuntimeAPIAnswer(status: 405)

    /// Of what isn't HTTP.
    static let unreadable = RuntimeAPIAnswer(status: 400)

    /// What doesn't fit the state that the environment is in.
    static func forbidden(from state: String, to wanted: String) -> RuntimeAPIAnswer {
        RuntimeAPIAnswer(
            status: 403, type: "InvalidStateTransition",
            message: "Transition from \(state) to \(wanted) is not allowed.")
    }
}

extension RuntimeAPIAnswer {
    private init(status: Int, type: String, message: String) {
        self.init(
            status: status, headers: [("Content-Type", "application/json")],
            body: Array(#"{"errorMessage":"\#(message)","errorType":"\#(type)"}"#.utf8) + [0x0a])
    }
}
