package import Items

/// An error as the service answers it: type, message, HTTP status.
package struct ServiceError: Error, Sendable {
    /// Which prefix the error's `__type` has.
    package enum Namespace: Sendable {
        /// `com.amazonaws.dynamodb.v20120810#`: errors of the DynamoDB model.
        case dynamodb
        /// `com.amazon.coral.service#`: errors of the generic layer.
        case coralService
        /// `com.amazon.coral.validate#`: ValidationException, of the model and of semantic rules.
        case coralValidate
        /// An error of a REST API (Lambda), whose type stands in a header by its name alone.
        case rest
    }

    /// The error's name, `ResourceNotFoundException` say.
    package var code: String
    package var namespace: Namespace
    package var message: String
    package var status: Int
    /// The item that a ConditionalCheckFailedException shows when ALL_OLD was asked.
    package var item: ItemBytes?
    /// The CancellationReasons of a TransactionCanceledException: one per action, in order.
    package var cancellationReasons: [CancellationReason]?
    /// The `Reason` of a TooManyRequestsException of Lambda.
    package var reason: String?
    /// Why a request was throttled; the answer's ThrottlingReasons (`throttlingReasons` in a
    /// ThrottlingException).
    package var throttlingReasons: [ThrottlingReason]?
    /// What the failed operation consumed: a failed condition is charged.
    package var consumption: Consumption?

    package init(
        _ code: String, _ message: String, namespace: Namespace = .dynamodb, status: Int = 400
    ) {
        self.code = code
        self.message = message
        self.namespace = namespace
        self.status = status
    }

    /// A ValidationException of a semantic rule.
    package static func validation(_ message: String) -> ServiceError {
        ServiceError("ValidationException", message, namespace: .coralValidate)
    }

    /// A ValidationException of the service model's constraints.
    ///
    /// - Parameter violations: each in full, `Value 'x' at 'y' failed to satisfy constraint: …`.
    package static func constraints(_ violations: [String]) -> ServiceError {
        let noun = violations.count == 1 ? "error" : "errors"
        return validation(
            "\(violations.count) validation \(noun) detected: "
                + violations.joined(separator: "; "))
    }

    /// The same fault as single-item writes tell it, and reads tell the rules of Select: like a
    /// violated constraint.
    package var asDetected: ServiceError {
        let prefix = "1 validation error detected: "
        guard code == "ValidationException", !message.hasPrefix(prefix) else { return self }
        var error = self
        error.message = prefix + message
        return error
    }

    /// A body that cannot be read: bad JSON or a wrong JSON type.
    package static func serialization(_ message: String?) -> ServiceError {
        ServiceError("SerializationException", message ?? "", namespace: .coralService)
    }

    package static func resourceNotFound(_ message: String) -> ServiceError {
        ServiceError("ResourceNotFoundException", message)
    }

    /// The answer of the data plane for a table that isn't there.
    package static let tableNotFound = resourceNotFound("Requested resource not found")

    package static func resourceInUse(_ message: String) -> ServiceError {
        ServiceError("ResourceInUseException", message)
    }

    package static func limitExceeded(_ message: String) -> ServiceError {
        ServiceError("LimitExceededException", message)
    }

    package static func conditionalCheckFailed(item: ItemBytes?) -> ServiceError {
        var error = ServiceError(
            "ConditionalCheckFailedException", "The conditional request failed")
        error.item = item
        return error
    }

    /// A transaction that was cancelled; the message names the reasons' codes in order.
    package static func transactionCanceled(_ reasons: [CancellationReason]) -> ServiceError {
        var error = ServiceError(
            "TransactionCanceledException",
            "Transaction cancelled, please refer cancellation reasons for specific reasons "
                + "[\(reasons.map(\.code).joined(separator: ", "))]")
        error.cancellationReasons = reasons
        return error
    }

    /// A single-item write met a transaction in flight on its item.
    package static let transactionConflict = ServiceError(
        "TransactionConflictException", "Transaction is ongoing for the item")

    /// A fault of ours (storage failure, say): HTTP 500, which SDKs retry.
    package static func internalServerError(_ message: String) -> ServiceError {
        ServiceError("InternalServerError", message, status: 500)
    }
}
