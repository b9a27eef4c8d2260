import Operations

/// The rules of key schemas: their elements' order, and that each key attribute is defined.
struct KeySchemaValidation {
    private let definitions: [String]

    /// - Throws: ValidationException for an attribute that is defined twice.
    init(_ attributeDefinitions: [AttributeDefinition]) throws(ServiceError) {
        definitions = attributeDefinitions.map(\.attributeName)
        guard Set(definitions).count == definitions.count else {
            throw .validation("Cannot have two attributes with the same name")
        }
    }

    /// Checks a table's key schema.
    ///
    /// - Parameter hasIndexes: without indexes every definition must be of the table's key.
    func checkTable(_ schema: [KeySchemaElement], hasIndexes: Bool) throws(ServiceError) {
        let keys = uniqueNames(of: schema)
        if keys.contains(where: { !definitions.contains($0) }) {
            guard keys.count <= definitions.count || definitions.isEmpty else {
                throw .validation(
                    "Invalid KeySchema: Some index key attribute have no definition")
            }
            throw notDefined(schema)
        }
        try KeySchemaValidation.checkPair(schema)
        if !hasIndexes, keys.count != definitions.count {
            throw .invalidParameterValues(
                "Number of attributes in KeySchema does not exactly match number of attributes "
                    + "defined in AttributeDefinitions")
        }
    }

    /// Checks that each key attribute of an index is defined.
    func checkDefined(_ schema: [KeySchemaElement]) throws(ServiceError) {
        if schema.contains(where: { !definitions.contains($0.attributeName) }) {
            throw notDefined(schema)
        }
    }

    /// Checks that each definition is used by a key schema.
    ///
    /// - Parameter schemas: of the table and all its indexes.
    func checkAllUsed(by schemas: [[KeySchemaElement]]) throws(ServiceError) {
        let used = uniqueNames(of: schemas.flatMap { $0 })
        guard definitions.allSatisfy(used.contains) else {
            throw .invalidParameterValues(
                "Some AttributeDefinitions are not used. AttributeDefinitions: "
                    + "[\(definitions.joined(separator: ", "))], "
                    + "keys used: [\(used.joined(separator: ", "))]")
        }
    }

    /// Checks a key of one HASH and perhaps one RANGE attribute: a table's or local index's.
    static func checkPair(_ schema: [KeySchemaElement]) throws(ServiceError) {
        try checkLeadingHash(schema)
        guard schema.count > 1 else { return }
        guard schema[1].keyType == .range else {
            throw .validation(
                "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
        }
        guard schema[0].attributeName != schema[1].attributeName else { throw sameName }
    }

    /// Checks a global index's key: up to four HASH, then up to four RANGE attributes.
    static func checkGlobal(
        _ schema: [KeySchemaElement], indexName: String
    ) throws(ServiceError) {
        try checkLeadingHash(schema)
        let leading = schema.prefix { $0.keyType == .hash }
        let trailing = schema.dropFirst(leading.count)
        guard trailing.allSatisfy({ $0.keyType == .range }) else {
            throw .validation(
                "Invalid KeySchema: All HASH key elements must precede all RANGE key elements")
        }
        guard Set(schema.map(\.attributeName)).count == schema.count else { throw sameName }
        let limit = Limits.globalIndexKeyAttributesMax
        for (type, count) in [(KeyType.hash, leading.count), (.range, trailing.count)]
        where count > limit {
            throw .invalidParameterValues(
                "Number of \(type.rawValue) key attributes exceeds the limit of \(limit) "
                    + "for index: \(indexName)")
        }
    }

    /// The violation of a key schema longer than a pair, as the service's model once told it.
    ///
    /// - Parameter path: `keySchema`, or an index's in its list.
    static func lengthViolation(_ schema: [KeySchemaElement], path: String) -> String? {
        guard schema.count > 2 else { return nil }
        let elements = schema.map {
            "KeySchemaElement(attributeName=\($0.attributeName), keyType=\($0.keyType.rawValue))"
        }
        return "Value '[\(elements.joined(separator: ", "))]' at '\(path)' failed to satisfy "
            + "constraint: Member must have length less than or equal to 2"
    }

    private static let sameName = ServiceError.validation(
        "Both the Hash Key and the Range Key element in the KeySchema have the same name")

    private static func checkLeadingHash(_ schema: [KeySchemaElement]) throws(ServiceError) {
        guard schema.first?.keyType == .hash else {
            throw .validation(
                "Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
        }
    }

    private func notDefined(_ schema: [KeySchemaElement]) -> ServiceError {
        .invalidParameterValues(
            "Some index key attributes are not defined in AttributeDefinitions. "
                + "Keys: [\(uniqueNames(of: schema).joined(separator: ", "))], "
                + "AttributeDefinitions: [\(definitions.joined(separator: ", "))]")
    }

    private func uniqueNames(of schema: [KeySchemaElement]) -> [String] {
        var seen = Set<String>()
        return schema.map(\.attributeName).filter { seen.insert($0).inserted }
    }
}
