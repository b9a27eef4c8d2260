import Operations

/// The errors that the transport itself answers with.
extension ServiceError {
    /// A request without any signature.
    static var missingAuthenticationToken: ServiceError {
        ServiceError(
            "MissingAuthenticationTokenException", "Request is missing Authentication Token",
            namespace: .coralService)
    }

    /// An access key that nobody knows.
    static var unrecognizedClient: ServiceError {
        ServiceError(
            "UnrecognizedClientException", "The security token included in the request is invalid.",
            namespace: .coralService)
    }

    static func invalidSignature(_ message: String) -> ServiceError {
        ServiceError("InvalidSignatureException", message, namespace: .coralService)
    }

    static func incompleteSignature(_ message: String) -> ServiceError {
        ServiceError("IncompleteSignatureException", message, namespace: .coralService)
    }

    /// An Authorization header without what it needs.
    static func incompleteAuthorization(
        _ authorization: String, lacksCredential: Bool, lacksSignature: Bool,
        lacksSignedHeaders: Bool, lacksDate: Bool
    ) -> ServiceError {
        var message = ""
        for (name, isLacking) in [
            ("Credential", lacksCredential), ("Signature", lacksSignature),
            ("SignedHeaders", lacksSignedHeaders),
        ] where isLacking {
            message += "Authorization header requires '\(name)' parameter. "
        }
        if lacksDate {
            message +=
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' "
                + "header. "
        }
        return incompleteSignature(message + "Authorization=" + authorization)
    }

    /// A request that breaks HTTP, or whose body isn't packed as it says.
    static func malformedRequest(_ message: String) -> ServiceError {
        ServiceError("MalformedHttpRequestException", message, namespace: .coralService)
    }

    static var unreadableContentEncoding: ServiceError {
        malformedRequest(
            "The body could not be decompressed according to the algorithm specified by the "
                + "Content-Encoding header.")
    }

    static func bodyTooLarge(limit: Int) -> ServiceError {
        ServiceError(
            "RequestEntityTooLargeException", "The request body must not exceed \(limit) bytes.",
            namespace: .coralService, status: 413)
    }

    static var requestTimeout: ServiceError {
        ServiceError(
            "RequestTimeoutException", "The request was not received in time.",
            namespace: .coralService, status: 408)
    }
}
