internal import Operations

/// Checks a body against the service model, as the service does before any semantic check.
///
/// First the JSON types (SerializationException), then the names of resources, then all other
/// constraints together ("N validation errors detected: …").
enum ModelValidator {
    /// Checks the body of an operation.
    ///
    /// - Parameter model: of the API that has the operation.
    /// - Throws: SerializationException, ValidationException, or UnknownOperationException for an
    ///   operation that the model doesn't have.
    static func check(
        operation: String, of model: ServiceModel, body: JSONValue
    ) throws(ServiceError) {
        guard let input = model.inputs[operation] else {
            throw ServiceError("UnknownOperationException", "", namespace: .coralService)
        }
        try TypeCheck(model: model).check(body, as: input)
        let shape = model.shapes[input]
        try ResourceNameCheck(model: model).check(body, shape)
        var check = ConstraintCheck(model: model)
        check.structure(body, shape, at: "")
        if !check.violations.isEmpty { throw .constraints(check.violations) }
    }
}
