internal import Wire

/// A resource whose functions are resolved.
struct ResolvedResource: Sendable {
    var logicalID: String
    var type: String
    /// Texts, numbers and booleans as the services take them.
    var properties: JSONValue
    var isRetained: Bool
    var line: Int?
    /// Whether SAM wrote it out and gives it an id of its own with each change of its function.
    var followsFunction = false
    /// Code that belongs to it, packed; nil where it has none here.
    var archive: CodeArchive?

    subscript(name: String) -> JSONValue? {
        guard let value = properties[name], !value.isNull else { return nil }
        return value
    }

    /// A property's text.
    func text(_ name: String) -> String? { self[name]?.plainText }

    /// A property's text, which must be there.
    func required(_ name: String) throws(TemplateError) -> String {
        guard let text = text(name), !text.isEmpty else {
            throw TemplateError("Resources.\(logicalID): expected \(name)", line: line)
        }
        return text
    }

    func fault(_ message: String) -> TemplateError {
        TemplateError("Resources.\(logicalID): \(message)", line: line)
    }

    /// The tags, `[{Key, Value}]` or a map, by their keys.
    func tags(_ name: String = "Tags") -> [String: String] {
        var tags: [String: String] = [:]
        for (key, value) in self[name]?.members ?? [] { tags[key] = value.plainText }
        for tag in self[name]?.elements ?? [] {
            if let key = tag["Key"]?.plainText { tags[key] = tag["Value"]?.plainText ?? "" }
        }
        return tags
    }

    /// An object of the properties that are there, under the same names.
    func passed(_ names: [String]) -> [(String, JSONValue)] {
        names.compactMap { name in self[name].map { (name, $0) } }
    }
}

/// Makes what templates write into what services take: numbers and booleans may stand as texts in
/// a template, and texts as numbers.
enum PropertyTypes {
    private static let integers: Set<String> = [
        "ReadCapacityUnits", "WriteCapacityUnits", "MaxReadRequestUnits", "MaxWriteRequestUnits",
        "ReadUnitsPerSecond", "WriteUnitsPerSecond", "RecoveryPeriodInDays", "MemorySize",
        "Timeout", "Size", "ReservedConcurrentExecutions", "BatchSize",
        "MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts",
        "ParallelizationFactor", "TumblingWindowInSeconds", "MaximumConcurrency",
        "MinimumPollers", "MaximumPollers", "StartingPositionTimestamp",
        "MaximumEventAgeInSeconds", "RetentionInDays", "MinCapacity", "MaxCapacity",
        "maxReceiveCount",
    ]
    private static let booleans: Set<String> = [
        "SSEEnabled", "Enabled", "DeletionProtectionEnabled", "PointInTimeRecoveryEnabled",
        "BisectBatchOnFunctionError", "Ipv6AllowedForDualStack", "RawMessageDelivery",
    ]
    /// What is kept as it is: documents of others.
    private static let documents: Set<String> = [
        "PolicyDocument", "AssumeRolePolicyDocument", "FilterPolicy", "Pattern", "Input",
        "ResourcePolicy", "DeliveryPolicy", "EventPattern", "RedriveAllowPolicy",
    ]

    static func coerced(_ value: JSONValue, name: String = "") -> JSONValue {
        switch value {
        case .object(let members):
            if documents.contains(name) { return value }
            return .object(members.map { ($0.0, coerced($0.1, name: $0.0)) })
        case .array(let elements):
            return .array(elements.map { coerced($0, name: name) })
        case .string(let text):
            if integers.contains(name), let number = Int(text) { return .number("\(number)") }
            if booleans.contains(name) {
                if text.lowercased() == "true" { return .bool(true) }
                if text.lowercased() == "false" { return .bool(false) }
            }
            return value
        case .number(let text):
            return integers.contains(name) ? value : .string(text)
        case .bool(let isTrue):
            return booleans.contains(name) ? value : .string(isTrue ? "true" : "false")
        case .null: return value
        }
    }
}
