internal import Wire

/// Lambda's operations by method and path.
struct LambdaRoutes: Sendable {
    /// What a request asks for.
    struct Match: Sendable {
        var operation: String
        /// The members that stand in the path.
        var members: [(name: String, value: String)]
    }

    private enum Part: Sendable {
        case word(String)
        case member(String)
    }

    private struct Route: Sendable {
        var operation: String
        var method: String
        var parts: [Part]
        /// A parameter of the query without which it is another operation.
        var marker: (name: String, value: String)?
    }

    static let shared = LambdaRoutes()

    private let routes: [Route]

    /// Whether a path belongs to the API, whatever is asked of it.
    static func own(_ path: Substring) -> Bool {
        // "/2015-03-31/functions/…": a date, then what it is about.
        let parts = path.split(separator: "/", maxSplits: 2)
        guard parts.count >= 2, parts[0].utf8.count == 10 else { return false }
        return dates.contains(parts[0]) && subjects.contains(parts[1])
    }

    private static let dates: Set<Substring> = [
        "2014-11-13", "2015-03-31", "2016-08-19", "2017-03-31", "2017-10-31", "2018-10-31",
        "2019-09-25", "2019-09-30", "2020-06-30", "2021-07-20", "2021-10-31", "2021-11-15",
        "2024-08-31",
    ]
    private static let subjects: Set<Substring> = [
        "functions", "layers", "tags", "account-settings",
    ]

    private init() {
        routes = Self.text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 3 else { return nil }
            let halves = words[2].split(separator: "?")
            let marker = halves.count == 2 ? halves[1].split(separator: "=") : []
            return Route(
                operation: String(words[0]), method: String(words[1]),
                parts: halves[0].split(separator: "/").map { part in
                    part.hasPrefix("{")
                        ? .member(String(part.dropFirst().dropLast())) : .word(String(part))
                },
                marker: marker.count == 2 ? (String(marker[0]), String(marker[1])) : nil)
        }
    }

    /// The operation of a request; nil where there is none such.
    func match(_ request: RESTRequest) -> Match? {
        let segments = request.segments
        for route in routes
        where route.method == request.method && route.parts.count == segments.count {
            if let marker = route.marker, request.parameter(marker.name) != marker.value {
                continue
            }
            if let members = Self.members(route.parts, segments) {
                return Match(operation: route.operation, members: members)
            }
        }
        return nil
    }

    private static func members(
        _ parts: [Part], _ segments: [String]
    ) -> [(name: String, value: String)]? {
        var members: [(name: String, value: String)] = []
        for (part, segment) in zip(parts, segments) {
            switch part {
            case .word(let word):
                guard word == segment else { return nil }
            case .member(let name):
                members.append((name, segment))
            }
        }
        return members
    }

    /// Of two routes of one form, the one with a parameter stands first.
    private static let text = """
        AddLayerVersionPermission POST \
        /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy
        AddPermission POST /2015-03-31/functions/{FunctionName}/policy
        CreateAlias POST /2015-03-31/functions/{FunctionName}/aliases
        CreateFunction POST /2015-03-31/functions
        DeleteAlias DELETE /2015-03-31/functions/{FunctionName}/aliases/{Name}
        DeleteFunction DELETE /2015-03-31/functions/{FunctionName}
        DeleteFunctionConcurrency DELETE /2017-10-31/functions/{FunctionName}/concurrency
        DeleteFunctionEventInvokeConfig DELETE \
        /2019-09-25/functions/{FunctionName}/event-invoke-config
        DeleteFunctionUrlConfig DELETE /2021-10-31/functions/{FunctionName}/url
        DeleteLayerVersion DELETE /2018-10-31/layers/{LayerName}/versions/{VersionNumber}
        GetAccountSettings GET /2016-08-19/account-settings
        GetAlias GET /2015-03-31/functions/{FunctionName}/aliases/{Name}
        GetFunction GET /2015-03-31/functions/{FunctionName}
        GetFunctionCodeSigningConfig GET /2020-06-30/functions/{FunctionName}/code-signing-config
        GetFunctionConcurrency GET /2019-09-30/functions/{FunctionName}/concurrency
        GetFunctionConfiguration GET /2015-03-31/functions/{FunctionName}/configuration
        GetFunctionEventInvokeConfig GET /2019-09-25/functions/{FunctionName}/event-invoke-config
        GetFunctionRecursionConfig GET /2024-08-31/functions/{FunctionName}/recursion-config
        GetFunctionUrlConfig GET /2021-10-31/functions/{FunctionName}/url
        GetLayerVersion GET /2018-10-31/layers/{LayerName}/versions/{VersionNumber}
        GetLayerVersionByArn GET /2018-10-31/layers?find=LayerVersion
        GetLayerVersionPolicy GET /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy
        GetPolicy GET /2015-03-31/functions/{FunctionName}/policy
        ListProvisionedConcurrencyConfigs GET \
        /2019-09-30/functions/{FunctionName}/provisioned-concurrency?List=ALL
        GetProvisionedConcurrencyConfig GET \
        /2019-09-30/functions/{FunctionName}/provisioned-concurrency
        GetRuntimeManagementConfig GET \
        /2021-07-20/functions/{FunctionName}/runtime-management-config
        Invoke POST /2015-03-31/functions/{FunctionName}/invocations
        InvokeAsync POST /2014-11-13/functions/{FunctionName}/invoke-async
        ListAliases GET /2015-03-31/functions/{FunctionName}/aliases
        ListFunctionEventInvokeConfigs GET \
        /2019-09-25/functions/{FunctionName}/event-invoke-config/list
        ListFunctionUrlConfigs GET /2021-10-31/functions/{FunctionName}/urls
        ListFunctions GET /2015-03-31/functions
        ListLayerVersions GET /2018-10-31/layers/{LayerName}/versions
        ListLayers GET /2018-10-31/layers
        ListTags GET /2017-03-31/tags/{Resource}
        ListVersionsByFunction GET /2015-03-31/functions/{FunctionName}/versions
        PublishLayerVersion POST /2018-10-31/layers/{LayerName}/versions
        PublishVersion POST /2015-03-31/functions/{FunctionName}/versions
        PutFunctionConcurrency PUT /2017-10-31/functions/{FunctionName}/concurrency
        PutFunctionEventInvokeConfig PUT /2019-09-25/functions/{FunctionName}/event-invoke-config
        PutFunctionRecursionConfig PUT /2024-08-31/functions/{FunctionName}/recursion-config
        PutRuntimeManagementConfig PUT \
        /2021-07-20/functions/{FunctionName}/runtime-management-config
        RemoveLayerVersionPermission DELETE \
        /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy/{StatementId}
        RemovePermission DELETE /2015-03-31/functions/{FunctionName}/policy/{StatementId}
        TagResource POST /2017-03-31/tags/{Resource}
        UntagResource DELETE /2017-03-31/tags/{Resource}
        UpdateAlias PUT /2015-03-31/functions/{FunctionName}/aliases/{Name}
        UpdateFunctionCode PUT /2015-03-31/functions/{FunctionName}/code
        UpdateFunctionConfiguration PUT /2015-03-31/functions/{FunctionName}/configuration
        UpdateFunctionEventInvokeConfig POST \
        /2019-09-25/functions/{FunctionName}/event-invoke-config
        """
}
