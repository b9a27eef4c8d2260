import Operations
import Wire

/// What CreateEventSourceMapping or UpdateEventSourceMapping asks for; nil: not named.
struct MappingSettings: Sendable {
    var eventSourceArn: String?
    var functionName: String?
    var isEnabled: Bool?
    var batchSize: Int?
    /// One per filter; nil for a filter without a pattern.
    var filterPatterns: [String?]?
    var maximumBatchingWindowInSeconds: Int?
    var parallelizationFactor: Int?
    var startingPosition: String?
    /// Whether DestinationConfig has an OnSuccess.
    var onSuccessIsNamed = false
    /// Empty: none.
    var onFailureDestination: String?
    var maximumRecordAgeInSeconds: Int?
    var bisectBatchOnFunctionError: Bool?
    var maximumRetryAttempts: Int?
    var tags: [String: String]?
    var tumblingWindowInSeconds: Int?
    var reportsBatchItemFailures: Bool?
    var scaling: Bounds?
    var pollers: Bounds?
    /// Empty: none.
    var kmsKeyArn: String?
    var metrics: [String]?
    /// The names of all members that were given, null apart.
    var names: Set<String> = []

    /// Of a ScalingConfig or ProvisionedPollerConfig; without either bound it takes them away.
    struct Bounds: Sendable {
        var min: Int?
        var max: Int?
    }

    enum Operation: String {
        case create = "CreateEventSourceMapping"
        case update = "UpdateEventSourceMapping"
    }

    /// Reads a body.
    ///
    /// - Throws: SerializationException or ValidationException where it breaks the model.
    init(_ body: [UInt8], for operation: Operation, uuid: String? = nil) throws(ServiceError) {
        let json = body.isEmpty ? JSONValue.object([]) : try JSONValue(parsing: body)
        guard case .object(let members) = json else { throw .serialization(nil) }
        var checked = members.map { name, value in
            (name, name == "DestinationConfig" ? Self.withoutFile(value) : value)
        }
        if let uuid {
            checked.removeAll { $0.0 == "UUID" }
            checked.append(("UUID", .string(uuid)))
        }
        try LambdaModel.check(operation.rawValue, .object(checked))
        names = Set(members.filter { !$0.1.isNull }.map(\.0))
        readSource(json)
        readBatches(json)
    }

    private mutating func readSource(_ json: JSONValue) {
        eventSourceArn = json["EventSourceArn"]?.string
        functionName = json["FunctionName"]?.string
        isEnabled = json["Enabled"]?.bool
        startingPosition = json["StartingPosition"]?.string
        if let onFailure = json["DestinationConfig"]?["OnFailure"], !onFailure.isNull {
            onFailureDestination = onFailure["Destination"]?.string ?? ""
        }
        onSuccessIsNamed = json["DestinationConfig"]?["OnSuccess"]?["Destination"]?.string != nil
        kmsKeyArn = json["KMSKeyArn"]?.string
        metrics = (json["MetricsConfig"]?["Metrics"]?.elements)?.compactMap(\.string)
        if let members = json["Tags"]?.members {
            tags = Dictionary(
                members.compactMap { name, value in value.string.map { (name, $0) } },
                uniquingKeysWith: { $1 })
        }
        if let config = json["ScalingConfig"], !config.isNull {
            scaling = Bounds(max: config["MaximumConcurrency"]?.integer)
        }
        if let config = json["ProvisionedPollerConfig"], !config.isNull {
            pollers = Bounds(
                min: config["MinimumPollers"]?.integer, max: config["MaximumPollers"]?.integer)
        }
    }

    private mutating func readBatches(_ json: JSONValue) {
        batchSize = json["BatchSize"]?.integer
        if let criteria = json["FilterCriteria"], !criteria.isNull {
            filterPatterns = (criteria["Filters"]?.elements ?? []).map { $0["Pattern"]?.string }
        }
        maximumBatchingWindowInSeconds = json["MaximumBatchingWindowInSeconds"]?.integer
        parallelizationFactor = json["ParallelizationFactor"]?.integer
        maximumRecordAgeInSeconds = json["MaximumRecordAgeInSeconds"]?.integer
        bisectBatchOnFunctionError = json["BisectBatchOnFunctionError"]?.bool
        maximumRetryAttempts = json["MaximumRetryAttempts"]?.integer
        tumblingWindowInSeconds = json["TumblingWindowInSeconds"]?.integer
        if let types = json["FunctionResponseTypes"]?.elements {
            reportsBatchItemFailures = types.contains(.string("ReportBatchItemFailures"))
        }
    }

    /// The destinations without a `file:` URL, which the service's model doesn't know.
    private static func withoutFile(_ config: JSONValue) -> JSONValue {
        guard let destination = config["OnFailure"]?["Destination"]?.string,
            destination.hasPrefix("file:"), case .object(let members) = config
        else { return config }
        return .object(members.filter { $0.0 != "OnFailure" })
    }
}
