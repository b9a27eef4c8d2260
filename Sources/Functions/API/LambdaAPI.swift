package import Client
internal import Crypto
internal import Operations
package import Wire

/// The Lambda REST API, as far as functions, versions, aliases and layers go; event source mappings
/// have a room of their own.
package final class LambdaAPI: RESTHandler {
    /// Where the code of functions is downloaded.
    static let downloadPrefix = "/_basalt/code/"
    /// Where functions are put whose code runs in a directory.
    static let developmentPrefix = "/_basalt/functions/"

    let catalogue: FunctionCatalogue
    let environment: FunctionsEnvironment
    /// Who runs functions; nil: nobody here, they are only kept.
    let invoker: (any FunctionInvoker)?
    let events: (any EventQueue)?
    /// Where code lies that is told by bucket and key; nil: nowhere.
    let objects: (any ObjectReader)?
    let tagKeeper: (any TagKeeper)?
    /// What download links are signed with, as long as the server runs.
    let linkKey = SymmetricKey(size: .bits256)

    package init(
        catalogue: FunctionCatalogue, invoker: (any FunctionInvoker)?, events: (any EventQueue)?,
        objects: (any ObjectReader)? = nil, tagKeeper: (any TagKeeper)? = nil
    ) {
        self.catalogue = catalogue
        environment = catalogue.environment
        self.invoker = invoker
        self.events = events
        self.objects = objects
        self.tagKeeper = tagKeeper
    }

    // MARK: What is its own

    package func access(method: String, path: Substring) -> RESTAccess? {
        if path.hasPrefix(Self.downloadPrefix) { return .open }
        if path.hasPrefix(Self.developmentPrefix) { return .signed }
        return LambdaRoutes.own(path) ? .signed : nil
    }

    /// A zip of 50 MB in Base64, and the rest of CreateFunction.
    static let codeRequestBytesMax = 70_167_211

    package func bodyBytesMax(path: Substring) -> Int {
        // Beyond the limits: what is a little too large is answered in the service's words.
        Self.codeRequestBytesMax + (8 << 20)
    }

    // MARK: Answering

    package func handle(
        _ request: RESTRequest, completion: @escaping @Sendable (RESTResponse) -> Void
    ) {
        respond(completion) { () async throws(ServiceError) in
            try await self.answer(request)
        }
    }

    private func answer(_ request: RESTRequest) async throws(ServiceError) -> RESTResponse {
        if request.path.hasPrefix(Self.downloadPrefix) { return try await download(request) }
        if request.path.hasPrefix(Self.developmentPrefix) { return try await develop(request) }
        guard let match = LambdaRoutes.shared.match(request) else {
            throw ServiceError(
                "UnknownOperationException", "", namespace: .coralService, status: 404)
        }
        if match.operation == "Invoke" { return try await invoke(request, match) }
        if match.operation == "InvokeAsync" { return try await invokeAsync(request, match) }
        guard request.body.count <= Self.codeRequestBytesMax else {
            throw .lambda(
                "RequestEntityTooLargeException",
                "Request must be smaller than \(Self.codeRequestBytesMax) bytes for the "
                    + "\(match.operation) operation", 413)
        }
        let input = try LambdaInput(request, match)
        switch match.operation {
        case "CreateFunction": return try await createFunction(input)
        case "UpdateFunctionCode": return try await updateFunctionCode(input)
        case "PublishLayerVersion": return try await publishLayerVersion(input)
        case "ListTags", "TagResource", "UntagResource": return try await tagging(input)
        default:
            return try await catalogue.onThread { () throws(ServiceError) in
                try self.answerOnThread(input)
            }
        }
    }

    /// The operations that need nothing but the catalogue; on its thread.
    private func answerOnThread(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        switch input.operation {
        case "GetFunction": try getFunction(input)
        case "GetFunctionConfiguration": try getFunctionConfiguration(input)
        case "UpdateFunctionConfiguration": try updateFunctionConfiguration(input)
        case "DeleteFunction": try deleteFunction(input)
        case "ListFunctions": try listFunctions(input)
        case "ListVersionsByFunction": try listVersionsByFunction(input)
        case "PublishVersion": try publishVersion(input)
        case "CreateAlias": try createAlias(input)
        case "GetAlias": try getAlias(input)
        case "UpdateAlias": try updateAlias(input)
        case "DeleteAlias": try deleteAlias(input)
        case "ListAliases": try listAliases(input)
        case "AddPermission": try addPermission(input)
        case "GetPolicy": try getPolicy(input)
        case "RemovePermission": try removePermission(input)
        case "PutFunctionConcurrency": try putFunctionConcurrency(input)
        case "GetFunctionConcurrency": try getFunctionConcurrency(input)
        case "DeleteFunctionConcurrency": try deleteFunctionConcurrency(input)
        case "PutFunctionEventInvokeConfig": try putEventInvoke(input, replaces: true)
        case "UpdateFunctionEventInvokeConfig": try putEventInvoke(input, replaces: false)
        case "GetFunctionEventInvokeConfig": try getEventInvoke(input)
        case "DeleteFunctionEventInvokeConfig": try deleteEventInvoke(input)
        case "ListFunctionEventInvokeConfigs": try listEventInvokes(input)
        case "GetLayerVersion": try getLayerVersion(input)
        case "GetLayerVersionByArn": try getLayerVersionByArn(input)
        case "ListLayerVersions": try listLayerVersions(input)
        case "ListLayers": try listLayers(input)
        case "DeleteLayerVersion": try deleteLayerVersion(input)
        case "AddLayerVersionPermission": try addLayerVersionPermission(input)
        case "GetLayerVersionPolicy": try getLayerVersionPolicy(input)
        case "RemoveLayerVersionPermission": try removeLayerVersionPermission(input)
        default: try answerSetting(input)
        }
    }

    /// The function that an input names.
    func record(
        _ input: LambdaInput, in state: FunctionCatalogue.State
    ) throws(ServiceError) -> (record: FunctionRecord, qualifier: String?) {
        let (key, qualifier) = try locate(input)
        guard let record = state.functions[key] else {
            throw .functionNotFound(catalogue.arn(key, qualifier))
        }
        return (record, qualifier)
    }

    func locate(_ input: LambdaInput) throws(ServiceError) -> (key: FunctionKey, qualifier: String?)
    {
        try catalogue.locate(
            input.string("FunctionName") ?? "", qualifier: input.string("Qualifier"),
            region: input.region, action: input.operation)
    }

    /// The function and version that an input names, and the ARN that says so.
    func version(
        _ input: LambdaInput
    ) throws(ServiceError) -> (
        record: FunctionRecord, configuration: FunctionConfiguration, arn: String
    ) {
        let (record, qualifier) = try record(input, in: catalogue.snapshot)
        let arn = catalogue.arn(record.key, qualifier)
        guard let configuration = record.configuration(qualifier) else {
            throw Self.missing(qualifier ?? "", arn: arn)
        }
        return (record, configuration, arn)
    }

    /// What is told of a version or alias that isn't there.
    static func missing(_ qualifier: String, arn: String) -> ServiceError {
        FunctionReference.isVersionNumber(qualifier) || qualifier.hasPrefix("$")
            ? .functionNotFound(arn) : .aliasNotFound(arn)
    }
}
