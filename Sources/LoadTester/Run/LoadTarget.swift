package import Client

/// Where a run's requests go.
package struct LoadTarget: Sendable {
    /// `http://127.0.0.1:8000`.
    package let endpoint: String
    package let region: String
    /// nil: the server verifies no signatures, and none are made.
    package let credentials: ServiceCredentials?
    let host: String
    let port: Int
    /// The Host header.
    let authority: String
    let path: String
    /// Whether requests go over TLS.
    package let isEncrypted: Bool

    /// nil for what is no endpoint like `http://127.0.0.1:8000`.
    package init?(endpoint: String, region: String, credentials: ServiceCredentials?) {
        var rest = endpoint[...]
        isEncrypted = rest.hasPrefix("https://")
        guard isEncrypted || rest.hasPrefix("http://") else { return nil }
        rest = rest.dropFirst(isEncrypted ? 8 : 7)
        let authority = rest.prefix { $0 != "/" }
        var path = rest.dropFirst(authority.count)
        while path.last == "/" { path.removeLast() }
        var host = authority
        var port = isEncrypted ? 443 : 80
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            guard let number = Int(authority[authority.index(after: colon)...]),
                (1...65_535).contains(number)
            else { return nil }
            port = number
            host = authority[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        let isPlain = (authority + path).utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7F && !"@#?".utf8.contains($0)
        }
        guard !host.isEmpty, isPlain else { return nil }
        self.endpoint = endpoint
        self.region = region
        self.credentials = credentials
        self.host = String(host)
        self.port = port
        self.authority = String(authority)
        self.path = path.isEmpty ? "/" : String(path)
    }

    /// Calls outside of the measured run: tables, and filling them.
    package var client: ServiceClient {
        ServiceClient(
            endpoint: endpoint, region: region, credentials: credentials ?? .any,
            retries: RetryPolicy(attemptsMax: 8, baseDelay: 0.05, delayMax: 2))
    }
}
