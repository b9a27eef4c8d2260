internal import Operations

/// What the service checks of the names of resources before all other constraints: it must know
/// the resource to know whether the caller may use it.
struct ResourceNameCheck {
    let model: ServiceModel

    /// Checks the names at the top of a body.
    func check(_ body: JSONValue, _ shape: ServiceModel.Shape) throws(ServiceError) {
        guard !model.isOfStreams else { return }
        for name in ["TableName", "ExclusiveStartTableName"] {
            guard let member = shape.member(name) else { continue }
            guard case .string(let text)? = body[name] else {
                if member.isRequired { throw .validation(ConstraintText.required(name)) }
                continue
            }
            try tableNameLength(text, name, max: model.shapes[member.shape].bounds.max)
        }
        if Self.taggingInputs.contains(shape.name) { try resourceARN(body["ResourceArn"]) }
    }

    private static let taggingInputs: Set<String> = [
        "TagResourceInput", "UntagResourceInput", "ListTagsOfResourceInput",
    ]

    /// Whether a TableName is an ARN.
    static func isARN(_ name: String) -> Bool { name.utf8.starts(with: "arn:".utf8) }

    /// Checks the length of a table's name that is no ARN.
    ///
    /// - Parameter max: the model's bound; a name beyond it breaks an ordinary constraint where
    ///   the member takes an ARN too.
    private func tableNameLength(
        _ name: String, _ member: String, max: Int?
    ) throws(ServiceError) {
        let takesARN = max.map { $0 > Limits.tableNameLengthMax } ?? false
        if takesARN, Self.isARN(name) { return }
        let length = name.utf16.count
        if takesARN, let max, length > max { return }
        guard length < Limits.tableNameLengthMin || length > Limits.tableNameLengthMax else {
            return
        }
        throw .validation(ConstraintText.tableNameLength(member))
    }

    /// Checks that the resource to tag is a table's ARN, as far as its form tells.
    ///
    /// What is no ARN of DynamoDB at all passes: the engine answers that nobody may use it.
    private func resourceARN(_ value: JSONValue?) throws(ServiceError) {
        guard case .string(let text)? = value else {
            throw .validation(ConstraintText.invalidTableARN)
        }
        guard !text.isEmpty else { throw .validation(ConstraintText.invalidTableARN(text)) }
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "dynamodb" else { return }
        guard parts[5].hasPrefix("table/"), parts[5].utf8.count > "table/".utf8.count
        else { throw .validation(ConstraintText.invalidTableARN(text)) }
    }
}
