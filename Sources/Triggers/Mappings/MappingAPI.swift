internal import Functions
internal import Operations
package import Wire

/// The event source mappings of Lambda's REST API, and `GET /_basalt/mappings`.
package struct MappingAPI: RESTHandler {
    private let catalogue: MappingCatalogue
    private let checks: SourceChecks
    private let environment: TriggersEnvironment

    package init(
        _ catalogue: MappingCatalogue, environment: TriggersEnvironment,
        queueClient: any QueueClient
    ) {
        self.catalogue = catalogue
        self.environment = environment
        checks = SourceChecks(environment: environment, queues: queueClient)
    }

    // MARK: Routes

    private static let path = "/2015-03-31/event-source-mappings"
    private static let metricsPath = "/_basalt/mappings"

    package func access(method: String, path: Substring) -> RESTAccess? {
        route(method, path) == nil ? nil : .signed
    }

    private enum Route {
        case create
        case list
        case get(String)
        case update(String)
        case delete(String)
        case metrics
    }

    private func route(_ method: String, _ path: Substring) -> Route? {
        if path == Self.metricsPath { return method == "GET" ? .metrics : nil }
        guard path.hasPrefix(Self.path) else { return nil }
        let rest = path.dropFirst(Self.path.utf8.count)
        if rest.isEmpty || rest == "/" {
            return method == "POST" ? .create : method == "GET" ? .list : nil
        }
        guard rest.first == "/", !rest.dropFirst().contains("/") else { return nil }
        let uuid = PercentText.decoded(rest.dropFirst())
        switch method {
        case "GET": return .get(uuid)
        case "PUT": return .update(uuid)
        case "DELETE": return .delete(uuid)
        default: return nil
        }
    }

    package func handle(
        _ request: RESTRequest, completion: @escaping @Sendable (RESTResponse) -> Void
    ) {
        guard let route = route(request.method, request.path[...]) else {
            completion(RESTResponse(MappingCatalogue.notFound))
            return
        }
        respond(completion) { () async throws(ServiceError) in
            try await self.answer(route, request)
        }
    }

    private func answer(
        _ route: Route, _ request: RESTRequest
    ) async throws(ServiceError) -> RESTResponse {
        let region = request.context.region
        switch route {
        case .create: return try await create(request.body, region: region)
        case .list: return try list(request)
        case .get(let uuid):
            guard let mapping = catalogue.mapping(uuid.lowercased(), region: region) else {
                throw MappingCatalogue.notFound
            }
            return told(mapping, status: 200)
        case .update(let uuid):
            return try await update(uuid.lowercased(), request.body, region: region)
        case .delete(let uuid):
            return told(
                try await catalogue.delete(uuid.lowercased(), region: region), status: 202)
        case .metrics: return metrics()
        }
    }

    private func told(_ mapping: EventSourceMapping, status: Int) -> RESTResponse {
        RESTResponse(status: status, json: mapping.answer(accountID: environment.accountID))
    }

    // MARK: Mappings

    private func create(_ body: [UInt8], region: String) async throws(ServiceError) -> RESTResponse
    {
        let settings = try MappingSettings(body, for: .create)
        if settings.names.contains("SelfManagedEventSource") {
            throw MappingRules.refusal(
                "Unsupported event source: SelfManagedEventSource. DynamoDB streams and SQS "
                    + "queues are served.")
        }
        guard let source = settings.eventSourceArn, let name = settings.functionName else {
            throw MappingRules.refusal("Unrecognized event source.")
        }
        var mapping = EventSourceMapping(
            uuid: RandomIdentifier.uuid(), region: region, eventSourceArn: source,
            functionArn: "", batchSize: 0,
            state: settings.isEnabled ?? true ? .enabled : .disabled,
            lastModified: environment.clock.now())
        mapping = try MappingRules.created(settings, as: mapping)
        mapping.tags = try MappingTags.checked(settings.tags ?? [:])
        let function = try checks.function(name, region: region)
        mapping.functionArn = function.invokedArn
        try await checks.source(of: mapping, function: function)
        mapping.lastModified = environment.clock.now()
        return told(try await catalogue.create(mapping), status: 202)
    }

    private func update(
        _ uuid: String, _ body: [UInt8], region: String
    ) async throws(ServiceError) -> RESTResponse {
        let settings = try MappingSettings(body, for: .update, uuid: uuid)
        guard let present = catalogue.mapping(uuid, region: region) else {
            throw MappingCatalogue.notFound
        }
        var preview = try MappingRules.merged(settings, into: present)
        var functionArn: String?
        if let name = settings.functionName {
            let function = try checks.function(name, region: region)
            functionArn = function.invokedArn
            preview.functionArn = function.invokedArn
            if preview.isQueue { try await checks.source(of: preview, function: function) }
        }
        let answer = try await catalogue.update(
            uuid, region: region, isEnabled: settings.isEnabled
        ) { [functionArn] mapping throws(ServiceError) in
            var mapping = try MappingRules.merged(settings, into: mapping)
            mapping.functionArn = functionArn ?? mapping.functionArn
            return mapping
        }
        return told(answer, status: 202)
    }

    // MARK: Lists

    /// However many are asked for, a page has no more.
    private static let pageMax = 100

    private func list(_ request: RESTRequest) throws(ServiceError) -> RESTResponse {
        let operation = "ListEventSourceMappings"
        let input = request.query.map {
            ($0.name, LambdaModel.value($0.value, of: $0.name, in: operation))
        }
        try LambdaModel.check(operation, .object(input))
        let region = request.context.region
        var mappings = catalogue.mappings(region: region)
        if let source = request.parameter("EventSourceArn"), !source.isEmpty {
            mappings.removeAll { $0.eventSourceArn != source }
        }
        if let name = request.parameter("FunctionName"), !name.isEmpty {
            let arn = functionArn(name, region: region)
            let hadNone = !catalogue.mappings(region: region).contains { $0.functionArn == arn }
            mappings.removeAll { $0.functionArn != arn }
            // Mappings outlive their functions: an unknown one is an error only without mappings.
            if hadNone {
                _ = try environment.functions.resolve(name, qualifier: nil, region: region)
            }
        }
        if let marker = request.parameter("Marker"), !marker.isEmpty {
            guard let bytes = Base64.decoded(marker) else {
                throw MappingRules.refusal("Invalid marker")
            }
            let after = String(decoding: bytes, as: UTF8.self)
            mappings.removeAll { $0.uuid <= after }
        }
        let limit = min(
            request.parameter("MaxItems").flatMap { Int($0) } ?? Self.pageMax, Self.pageMax)
        let page = mappings.prefix(max(1, limit))
        let next = page.count < mappings.count ? page.last?.uuid : nil
        return RESTResponse(
            json: .object(present: [
                (
                    "EventSourceMappings",
                    .array(page.map { $0.answer(accountID: environment.accountID) })
                ),
                ("NextMarker", next.map { .string(Base64.encoded(Array($0.utf8))) }),
            ]))
    }

    /// The ARN that a name, partial ARN or ARN stands for, whether there is such a function or not.
    private func functionArn(_ name: String, region: String) -> String {
        guard let reference = FunctionReference(name) else { return name }
        let suffix = reference.qualifier.map { ":\($0)" } ?? ""
        return "arn:aws:lambda:\(reference.region ?? region):"
            + "\(reference.account ?? environment.accountID):function:\(reference.name)\(suffix)"
    }

    private func metrics() -> RESTResponse {
        let told = catalogue.metrics().map { mapping, metrics in
            JSONValue.object(present: [
                ("uuid", .string(mapping.uuid)),
                ("eventSourceArn", .string(mapping.eventSourceArn)),
                ("functionArn", .string(mapping.functionArn)),
                ("state", .string(mapping.state.rawValue)),
                ("lastProcessingResult", .string(mapping.lastProcessingResult)),
                (
                    "iteratorAgeMilliseconds",
                    metrics.iteratorAgeMilliseconds.flatMap {
                        $0.isFinite ? .number(String($0)) : nil
                    }
                ),
                ("invocationCount", .number(String(metrics.invocationCount))),
                ("failedInvocationCount", .number(String(metrics.failedInvocationCount))),
                ("recordCount", .number(String(metrics.recordCount))),
                ("filteredOutRecordCount", .number(String(metrics.filteredOutRecordCount))),
                ("discardedRecordCount", .number(String(metrics.discardedRecordCount))),
            ])
        }
        return RESTResponse(json: .object([("mappings", .array(told))]))
    }
}
