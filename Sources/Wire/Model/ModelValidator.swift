internal import Operations

/// Checks a body against the service model, as the service does before any semantic check.
///
/// First the JSON types (SerializationException), then the length of table names, then all other
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
        for name in ["TableName", "ExclusiveStartTableName"] {
            guard !model.isOfStreams, let member = shape.member(name),
                case .string(let text)? = body[name]
            else { continue }
            try tableNameLength(text, name, max: model.shapes[member.shape].bounds.max)
        }
        var check = ConstraintCheck(model: model)
        check.structure(body, shape, at: "")
        if !check.violations.isEmpty { throw .constraints(check.violations) }
    }

    /// Whether a TableName is an ARN.
    static func isARN(_ name: String) -> Bool { name.utf8.starts(with: "arn:".utf8) }

    /// Checks the length of a table's name that is no ARN.
    ///
    /// - Parameter max: the model's bound; a name beyond it breaks an ordinary constraint where
    ///   the member takes an ARN too.
    private static func tableNameLength(
        _ name: String, _ member: String, max: Int?
    ) throws(ServiceError) {
        let takesARN = max.map { $0 > Limits.tableNameLengthMax } ?? false
        if takesARN, isARN(name) { return }
        let length = name.utf16.count
        if takesARN, let max, length > max { return }
        guard length < Limits.tableNameLengthMin || length > Limits.tableNameLengthMax else {
            return
        }
        throw .validation(ConstraintText.tableNameLength(member))
    }
}
