internal import Glibc
internal import Operations
internal import Wire

extension AWSSettings {
    /// Seconds in which a container's agent or an instance's metadata must answer.
    private static let metadataSeconds = 1.0

    /// The credentials that environment, profile, container or instance give.
    ///
    /// - Parameter looksOutside: whether roles, sign-ons, containers and instances are asked though
    ///   `--profile` doesn't name them; nobody should wait for them to talk to a server of his own.
    /// - Returns: nil where none of them has any.
    package func credentials(
        looksOutside: Bool
    ) async throws(CredentialsFault) -> ServiceCredentials? {
        let source: CredentialsSource
        do throws(CredentialsFault) {
            source = try self.source()
        } catch {
            if looksOutside || isProfileNamed { throw error }
            return nil
        }
        switch source {
        case .keys, .process, .none: break
        case .role, .webIdentity, .signOn: guard looksOutside || isProfileGiven else { return nil }
        case .container, .instance: guard looksOutside else { return nil }
        }
        return try await credentials(of: source)
    }

    private func credentials(
        of source: CredentialsSource
    ) async throws(CredentialsFault) -> ServiceCredentials? {
        switch source {
        case .keys(let credentials): return credentials
        case .process(let command): return try Self.credentials(ofProcess: command)
        case .role(let role, let source):
            guard let first = try await credentials(of: source) else {
                throw CredentialsFault("there are no credentials to assume \(role.arn) with")
            }
            return try await assume(role, with: first)
        case .webIdentity(let role, let file): return try await assume(role, tokenFile: file)
        case .signOn(let signOn): return try await credentials(of: signOn)
        case .container(let url, let token): return try await Self.container(url, token)
        case .instance: return await Self.instance()
        case .none: return nil
        }
    }

    /// What `credential_process` printed: `{"Version": 1, "AccessKeyId": …}`.
    private static func credentials(
        ofProcess command: String
    ) throws(CredentialsFault) -> ServiceCredentials {
        guard let pipe = popen(command, "r") else {
            throw CredentialsFault("credential_process could not be started: \(command)")
        }
        var output: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while output.count < 1 << 16 {
            let count = fread(&piece, 1, piece.count, pipe)
            if count == 0 { break }
            output += piece[..<count]
        }
        let status = pclose(pipe)
        guard status == 0 else {
            throw CredentialsFault("credential_process failed: \(command)")
        }
        guard let json = try? JSONValue(parsing: output), json["Version"]?.integer == 1,
            let found = credentials(json, secret: "SecretAccessKey", token: "SessionToken")
        else {
            throw CredentialsFault("credential_process printed no credentials: \(command)")
        }
        return found
    }

    private static func container(
        _ url: String, _ token: String?
    ) async throws(CredentialsFault) -> ServiceCredentials {
        let headers = token.map { [(name: "Authorization", value: $0)] } ?? []
        guard let json = await json(url, headers: headers),
            let found = credentials(json, secret: "SecretAccessKey", token: "Token")
        else { throw CredentialsFault("\(url) gave no credentials of the container's role") }
        return found
    }

    /// By the metadata service's second version: a token first.
    private static func instance() async -> ServiceCredentials? {
        let root = "http://169.254.169.254/latest"
        let asked = [(name: "X-aws-ec2-metadata-token-ttl-seconds", value: "21600")]
        guard
            let token = await text("PUT", "\(root)/api/token", headers: asked)
        else { return nil }
        let headers = [(name: "X-aws-ec2-metadata-token", value: token)]
        let path = "\(root)/meta-data/iam/security-credentials/"
        guard let role = await text("GET", path, headers: headers),
            let first = role.split(whereSeparator: \.isNewline).first,
            let json = await json(path + first, headers: headers)
        else { return nil }
        return credentials(json, secret: "SecretAccessKey", token: "Token")
    }

    static func credentials(
        _ json: JSONValue, secret: String, token: String
    ) -> ServiceCredentials? {
        guard let id = json["AccessKeyId"]?.string, let secret = json[secret]?.string else {
            return nil
        }
        return ServiceCredentials(
            accessKeyID: id, secretAccessKey: secret, sessionToken: json[token]?.string)
    }

    private static func json(
        _ url: String, headers: [(name: String, value: String)]
    ) async -> JSONValue? {
        await text("GET", url, headers: headers).flatMap {
            try? JSONValue(parsing: Array($0.utf8))
        }
    }

    private static func text(
        _ method: String, _ url: String, headers: [(name: String, value: String)]
    ) async -> String? {
        let response = try? await Connections.send(
            method: method, url: url, headers: headers, body: [], timeout: metadataSeconds,
            responseBytesMax: 1 << 16)
        guard let response, response.status == 200 else { return nil }
        return String(decoding: response.body, as: UTF8.self)
    }
}
