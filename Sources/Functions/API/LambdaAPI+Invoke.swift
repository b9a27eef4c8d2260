internal import Operations
internal import Wire

/// Invoke, as far as HTTP goes.
extension LambdaAPI {
    /// The most bytes of a synchronous invocation's payload.
    static let payloadBytesMax = 6_291_456
    /// The most bytes of an asynchronous invocation's payload.
    static let eventBytesMax = 1_048_576

    func invoke(
        _ request: RESTRequest, _ match: LambdaRoutes.Match
    ) async throws(ServiceError) -> RESTResponse {
        let name = match.members.first?.value ?? ""
        let qualifier = request.parameter("Qualifier")
        let kind = request.header("X-Amz-Invocation-Type") ?? "RequestResponse"
        let logType = request.header("X-Amz-Log-Type") ?? "None"
        try Self.check(name, qualifier, kind, logType)
        let max = kind == "Event" ? Self.eventBytesMax : Self.payloadBytesMax
        guard request.body.count <= max else {
            throw .lambda(
                "RequestTooLargeException",
                "Request must be smaller than \(max) bytes for the InvokeFunction operation", 413)
        }
        let payload = request.body.isEmpty ? Array("{}".utf8) : request.body
        if let fault = PayloadCheck.fault(payload) { throw PayloadCheck.error(fault) }
        let function = try catalogue.resolve(
            name, qualifier: qualifier, region: request.context.region)
        if kind == "DryRun" { return RESTResponse(status: 204) }
        let invocation = Invocation(
            function: function, payload: payload, requestID: RandomIdentifier.uuid(),
            clientContext: try Self.clientContext(request),
            traceID: request.header("X-Amzn-Trace-Id"), wantsLogTail: logType == "Tail")
        guard let invoker, let events else {
            throw .serviceException("This server keeps functions, but runs none.")
        }
        if kind == "Event" {
            try await events.enqueue(invocation)
            return RESTResponse(status: 202, headers: [Self.header(invocation)])
        }
        let result = try await invoker.invoke(invocation)
        var headers = [
            Self.header(invocation),
            (name: "X-Amz-Executed-Version", value: result.executedVersion),
        ]
        if let error = result.functionError {
            headers.append((name: "X-Amz-Function-Error", value: error))
        }
        if let tail = result.logTail {
            headers.append((name: "X-Amz-Log-Result", value: Base64.encoded(tail)))
        }
        return RESTResponse(status: 200, headers: headers, body: result.payload)
    }

    /// InvokeAsync, which clients of old have in place of the invocation type Event.
    func invokeAsync(
        _ request: RESTRequest, _ match: LambdaRoutes.Match
    ) async throws(ServiceError) -> RESTResponse {
        let name = match.members.first?.value ?? ""
        try Self.check(name, nil, "Event", "None")
        guard request.body.count <= Self.eventBytesMax else {
            throw .lambda(
                "RequestTooLargeException",
                "Request must be smaller than \(Self.eventBytesMax) bytes for the "
                    + "InvokeAsync operation", 413)
        }
        let payload = request.body.isEmpty ? Array("{}".utf8) : request.body
        if let fault = PayloadCheck.fault(payload) { throw PayloadCheck.error(fault) }
        let function = try catalogue.resolve(
            name, qualifier: nil, region: request.context.region)
        guard let events else {
            throw .serviceException("This server keeps functions, but runs none.")
        }
        let invocation = Invocation(
            function: function, payload: payload, requestID: RandomIdentifier.uuid(),
            traceID: request.header("X-Amzn-Trace-Id"))
        try await events.enqueue(invocation)
        return RESTResponse(status: 202, headers: [Self.header(invocation)])
    }

    /// Checks what stands beside the payload against the model, unless it is plainly right.
    private static func check(
        _ name: String, _ qualifier: String?, _ kind: String, _ logType: String
    ) throws(ServiceError) {
        if FunctionReference.isName(name), name.utf8.count <= 64, qualifier == nil,
            kind == "RequestResponse" || kind == "Event", logType == "None" || logType == "Tail"
        {
            return
        }
        let members: [(String, JSONValue?)] = [
            ("FunctionName", .string(name)), ("InvocationType", .string(kind)),
            ("LogType", .string(logType)), ("Qualifier", qualifier.map { .string($0) }),
        ]
        try LambdaModel.check("Invoke", .object(present: members))
    }

    /// The request's id is what the handler sees as aws_request_id.
    private static func header(_ invocation: Invocation) -> (name: String, value: String) {
        ("x-amzn-RequestId", invocation.requestID)
    }

    private static func clientContext(_ request: RESTRequest) throws(ServiceError) -> String? {
        guard let text = request.header("X-Amz-Client-Context") else { return nil }
        guard let bytes = Base64.decoded(text), PayloadCheck.fault(bytes) == nil,
            let context = String(validating: bytes, as: UTF8.self)
        else {
            throw .lambda(
                "InvalidRequestContentException",
                "Client context must be a valid Base64-encoded "
                    + "JSON object.")
        }
        return context
    }
}
