internal import Operations
internal import Wire

/// What CreateFunction and UpdateFunctionConfiguration set, checked as the service checks it.
struct ConfigurationSettings {
    let input: LambdaInput
    let accountID: String

    private static let timeoutMax = 900
    private static let memorySizeMax = 10_240
    private static let environmentBytesMax = 4_096
    private static let layersMax = 5

    /// Sets what the input tells; what it doesn't stays.
    func apply(
        to configuration: inout FunctionConfiguration, state: FunctionCatalogue.State
    ) throws(ServiceError) {
        try applyScalars(to: &configuration)
        if let environment = input["Environment"] {
            // An empty Environment takes all variables away.
            let variables = environment["Variables"]?.texts ?? [:]
            try Self.check(variables)
            configuration.environment = variables
            configuration.hasEnvironment = !variables.isEmpty
        }
        if let layers = input.list("Layers") {
            try check(layers, region: configuration.region, state: state)
            configuration.layers = layers
        }
        if let vpc = input["VpcConfig"] {
            var kept = configuration.vpcConfig ?? FunctionConfiguration.VPCConfiguration()
            if let subnets = vpc["SubnetIds"]?.list { kept.subnetIds = subnets }
            if let groups = vpc["SecurityGroupIds"]?.list { kept.securityGroupIds = groups }
            if let allowed = vpc["Ipv6AllowedForDualStack"]?.bool {
                kept.ipv6AllowedForDualStack = allowed
            }
            configuration.vpcConfig = kept
        }
        if let target = input["DeadLetterConfig"] {
            let arn = target["TargetArn"]?.string ?? ""
            configuration.deadLetterTargetArn = arn.isEmpty ? nil : arn
        }
        if let configs = input["FileSystemConfigs"]?.elements {
            configuration.fileSystemConfigs = configs.map { config in
                FunctionConfiguration.FileSystemConfiguration(
                    arn: config["Arn"]?.string ?? "",
                    localMountPath: config["LocalMountPath"]?.string ?? "")
            }
        }
        if let logging = input["LoggingConfig"] { apply(logging, to: &configuration) }
    }

    private func applyScalars(
        to configuration: inout FunctionConfiguration
    ) throws(ServiceError) {
        if let runtime = input.string("Runtime") {
            try Self.check(runtime: runtime)
            configuration.runtime = runtime
        }
        if let role = input.string("Role") { configuration.role = role }
        if let handler = input.string("Handler") { configuration.handler = handler }
        if let description = input.string("Description") {
            configuration.description = description
        }
        if let timeout = input.int("Timeout") {
            guard timeout <= Self.timeoutMax else {
                throw .constraints([
                    "Value '\(timeout)' at 'timeout' failed to satisfy constraint: Member must "
                        + "have value less than or equal to \(Self.timeoutMax)"
                ])
            }
            configuration.timeout = timeout
        }
        if let memory = input.int("MemorySize") {
            guard memory <= Self.memorySizeMax else {
                throw .invalidParameterValue(
                    "'MemorySize' value failed to satisfy constraint: Member must have value less "
                        + "than or equal to \(Self.memorySizeMax)")
            }
            configuration.memorySize = memory
        }
        if let key = input.string("KMSKeyArn") { configuration.kmsKeyArn = key.isEmpty ? nil : key }
        if let mode = input["TracingConfig"]?["Mode"]?.string { configuration.tracingMode = mode }
        if let size = input["EphemeralStorage"]?["Size"]?.integer {
            configuration.ephemeralStorageSize = size
        }
        if let applyOn = input["SnapStart"]?["ApplyOn"]?.string {
            configuration.snapStartApplyOn = applyOn
        }
    }

    private func apply(_ logging: JSONValue, to configuration: inout FunctionConfiguration) {
        var kept = configuration.loggingConfig
        if let format = logging["LogFormat"]?.string { kept.logFormat = format }
        if let level = logging["ApplicationLogLevel"]?.string { kept.applicationLogLevel = level }
        if let level = logging["SystemLogLevel"]?.string { kept.systemLogLevel = level }
        if let group = logging["LogGroup"]?.string { kept.logGroup = group }
        if kept.logFormat == "JSON" {
            kept.applicationLogLevel = kept.applicationLogLevel ?? "INFO"
            kept.systemLogLevel = kept.systemLogLevel ?? "INFO"
        } else {
            kept.applicationLogLevel = nil
            kept.systemLogLevel = nil
        }
        configuration.loggingConfig = kept
    }

    // MARK: Rules

    static func check(runtime: String) throws(ServiceError) {
        let known = LambdaModel.values(ofEnumeration: "Runtime")
        guard known.contains(runtime) else {
            throw .invalidParameterValue(
                "Value \(runtime) at 'runtime' failed to satisfy constraint: Member must satisfy "
                    + "enum value set: [\(known.joined(separator: ", "))] or be a valid ARN")
        }
    }

    /// Names that the runtime sets itself.
    private static let reservedNames: Set<String> = [
        "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
    ]

    static func check(_ variables: [String: String]) throws(ServiceError) {
        let reserved = variables.keys.filter { reservedNames.contains($0) }.sorted()
        guard reserved.isEmpty else {
            throw .invalidParameterValue(
                "Lambda was unable to configure your environment variables because the environment "
                    + "variables you have provided contains reserved keys that are currently not "
                    + "supported for modification. Reserved keys used in this request: "
                    + reserved.joined(separator: ", "))
        }
        let text = JSONValue.texts(variables).encoded
        guard text.count <= environmentBytesMax else {
            throw .invalidParameterValue(
                "Lambda was unable to configure your environment variables because the environment "
                    + "variables you have provided exceeded the 4KB limit. String measured: "
                    + String(decoding: text, as: UTF8.self))
        }
    }

    private func check(
        _ layers: [String], region: String, state: FunctionCatalogue.State
    ) throws(ServiceError) {
        guard layers.count <= Self.layersMax else {
            throw .invalidParameterValue("Cannot reference more than \(Self.layersMax) layers.")
        }
        var versions: [String: String] = [:]
        for arn in layers {
            let told = ResourceARN(arn)
            let parts = told?.resourceParts ?? []
            guard parts.count == 3, told?.region == region else {
                throw .invalidParameterValue(
                    "Layers are not in the same region as the function. Layers are expected to be "
                        + "in region \(region).")
            }
            guard told?.accountID == accountID,
                FunctionCatalogue.layerVersion(arn: arn, withDeleted: false, in: state) != nil
            else { throw .invalidParameterValue("Layer version \(arn) does not exist.") }
            if let other = versions[parts[1]] {
                throw .invalidParameterValue(
                    "Two different versions of the same layer are not allowed to be referenced in "
                        + "the same function. \(other) and \(arn)")
            }
            versions[parts[1]] = arn
        }
    }
}
