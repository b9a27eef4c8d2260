internal import Operations
internal import Wire

/// The actions of Lambda's API, by method and path.
enum LambdaActions {
    /// `method path → action`; `*` stands for one segment, the first of which names the function.
    private static let routes: [(method: String, path: [String], action: String)] = """
        POST functions CreateFunction
        GET functions ListFunctions
        GET functions/* GetFunction
        DELETE functions/* DeleteFunction
        GET functions/*/configuration GetFunctionConfiguration
        PUT functions/*/configuration UpdateFunctionConfiguration
        PUT functions/*/code UpdateFunctionCode
        POST functions/*/invocations InvokeFunction
        POST functions/*/invoke-async InvokeAsync
        POST functions/*/response-streaming-invocations InvokeFunction
        GET functions/*/versions ListVersionsByFunction
        POST functions/*/versions PublishVersion
        GET functions/*/aliases ListAliases
        POST functions/*/aliases CreateAlias
        GET functions/*/aliases/* GetAlias
        PUT functions/*/aliases/* UpdateAlias
        DELETE functions/*/aliases/* DeleteAlias
        GET functions/*/policy GetPolicy
        POST functions/*/policy AddPermission
        DELETE functions/*/policy/* RemovePermission
        GET functions/*/concurrency GetFunctionConcurrency
        PUT functions/*/concurrency PutFunctionConcurrency
        DELETE functions/*/concurrency DeleteFunctionConcurrency
        GET functions/*/event-invoke-config GetFunctionEventInvokeConfig
        PUT functions/*/event-invoke-config PutFunctionEventInvokeConfig
        POST functions/*/event-invoke-config UpdateFunctionEventInvokeConfig
        DELETE functions/*/event-invoke-config DeleteFunctionEventInvokeConfig
        GET functions/*/event-invoke-config/list ListFunctionEventInvokeConfigs
        GET functions/*/code-signing-config GetFunctionCodeSigningConfig
        GET functions/*/recursion-config GetFunctionRecursionConfig
        PUT functions/*/recursion-config PutFunctionRecursionConfig
        GET functions/*/runtime-management-config GetRuntimeManagementConfig
        PUT functions/*/runtime-management-config PutRuntimeManagementConfig
        GET functions/*/url GetFunctionUrlConfig
        GET functions/*/urls ListFunctionUrlConfigs
        DELETE functions/*/url DeleteFunctionUrlConfig
        POST event-source-mappings CreateEventSourceMapping
        GET event-source-mappings ListEventSourceMappings
        GET event-source-mappings/* GetEventSourceMapping
        PUT event-source-mappings/* UpdateEventSourceMapping
        DELETE event-source-mappings/* DeleteEventSourceMapping
        GET tags/* ListTags
        POST tags/* TagResource
        DELETE tags/* UntagResource
        GET layers ListLayers
        GET layers/*/versions ListLayerVersions
        POST layers/*/versions PublishLayerVersion
        GET layers/*/versions/* GetLayerVersion
        DELETE layers/*/versions/* DeleteLayerVersion
        GET layers/*/versions/*/policy GetLayerVersionPolicy
        POST layers/*/versions/*/policy AddLayerVersionPermission
        DELETE layers/*/versions/*/policy/* RemoveLayerVersionPermission
        GET account-settings GetAccountSettings
        """.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 3 else { return nil }
            return (
                String(words[0]), words[1].split(separator: "/").map(String.init), String(words[2])
            )
        }

    /// What a request needs; nil for what is not of Lambda's API.
    ///
    /// A path of the API that isn't listed needs `lambda:*`: nobody gets past by it.
    static func need(_ request: RESTRequest, accountID: String) -> AccessRequest? {
        let segments = request.segments
        // The first segment is the API's date.
        guard let date = segments.first, date.utf8.count == 10, date.hasPrefix("20") else {
            return nil
        }
        let rest = Array(segments.dropFirst())
        let route = routes.first { route in
            route.method == request.method && route.path.count == rest.count
                && zip(route.path, rest).allSatisfy { $0 == "*" || $0 == $1 }
        }
        let names = ResourceNames(accountID: accountID, region: request.context.region)
        let isOfFunction = rest.first == "functions" && rest.count > 1
        let resource =
            if isOfFunction {
                names.function(rest[1], qualifier: request.parameter("Qualifier"))
            } else if rest.first == "tags", rest.count > 1 {
                rest[1]
            } else {
                "*"
            }
        return AccessRequest(action: "lambda:\(route?.action ?? "*")", resource: resource)
    }
}
