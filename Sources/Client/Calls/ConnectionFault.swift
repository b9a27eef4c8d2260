internal import Operations

/// Errors of calls that got no answer, named as SDKs name them.
package enum ConnectionFault {
    package static let noConnection = "EndpointConnectionError"
    package static let timeout = "ReadTimeoutError"
    package static let cancelled = "RequestCancelled"
    package static let tooLarge = "ResponseTooLarge"
    package static let invalidEndpoint = "InvalidEndpoint"
    package static let unreadable = "ResponseParserError"

    static func noConnection(_ url: String, _ reason: String) -> ServiceError {
        ServiceError(
            noConnection, "Could not connect to the endpoint URL: \"\(url)\" (\(reason))",
            namespace: .rest, status: 503)
    }

    static func timeout(_ url: String) -> ServiceError {
        ServiceError(
            timeout, "Read timeout on endpoint URL: \"\(url)\"", namespace: .rest, status: 504)
    }

    static let cancelledError = ServiceError(
        cancelled, "The request was cancelled", namespace: .rest, status: 499)

    static func tooLarge(_ url: String, bytesMax: Int) -> ServiceError {
        ServiceError(
            tooLarge, "The answer of \"\(url)\" is larger than \(bytesMax) bytes",
            namespace: .rest, status: 413)
    }

    static func invalidEndpoint(_ endpoint: String) -> ServiceError {
        ServiceError(
            invalidEndpoint, "'\(endpoint)' is no endpoint like http://127.0.0.1:8000",
            namespace: .rest)
    }

    static func unreadable(_ what: String) -> ServiceError {
        ServiceError(unreadable, "\(what) is not what the protocol says", namespace: .rest)
    }
}
