package import Items

/// ExpressionAttributeNames and ExpressionAttributeValues of one request, and which were used.
package struct ExpressionScope: Sendable {
    private let names: [String: String]?
    private let values: [String: ItemValue]?
    private var usedNames: Set<String> = []
    private var usedValues: Set<String> = []

    /// - Parameters:
    ///   - names: ExpressionAttributeNames with its `#`; nil where it was not sent.
    ///   - values: ExpressionAttributeValues with its `:`; nil where it was not sent.
    package init(names: [String: String]?, values: [String: ItemValue]?) {
        self.names = names
        self.values = values
    }

    /// Checks the maps themselves, before any expression is parsed.
    ///
    /// - Parameters:
    ///   - expressionIsPresent: whether the request has any expression.
    ///   - valueExpressions: the operation's parameters that may use values, in the order that
    ///     the service names them, and whether each was sent.
    package func checkMaps(
        expressionIsPresent: Bool, valueExpressions: [(parameter: String, isPresent: Bool)]
    ) throws(ExpressionError) {
        if let names {
            guard expressionIsPresent else {
                throw ExpressionError(
                    "ExpressionAttributeNames can only be specified when using expressions")
            }
            try Self.checkKeys(names.keys, of: "ExpressionAttributeNames", mark: "#")
            for (key, name) in names.sorted(by: { $0.key < $1.key }) where name.isEmpty {
                throw ExpressionError(
                    "ExpressionAttributeNames contains invalid value: "
                        + "Attribute name must not be empty; key: \"\(key)\"")
            }
        }
        guard let values else { return }
        guard valueExpressions.contains(where: { $0.isPresent }) else {
            var message = "ExpressionAttributeValues can only be specified when using expressions"
            if !valueExpressions.isEmpty {
                message += ": " + valueExpressions.map(\.parameter).joined(separator: " and ")
                message += valueExpressions.count == 1 ? " is null" : " are null"
            }
            throw ExpressionError(message)
        }
        try Self.checkKeys(values.keys, of: "ExpressionAttributeValues", mark: ":")
    }

    private static func checkKeys(
        _ keys: some Collection<String>, of map: String, mark: Unicode.Scalar
    ) throws(ExpressionError) {
        guard !keys.isEmpty else { throw ExpressionError("\(map) must not be empty") }
        for key in keys.sorted() {
            let utf8 = key.utf8
            guard utf8.first == UInt8(ascii: mark), utf8.count > 1,
                utf8.dropFirst().allSatisfy(ExpressionLexer.isNamePart)
            else {
                throw ExpressionError(
                    "\(map) contains invalid key: Syntax error; key: \"\(key)\"")
            }
            guard utf8.count <= ExpressionLimits.placeholderByteCountMax else {
                throw ExpressionError(
                    "\(map) contains invalid key: The key is too long; key: \"\(key)\"")
            }
        }
    }

    /// Checks, after all expressions of the request were parsed, that they used every key.
    package func checkAllUsed() throws(ExpressionError) {
        if let names, usedNames.count < names.count {
            try Self.unused(names.keys, except: usedNames, of: "ExpressionAttributeNames")
        }
        if let values, usedValues.count < values.count {
            try Self.unused(values.keys, except: usedValues, of: "ExpressionAttributeValues")
        }
    }

    private static func unused(
        _ keys: some Collection<String>, except used: Set<String>, of map: String
    ) throws(ExpressionError) {
        let rest = keys.filter { !used.contains($0) }.sorted()
        guard !rest.isEmpty else { return }
        throw ExpressionError(
            "Value provided in \(map) unused in expressions: "
                + "keys: {\(rest.joined(separator: ", "))}")
    }

    /// The attribute name that `#placeholder` stands for; marks it used.
    mutating func name(_ placeholder: String) -> String? {
        guard let name = names?[placeholder] else { return nil }
        usedNames.insert(placeholder)
        return name
    }

    /// The value that `:placeholder` stands for; marks it used.
    mutating func value(_ placeholder: String) -> ItemValue? {
        guard let value = values?[placeholder] else { return nil }
        usedValues.insert(placeholder)
        return value
    }
}
