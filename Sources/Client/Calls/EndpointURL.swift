internal import Operations

/// An endpoint as requests need it: `http://127.0.0.1:8000`, with a path before theirs or none.
struct EndpointURL: Sendable, Hashable {
    /// `http` or `https`.
    let scheme: String
    /// The Host header: with the port, unless it is the scheme's own.
    let authority: String
    /// What comes before the path of requests, without a slash at its end.
    let pathPrefix: String

    /// - Throws: InvalidEndpoint for what is no URL of HTTP.
    init(_ text: String) throws(ServiceError) {
        let fault = ConnectionFault.invalidEndpoint(text)
        var scheme = "http"
        var rest = text[...]
        if rest.hasPrefix("http://") {
            rest = rest.dropFirst(7)
        } else if rest.hasPrefix("https://") {
            scheme = "https"
            rest = rest.dropFirst(8)
        } else {
            throw fault
        }
        guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x23 && $0 != 0x3F }) else {
            throw fault
        }
        var authority = rest.prefix { $0 != "/" }
        var path = rest.dropFirst(authority.count)
        while path.last == "/" { path.removeLast() }
        guard let host = Self.host(authority), !host.isEmpty else { throw fault }
        let defaultPort = scheme == "http" ? ":80" : ":443"
        if authority.hasSuffix(defaultPort) { authority.removeLast(defaultPort.count) }
        self.scheme = scheme
        self.authority = String(authority)
        pathPrefix = String(path)
    }

    /// The URL of a request.
    func url(path: String, query: String) -> String {
        "\(scheme)://\(authority)\(pathPrefix)\(path)" + (query.isEmpty ? "" : "?\(query)")
    }

    /// The host of `host`, `host:port` or `[::1]:port`; nil for anything else.
    private static func host(_ authority: Substring) -> Substring? {
        guard !authority.contains("@") else { return nil }
        var host = authority
        let colon = authority.lastIndex(of: ":")
        if let colon, !authority[colon...].contains("]") {
            guard let port = Int(authority[authority.index(after: colon)...]),
                (1...65_535).contains(port)
            else { return nil }
            host = authority[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { return host.dropFirst().dropLast() }
        return host.contains(where: { ":[]".contains($0) }) ? nil : host
    }
}
