import Operations

@testable import Wire

/// Parses a body that a test wrote down.
func json(_ text: String) throws -> JSONValue {
    let bytes = Array(text.utf8)
    return try bytes.withUnsafeBytes { try JSONValue.parse($0) }
}

/// What the model of the operation's API says of a body: nil where nothing is wrong.
func fault(_ operation: String, _ body: String) throws -> ServiceError? {
    let value = try json(body)
    let model: ServiceModel =
        StreamCodec.operations.contains(operation) ? .streams : .shared
    do throws(ServiceError) {
        try ModelValidator.check(operation: operation, of: model, body: value)
        return nil
    } catch {
        return error
    }
}
