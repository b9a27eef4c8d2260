package import Client
package import Operations
internal import Wire

/// Where a template is deployed: a server of ours, and endpoints outside for what it isn't.
package struct DeploymentTarget: Sendable {
    let server: ServiceClient
    let outside: OutsideEndpoints
    let place: TemplateScope.Place

    package init(server: ServiceClient, outside: OutsideEndpoints, place: TemplateScope.Place) {
        self.server = server
        self.outside = outside
        self.place = place
    }

    /// The account whose ARNs a server gives.
    ///
    /// - Throws: `ServiceError` where nobody answers, or nobody who keeps deployments.
    package static func accountID(of server: ServiceClient) async throws(ServiceError) -> String {
        let answer = try await server.call(
            .administration, method: "GET", path: "/_basalt/deployments")
        return answer["AccountId"]?.string ?? "000000000000"
    }

    private var recordPath: String {
        "/_basalt/deployments/" + PercentText.encoded(place.stackName)
    }

    func record() async throws(ServiceError) -> DeploymentRecord {
        let document = try await found { () throws(ServiceError) in
            try await server.call(.administration, method: "GET", path: recordPath)
        }
        return document.map { DeploymentRecord($0) } ?? DeploymentRecord()
    }

    func keep(_ record: DeploymentRecord) async throws(ServiceError) {
        if record.resources.isEmpty {
            _ = try await found { () throws(ServiceError) in
                try await server.call(.administration, method: "DELETE", path: recordPath)
            }
            return
        }
        _ = try await server.call(
            .administration, method: "PUT", path: recordPath,
            body: record.json(stackName: place.stackName))
    }

    // MARK: Calls

    func dynamodb(
        _ operation: String, _ parameters: [(String, JSONValue)]
    ) async throws(ServiceError) -> JSONValue {
        try await server.call(.dynamodb, operation, .object(parameters))
    }

    func lambda(
        _ method: String, _ path: String, query: [(name: String, value: String)] = [],
        _ body: JSONValue? = nil
    ) async throws(ServiceError) -> JSONValue {
        try await server.call(
            .lambda, method: method, path: path, query: query, body: body, timeout: 300)
    }

    func administration(
        _ method: String, _ path: String, _ body: JSONValue? = nil
    ) async throws(ServiceError) -> JSONValue {
        try await server.call(.administration, method: method, path: path, body: body)
    }

    /// What a call gives, nil where what it asks for isn't there.
    func found(
        _ codes: Set<String> = [], _ call: () async throws(ServiceError) -> JSONValue
    ) async throws(ServiceError) -> JSONValue? {
        do throws(ServiceError) {
            return try await call()
        } catch {
            let isMissing =
                error.status == 404 || error.code == "ResourceNotFoundException"
                || codes.contains(error.code)
            if isMissing { return nil }
            throw error
        }
    }
}
