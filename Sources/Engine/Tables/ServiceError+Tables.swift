package import Operations

/// Errors of the control plane, each text in one place.
extension ServiceError {
    /// A ValidationException that opens with "One or more parameter values were invalid".
    package static func invalidParameterValues(_ reason: String) -> ServiceError {
        .validation("One or more parameter values were invalid: \(reason)")
    }

    /// The control plane's answer for a table that isn't there (the data plane tells no name).
    package static func tableNotFound(named name: String) -> ServiceError {
        .resourceNotFound("Requested resource not found: Table: \(name) not found")
    }

    /// An index that UpdateTable should change or delete isn't there.
    static func indexNotFound(named name: String) -> ServiceError {
        .resourceNotFound("Requested resource not found: Index: \(name) not found")
    }

    /// A table that is UPDATING takes no other change.
    static func tableIsBeingUpdated(named name: String) -> ServiceError {
        .resourceInUse(
            "Attempt to change a resource which is still in use: Table is being updated: \(name)")
    }

    /// A LimitExceededException.
    static func subscriberLimitExceeded(_ reason: String) -> ServiceError {
        .limitExceeded("Subscriber limit exceeded: \(reason)")
    }

    /// What the service answers for a resource that it can't make out.
    static func accessDenied(operation: String, accountID: String) -> ServiceError {
        ServiceError(
            "AccessDeniedException",
            "User: arn:aws:iam::\(accountID):root is not authorized to perform: "
                + "dynamodb:\(operation) on resource: *",
            namespace: .coralService)
    }

    /// What the service answers for a resource of another account.
    static func accessDenied(
        operation: String, resource: String, accountID: String
    ) -> ServiceError {
        ServiceError(
            "AccessDeniedException",
            "User: arn:aws:iam::\(accountID):root is not authorized to perform: "
                + "dynamodb:\(operation) on resource: \(resource) because no resource-based policy "
                + "allows the dynamodb:\(operation) action",
            namespace: .coralService)
    }
}
