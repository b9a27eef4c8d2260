internal import Glibc
internal import Operations
internal import Wire

extension AWSSettings {
    /// Seconds in which STS and the access portal must answer.
    private static let seconds = 20.0

    /// Asks STS for a role's credentials (AssumeRole).
    func assume(
        _ role: AssumedRole, with credentials: ServiceCredentials
    ) async throws(CredentialsFault) -> ServiceCredentials {
        let client = ServiceClient(
            endpoint: tokenService(role), region: role.region ?? "us-east-1",
            credentials: credentials)
        var form = Self.form(role)
        if let id = role.externalID { form.append(("ExternalId", id)) }
        do throws(ServiceError) {
            let answer = try await client.call(
                .sts, "AssumeRole", form: form, timeout: Self.seconds)
            return try Self.credentials(answer["AssumeRoleResult"])
        } catch {
            throw Self.refusal(role, error)
        }
    }

    /// Asks STS for a role's credentials by a token (AssumeRoleWithWebIdentity), without a
    /// signature.
    func assume(
        _ role: AssumedRole, tokenFile: String
    ) async throws(CredentialsFault) -> ServiceCredentials {
        guard let token = readFile(tokenFile) else {
            throw CredentialsFault("the web identity token file \(tokenFile) can't be read")
        }
        var form = [(name: "Action", value: "AssumeRoleWithWebIdentity")]
        form.append(("Version", Service.sts.queryVersion ?? ""))
        form += Self.form(role)
        form.append(("WebIdentityToken", token.filter { !$0.isWhitespace }))
        let body = form.map { "\($0.name)=\(PercentText.encoded($0.value))" }
        do throws(ServiceError) {
            let response = try await Connections.send(
                method: "POST", url: tokenService(role) + "/",
                headers: [("Content-Type", Service.sts.contentType)],
                body: Array(body.joined(separator: "&").utf8), timeout: Self.seconds,
                responseBytesMax: 1 << 20)
            guard response.status == 200 else { throw RemoteError.read(response, service: .sts) }
            let answer = XMLElement(parsing: response.body)
            return try Self.credentials(answer?["AssumeRoleWithWebIdentityResult"])
        } catch {
            throw Self.refusal(role, error)
        }
    }

    private static func refusal(_ role: AssumedRole, _ error: ServiceError) -> CredentialsFault {
        CredentialsFault("\(role.arn) can't be assumed: \(error.code): \(error.message)")
    }

    private func tokenService(_ role: AssumedRole) -> String {
        let told = endpoint(of: "sts") ?? Self.address("sts", role.region ?? "us-east-1")
        return told.hasSuffix("/") ? String(told.dropLast()) : told
    }

    private static func form(_ role: AssumedRole) -> [(name: String, value: String)] {
        var form = [
            (name: "RoleArn", value: role.arn),
            (name: "RoleSessionName", value: role.sessionName ?? "basalt-\(time(nil))"),
        ]
        if let seconds = role.durationSeconds { form.append(("DurationSeconds", seconds)) }
        return form
    }

    private static func credentials(
        _ result: XMLElement?
    ) throws(ServiceError) -> ServiceCredentials {
        let given = result?["Credentials"]
        guard let id = given?["AccessKeyId"]?.text, let secret = given?["SecretAccessKey"]?.text
        else { throw ConnectionFault.unreadable("The answer of STS") }
        return ServiceCredentials(
            accessKeyID: id, secretAccessKey: secret, sessionToken: given?["SessionToken"]?.text)
    }

    /// A service's host in a region, like `https://sts.eu-west-1.amazonaws.com`.
    package static func address(_ service: String, _ region: String) -> String {
        "https://\(service).\(region).amazonaws.com\(region.hasPrefix("cn-") ? ".cn" : "")"
    }
}
