package import Operations

/// Lambda's published model: what its operations take.
package enum LambdaModel {
    /// Checks an operation's input, its members of path, query and header included, as the service
    /// does before any check of its own: JSON types first, then all constraints together.
    ///
    /// - Throws: SerializationException or ValidationException.
    package static func check(_ operation: String, _ input: JSONValue) throws(ServiceError) {
        try ModelValidator.check(operation: operation, of: .lambda, body: input)
    }

    /// A text of a path, query or header as the JSON value that its member wants.
    package static func value(
        _ text: String, of member: String, in operation: String
    ) -> JSONValue {
        let model = ServiceModel.lambda
        guard let input = model.inputs[operation], let member = model.shapes[input].member(member)
        else { return .string(text) }
        switch model.shapes[member.shape].kind {
        case .integer, .long:
            return Int(text).map { .number(String($0)) } ?? .string(text)
        case .boolean:
            return Bool(text).map { .bool($0) } ?? .string(text)
        case .list:
            return .array([.string(text)])
        default:
            return .string(text)
        }
    }

    /// The values of an enumeration, in the model's order; empty for what is none.
    package static func values(ofEnumeration name: String) -> [String] {
        ServiceModel.lambda.shapes.first { $0.name == name }?.allowedValues ?? []
    }
}
