/// The texts of constraint errors, and what the service's texts have beside the public model.
enum ConstraintText {
    static let notNull = "Member must not be null"

    static func minLength(_ min: Int) -> String {
        "Member must have length greater than or equal to \(min)"
    }
    static func maxLength(_ max: Int) -> String {
        "Member must have length less than or equal to \(max)"
    }
    static func minValue(_ min: Int) -> String {
        "Member must have value greater than or equal to \(min)"
    }
    static func maxValue(_ max: Int) -> String {
        "Member must have value less than or equal to \(max)"
    }
    static func pattern(_ pattern: String) -> String {
        "Member must satisfy regular expression pattern: \(pattern)"
    }
    static func allowedValues(_ values: [String]) -> String {
        "Member must satisfy enum value set: [\(values.joined(separator: ", "))]"
    }
    static func elements(_ texts: [String]) -> String {
        "Member must satisfy constraint: [\(texts.joined(separator: ", "))]"
    }
    static func keys(_ texts: [String]) -> String {
        "Map keys must satisfy constraint: [\(texts.joined(separator: ", "))]"
    }
    static func values(_ texts: [String]) -> String {
        "Map value must satisfy constraint: [\(texts.joined(separator: ", "))]"
    }

    /// A violation in full.
    ///
    /// - Parameter value: nil where the value may not be told, as attribute values may not.
    static func violation(value: String?, path: String, text: String) -> String {
        let told = value.map { "Value \($0) at " } ?? "Value at "
        return told + "'\(path)' failed to satisfy constraint: \(text)"
    }

    /// What stands in a told value in place of attribute values.
    static let redacted = "***Sensitive Data Redacted***"

    /// The most violations that one error lists.
    static let violationsMax = 10

    // MARK: Names of resources

    /// The answer where a TableName is missing, before all else.
    static func required(_ member: String) -> String {
        "The parameter '\(member)' is required but was not present in the request"
    }

    /// The answer where what is to be tagged is missing.
    static let invalidTableARN = "Invalid TableArn"

    /// The answer for what is to be tagged but is no table's ARN.
    static func invalidTableARN(_ text: String) -> String {
        "\(invalidTableARN): Invalid ResourceArn provided as input \(text)"
    }

    /// What a TableName that is no ARN must match; the public model, which takes ARNs, has it not.
    static let tableNamePattern = "[a-zA-Z0-9_.-]+"

    /// The answer for a table name of fewer than 3 or more than 255 characters, before all else.
    static func tableNameLength(_ member: String) -> String {
        "\(member) must be at least 3 characters long and at most 255 characters long"
    }

    // MARK: Enumerations

    /// Enumerations that the service tells in another order than the model: that of a hash set.
    static let told: [String: [String]] = [
        "AttributeAction": ["ADD", "DELETE", "PUT"],
        "ComparisonOperator": [
            "IN", "NULL", "BETWEEN", "LT", "NOT_CONTAINS", "EQ", "GT", "NOT_NULL", "NE", "LE",
            "BEGINS_WITH", "GE", "CONTAINS",
        ],
        "ConditionalOperator": ["OR", "AND"],
        "ProjectionType": ["ALL", "INCLUDE", "KEYS_ONLY"],
        "ReturnValue": ["ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"],
        "ScalarAttributeType": ["B", "N", "S"],
        "Select": [
            "SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES",
        ],
        "ShardIteratorType": [
            "AFTER_SEQUENCE_NUMBER", "LATEST", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON",
        ],
    ]
}
