package import Operations
package import Wire

/// Calls services at one endpoint: signs requests, tries again what failed for a while, and reads
/// answers.
///
/// Connections are kept alive and shared by all clients of the process. Whatever a service refuses
/// is thrown with the service's own code, message and status; what never reached it with those of
/// `ConnectionFault`. Cancelling the task ends a call at once.
package struct ServiceClient: Sendable {
    package let endpoint: String
    package let region: String
    private let credentials: ServiceCredentials
    package var retries: RetryPolicy

    /// - Parameter endpoint: `http://127.0.0.1:8000`, or with https.
    package init(
        endpoint: String, region: String = "us-east-1", credentials: ServiceCredentials = .any,
        retries: RetryPolicy = .standard
    ) {
        self.endpoint = endpoint
        self.region = region
        self.credentials = credentials
        self.retries = retries
    }

    /// Calls an operation by its name, of services that go by X-Amz-Target: DynamoDB, its streams,
    /// CloudWatch Logs, SQS.
    ///
    /// - Parameters:
    ///   - region: where it is signed for; nil: the client's own.
    ///   - timeout: seconds; longer than a long poll waits.
    /// - Returns: the answer's JSON; an empty object where it is empty.
    package func call(
        _ service: Service, _ operation: String, _ parameters: JSONValue = .object([]),
        region: String? = nil, timeout: Double = 60
    ) async throws(ServiceError) -> JSONValue {
        guard let prefix = service.targetPrefix else {
            throw ConnectionFault.unreadable("A call of \(service) by the operation's name")
        }
        var request = ServiceRequest(
            service, headers: [("X-Amz-Target", "\(prefix).\(operation)")],
            body: parameters.encoded, timeout: timeout)
        request.region = region
        return try await json(request)
    }

    /// Calls an operation by method and path: Lambda, `/_basalt/…`.
    ///
    /// - Parameters:
    ///   - path: with its variable parts escaped already (`PercentText.encoded`).
    ///   - query: not escaped.
    /// - Returns: the answer's JSON; an empty object where it is empty.
    package func call(
        _ service: Service, method: String, path: String,
        query: [(name: String, value: String)] = [], body: JSONValue? = nil,
        region: String? = nil, timeout: Double = 60
    ) async throws(ServiceError) -> JSONValue {
        var request = ServiceRequest(
            service, method: method, path: path, query: query, body: body?.encoded ?? [],
            timeout: timeout)
        request.region = region
        return try await json(request)
    }

    /// Calls an operation of a service that takes a form and answers XML: SNS, STS, IAM.
    package func call(
        _ service: Service, _ operation: String, form: [(name: String, value: String)],
        region: String? = nil, timeout: Double = 60
    ) async throws(ServiceError) -> XMLElement {
        guard let version = service.queryVersion else {
            throw ConnectionFault.unreadable("A form for \(service)")
        }
        let fields = [("Action", operation), ("Version", version)] + form
        let body = fields.map { "\(PercentText.encoded($0.0))=\(PercentText.encoded($0.1))" }
        var request = ServiceRequest(
            service, body: Array(body.joined(separator: "&").utf8), timeout: timeout)
        request.region = region
        let response = try await send(request)
        guard let answer = XMLElement(parsing: response.body) else {
            throw ConnectionFault.unreadable("The answer to \(operation)")
        }
        return answer
    }

    private func json(_ request: ServiceRequest) async throws(ServiceError) -> JSONValue {
        let response = try await send(request)
        if response.body.isEmpty { return .object([]) }
        do throws(ServiceError) {
            return try JSONValue(parsing: response.body)
        } catch {
            throw ConnectionFault.unreadable("The answer of \(endpoint)")
        }
    }

    /// Sends a request and returns the answer as it is, headers and all.
    ///
    /// - Throws: what a service refused (a status from 300), after the attempts of `retries`.
    package func send(_ request: ServiceRequest) async throws(ServiceError) -> ServiceResponse {
        let url = try EndpointURL(endpoint)
        var attempt = 1
        while true {
            let failure: ServiceError
            do throws(ServiceError) {
                let response = try await sendOnce(request, to: url)
                if (200..<300).contains(response.status) { return response }
                failure = RemoteError.read(response, service: request.service)
            } catch {
                failure = error
            }
            guard attempt < retries.attemptsMax, retries.isWorthAnother(failure) else {
                throw failure
            }
            do {
                try await Task.sleep(for: .seconds(retries.delay(afterAttempt: attempt)))
            } catch {
                throw failure
            }
            attempt += 1
        }
    }

    private func sendOnce(
        _ request: ServiceRequest, to url: EndpointURL
    ) async throws(ServiceError) -> ServiceResponse {
        var headers: [(name: String, value: String)] = [("Host", url.authority)]
        headers += request.headers
        let hasType = request.headers.contains { $0.name.lowercased() == "content-type" }
        if !hasType, !request.body.isEmpty {
            headers.append(("Content-Type", request.service.contentType))
        }
        let signer = SignatureSigner(
            credentials: credentials, region: request.region ?? region,
            service: request.service.signingName)
        headers += signer.headers(
            method: request.method, path: url.pathPrefix + request.path, query: request.query,
            headers: headers, body: request.body)
        return try await Connections.send(
            method: request.method,
            url: url.url(
                path: request.path, query: SignatureSigner.canonical(query: request.query)),
            headers: headers, body: request.body, timeout: request.timeout,
            responseBytesMax: request.responseBytesMax)
    }
}
