internal import Crypto
internal import Operations
internal import Wire

/// Where the zips of functions and layers are downloaded: links that carry their own proof.
extension LambdaAPI {
    /// How long a link is good, as the service's are.
    private static let linkSeconds = 600.0

    /// A link to a zip.
    ///
    /// - Parameter host: where the client reached this server.
    func downloadLink(_ sha256: String, host: String) -> String {
        let name = CodeStore.fileName(sha256)
        let expires = Int(environment.clock.now() + Self.linkSeconds)
        let base = host.isEmpty ? environment.endpoint() ?? "" : "http://\(host)"
        return "\(base)\(Self.downloadPrefix)\(name)?expires=\(expires)&token="
            + token(name, expires: expires)
    }

    private func token(_ name: String, expires: Int) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("\(name):\(expires)".utf8), using: linkKey)
        return CodeStore.fileName(Base64.encoded(Array(code)))
    }

    func download(_ request: RESTRequest) async throws(ServiceError) -> RESTResponse {
        let name = String(request.path.dropFirst(Self.downloadPrefix.count))
        let denied = ServiceError.lambda("AccessDenied", "Access Denied", 403)
        guard request.method == "GET" || request.method == "HEAD",
            let expires = request.parameter("expires").flatMap({ Int($0) }),
            let given = request.parameter("token"),
            CodeStore.isFileName(name),
            Self.areEqual(given, token(name, expires: expires))
        else { throw denied }
        guard Double(expires) >= environment.clock.now() else {
            throw .lambda("AccessDenied", "Request has expired", 403)
        }
        let zip = try await catalogue.onThread { () throws(ServiceError) in
            self.catalogue.code.zip(fileName: name)
        }
        guard let zip else {
            throw .lambda("NoSuchKey", "The specified key does not exist.", 404)
        }
        return RESTResponse(contentType: "application/zip", body: zip)
    }

    /// Takes as long whatever the difference.
    private static func areEqual(_ left: String, _ right: String) -> Bool {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        guard left.count == right.count else { return false }
        return Swift.zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
