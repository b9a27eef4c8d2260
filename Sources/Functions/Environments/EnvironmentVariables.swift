internal import Client
internal import Glibc
internal import Operations

/// The variables that a function's process is started with.
struct EnvironmentVariables {
    let function: ResolvedFunction
    let recipe: RuntimeRecipe
    let credentials: SessionCredentials
    let environment: FunctionsEnvironment
    let apiPort: Int
    let logGroup: String
    let logStream: String

    /// All variables: what Lambda sets, and over it the function's own.
    var values: [String: String] {
        let configuration = function.configuration
        var values = host
        values.merge(lambda) { $1 }
        values.merge(endpoints) { $1 }
        values.merge(recipe.variables) { $1 }
        for (name, value) in configuration.environment {
            // Neither can be told to a process.
            guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "=")),
                !name.utf8.contains(0), !value.utf8.contains(0)
            else { continue }
            values[name] = value
        }
        return values
    }

    /// What of the server's own variables a process needs to find programs and files.
    private var host: [String: String] {
        var values: [String: String] = [:]
        for name in ["HOME", "TMPDIR"] {
            if let value = getenv(name) { values[name] = String(cString: value) }
        }
        var path = Self.hostPath
        if let layers = function.layerDirectory { path = "\(layers)/bin:\(path)" }
        values["PATH"] = path
        var libraries = [function.codeDirectory, "\(function.codeDirectory)/lib"]
        if let layers = function.layerDirectory { libraries.append("\(layers)/lib") }
        values["LD_LIBRARY_PATH"] = libraries.joined(separator: ":")
        return values
    }

    /// The server's PATH, or what is usual where it has none.
    static var hostPath: String {
        getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
    }

    private var lambda: [String: String] {
        let configuration = function.configuration
        var values = [
            "AWS_LAMBDA_FUNCTION_NAME": configuration.functionName,
            "AWS_LAMBDA_FUNCTION_VERSION": configuration.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": String(configuration.memorySize),
            "AWS_LAMBDA_LOG_GROUP_NAME": logGroup,
            "AWS_LAMBDA_LOG_STREAM_NAME": logStream,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:\(apiPort)",
            "AWS_REGION": configuration.region,
            "AWS_DEFAULT_REGION": configuration.region,
            "AWS_ACCESS_KEY_ID": credentials.accessKeyID,
            "AWS_SECRET_ACCESS_KEY": credentials.secretAccessKey,
            "AWS_SESSION_TOKEN": credentials.sessionToken,
            "_HANDLER": configuration.handler ?? "",
            "LAMBDA_TASK_ROOT": function.codeDirectory,
            "LAMBDA_RUNTIME_DIR": recipe.runtimeDirectory,
            "TZ": ":UTC",
            "LANG": "en_US.UTF-8",
        ]
        if configuration.loggingConfig.logFormat == "JSON" {
            values["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
            values["AWS_LAMBDA_LOG_LEVEL"] =
                configuration.loggingConfig.applicationLogLevel ?? "INFO"
        }
        return values
    }

    /// Where SDKs find the services: this server, and those outside.
    private var endpoints: [String: String] {
        var values: [String: String] = [:]
        if let endpoint = environment.endpoint() {
            for service in ["DYNAMODB", "DYNAMODB_STREAMS", "LAMBDA", "CLOUDWATCH_LOGS"] {
                values["AWS_ENDPOINT_URL_\(service)"] = endpoint
            }
        }
        values["AWS_ENDPOINT_URL_S3"] = environment.outside.s3
        values["AWS_ENDPOINT_URL_SQS"] = environment.outside.sqs
        values["AWS_ENDPOINT_URL_SNS"] = environment.outside.sns
        return values
    }
}
