internal import Operations

/// The first pass over a body: checks that each value has the JSON type that its shape wants.
///
/// In the order of the body, as the service's parser meets the faults; the first one is thrown.
/// Members that the model doesn't have are passed over, and null fits every shape. The reader
/// bounds the depth.
struct TypeCheck {
    let model: ServiceModel

    /// Checks a value and all within it.
    ///
    /// - Parameter inCollection: whether it stands in a list or map rather than in a structure.
    /// - Throws: a SerializationException.
    func check(
        _ value: JSONValue, as index: Int, inCollection: Bool = false
    ) throws(ServiceError) {
        let shape = model.shapes[index]
        switch (shape.kind, value) {
        case (_, .null):
            return
        case (.structure, .object(let members)):
            for (name, member) in members {
                guard let target = shape.member(name) else { continue }
                try check(member, as: target.shape)
            }
        case (.list(let element), .array(let values)):
            for value in values { try check(value, as: element, inCollection: true) }
        case (.map(_, let target), .object(let entries)):
            for (_, value) in entries { try check(value, as: target, inCollection: true) }
        case (.structure, .array), (.map, .array):
            throw .serialization(SerializationText.unexpectedArray(javaType(shape)))
        case (.list, .object):
            throw .serialization(SerializationText.unexpectedObject)
        case (.structure, _):
            throw .serialization(
                inCollection
                    ? SerializationText.unexpectedValue : SerializationText.unexpectedField)
        case (.list, _), (.map, _):
            throw .serialization(
                inCollection ? SerializationText.notACollection : SerializationText.unexpectedField)
        default:
            if let text = scalarFault(value, shape) { throw .serialization(text) }
        }
    }

    /// What is wrong with a value where a scalar is wanted; nil where nothing is.
    private func scalarFault(_ value: JSONValue, _ shape: ServiceModel.Shape) -> String? {
        if case .array = value { return SerializationText.unexpectedArray(javaType(shape)) }
        guard let token = SerializationText.token(value) else {
            return SerializationText.unexpectedObject
        }
        switch (shape.kind, value) {
        case (.string, .string), (.boolean, .bool), (.double, .number), (.timestamp, .number):
            return nil
        case (.boolean, .string):
            return SerializationText.unexpectedToken
        case (.blob, .string(let text)):
            return SerializationText.base64Fault(text.utf8)
        case (.blob, _):
            return SerializationText.notBase64
        case (.integer, .number(let text)):
            if let number = WholeNumber.parse(text), Int32(exactly: number) != nil { return nil }
        case (.long, .number(let text)):
            if WholeNumber.parse(text) != nil { return nil }
        default:
            break
        }
        return SerializationText.conversion(token, to: simpleType(shape))
    }

    private func simpleType(_ shape: ServiceModel.Shape) -> String {
        switch shape.kind {
        case .boolean: "Boolean"
        case .integer: "Integer"
        case .long: "Long"
        case .double: "Double"
        case .timestamp: "Date"
        case .string, .blob, .structure, .list, .map: "String"
        }
    }

    /// A shape's type as Java prints it with its kind before it.
    private func javaType(_ shape: ServiceModel.Shape) -> String {
        switch shape.kind {
        case .map, .list: javaName(shape)
        default: "class " + javaName(shape)
        }
    }

    private func javaName(_ shape: ServiceModel.Shape) -> String {
        switch shape.kind {
        case .structure: "com.amazonaws.dynamodb.v20120810.\(shape.name)"
        case .list(let element): "java.util.List<\(javaName(model.shapes[element]))>"
        case .map(let key, let value):
            "java.util.Map<\(javaName(model.shapes[key])), \(javaName(model.shapes[value]))>"
        case .blob: "java.nio.ByteBuffer"
        case .timestamp: "java.util.Date"
        case .string, .boolean, .integer, .long, .double: "java.lang.\(simpleType(shape))"
        }
    }
}
