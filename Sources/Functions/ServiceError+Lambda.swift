package import Operations

/// Errors as Lambda's API tells them.
extension ServiceError {
    package static func lambda(_ code: String, _ message: String, _ status: Int = 400) -> Self {
        ServiceError(code, message, namespace: .rest, status: status)
    }

    static func invalidParameterValue(_ message: String) -> Self {
        .lambda("InvalidParameterValueException", message)
    }

    static func notFound(_ message: String) -> Self {
        .lambda("ResourceNotFoundException", message, 404)
    }

    static func functionNotFound(_ arn: String) -> Self { .notFound("Function not found: \(arn)") }

    static func aliasNotFound(_ arn: String) -> Self { .notFound("Cannot find alias arn: \(arn)") }

    /// What several operations answer for what isn't there.
    static let nothingThere = notFound("The resource you requested does not exist.")

    static func conflict(_ message: String) -> Self {
        .lambda("ResourceConflictException", message, 409)
    }

    /// A RevisionId that is no longer the latest.
    ///
    /// - Parameter operations: those that tell the latest one.
    static func staleRevision(askedBy operations: String) -> Self {
        .lambda(
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the "
                + "\(operations) API to retrieve the latest Revision Id", 412)
    }

    /// What cannot be unzipped.
    static let badZip = invalidParameterValue(
        "Could not unzip uploaded file. Please check your file, then try to upload again.")

    /// A fault of ours: files or records that cannot be written, say.
    package static func serviceException(_ message: String) -> Self {
        .lambda("ServiceException", message, 500)
    }
}
