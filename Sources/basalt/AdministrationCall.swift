import Client
import Operations

/// One request to a server's administrative endpoint.
struct AdministrationCall {
    private let endpoint: String
    private let path: String
    /// JSON to change something with; nil only looks.
    var body: String?
    /// What it is signed with.
    var credentials = ServiceCredentials.any

    /// - Parameter endpoint: `http://host:port`.
    init(endpoint: String, path: String) {
        self.endpoint = endpoint
        self.path = path
    }

    /// Sends it.
    ///
    /// - Returns: the answer's body.
    /// - Throws: `ConfigurationError` where nobody answers, or with what the server refuses.
    func send() async throws(ConfigurationError) -> String {
        let client = ServiceClient(
            endpoint: endpoint, credentials: credentials, retries: .never)
        // Moving the clock ends when everything that became due is done.
        let request = ServiceRequest(
            .administration, method: body == nil ? "GET" : "POST", path: path,
            body: Array((body ?? "").utf8), timeout: 3_600)
        do throws(ServiceError) {
            return String(decoding: try await client.send(request).body, as: UTF8.self)
        } catch {
            throw refusal(error)
        }
    }

    private func refusal(_ error: ServiceError) -> ConfigurationError {
        switch error.code {
        case ConnectionFault.invalidEndpoint: ConfigurationError(error.message)
        case ConnectionFault.noConnection, ConnectionFault.timeout:
            ConfigurationError("nobody answers on \(endpoint): \(error.message)")
        default:
            error.status == 404
                ? ConfigurationError("\(endpoint) has no \(path): it must be switched on")
                : ConfigurationError(
                    "\(endpoint) answered \(error.status) \(error.code): \(error.message)")
        }
    }
}
