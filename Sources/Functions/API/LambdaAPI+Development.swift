internal import Operations
internal import Wire

/// Functions whose code runs in a directory, for development:
///
///     PUT    /_basalt/functions/NAME   {"Runtime": "python3.12", "Handler": "app.handler",
///                                       "Path": "…", "Environment": {"A": "b"}, "Timeout": 3,
///                                       "MemorySize": 128}
///     DELETE /_basalt/functions/NAME
///
/// PUT makes the function or changes it, and answers its configuration. It takes the place of code
/// from a zip; what isn't told stays as it is, or is as by default.
extension LambdaAPI {
    func develop(_ request: RESTRequest) async throws(ServiceError) -> RESTResponse {
        let segments = request.segments
        guard segments.count == 3, FunctionReference.isName(segments[2]),
            segments[2].utf8.count <= 64
        else { throw .validation("Expected /_basalt/functions/NAME") }
        let key = FunctionKey(region: request.context.region, name: segments[2])
        switch request.method {
        case "PUT", "POST":
            let body = try JSONValue(parsing: request.body)
            return try await catalogue.onThread { () throws(ServiceError) in
                try self.develop(key, body)
            }
        case "DELETE":
            return try await catalogue.onThread { () throws(ServiceError) in
                try self.catalogue.change { state throws(ServiceError) in
                    guard state.functions.removeValue(forKey: key) != nil else {
                        throw .functionNotFound(self.catalogue.arn(key))
                    }
                }
                return RESTResponse(status: 204)
            }
        default:
            throw .validation("Only PUT and DELETE are known here")
        }
    }

    private func develop(
        _ key: FunctionKey, _ body: JSONValue
    ) throws(ServiceError) -> RESTResponse {
        let before = catalogue.function(key)
        guard let path = body["Path"]?.string ?? before?.latest.developmentDirectory,
            path.hasPrefix("/"), FileBytes.isDirectory(path)
        else { throw .validation("Path: expected the absolute path of a directory") }
        let code = DirectorySignature(of: path)
        var configuration =
            before?.latest
            ?? FunctionConfiguration(
                region: key.region, functionName: key.name,
                role: "arn:aws:iam::\(environment.accountID):role/\(key.name)", codeSha256: "",
                codeSize: 0, lastModified: "", revisionId: "")
        try Self.apply(body, to: &configuration)
        guard configuration.runtime != nil, configuration.handler != nil else {
            throw .validation("Runtime and Handler: expected for a function that isn't there yet")
        }
        let wasThere = before != nil
        configuration.developmentDirectory = path
        configuration.codeSha256 = code.codeSha256
        configuration.codeSize = code.byteCount
        if configuration != before?.latest { touch(&configuration) }
        let changed = configuration
        try catalogue.change { state throws(ServiceError) in
            var record = state.functions[key] ?? FunctionRecord(latest: changed)
            record.latest = changed
            state.functions[key] = record
        }
        return RESTResponse(
            status: wasThere ? 200 : 201, json: json(changed, arn: catalogue.arn(key)))
    }

    private static func apply(
        _ body: JSONValue, to configuration: inout FunctionConfiguration
    ) throws(ServiceError) {
        if let runtime = body["Runtime"]?.string {
            try ConfigurationSettings.check(runtime: runtime)
            configuration.runtime = runtime
        }
        if let handler = body["Handler"]?.string { configuration.handler = handler }
        if let role = body["Role"]?.string { configuration.role = role }
        if let environment = body["Environment"] {
            // {"A": "b"}, or {"Variables": {"A": "b"}} as CreateFunction has it.
            let variables = (environment["Variables"] ?? environment).texts ?? [:]
            try ConfigurationSettings.check(variables)
            configuration.environment = variables
            configuration.hasEnvironment = !variables.isEmpty
        }
        if let timeout = body["Timeout"]?.integer {
            guard (1...900).contains(timeout) else {
                throw .validation("Timeout: expected 1 to 900 seconds")
            }
            configuration.timeout = timeout
        }
        if let memory = body["MemorySize"]?.integer {
            guard (128...10_240).contains(memory) else {
                throw .validation("MemorySize: expected 128 to 10240 megabytes")
            }
            configuration.memorySize = memory
        }
    }
}
