internal import Crypto
internal import Glibc
internal import Operations
internal import Wire

extension AWSSettings {
    /// Seconds in which the access portal must answer.
    private static let portalSeconds = 20.0

    /// Asks the access portal of IAM Identity Center for a role's credentials (GetRoleCredentials),
    /// by the token that `aws sso login` left in `~/.aws/sso/cache`.
    ///
    /// The token is taken as it is: one that has expired is not renewed here.
    func credentials(of signOn: SignOn) async throws(CredentialsFault) -> ServiceCredentials {
        let again = "sign on with 'aws sso login --profile \(signOn.profile)'"
        guard let text = readFile(tokenPath(signOn)),
            let cached = try? JSONValue(parsing: Array(text.utf8)),
            let token = cached["accessToken"]?.string, let expiry = Self.expiry(cached)
        else {
            throw CredentialsFault("nobody is signed on for profile '\(signOn.profile)': \(again)")
        }
        guard expiry > Double(time(nil)) else {
            throw CredentialsFault("the sign-on of profile '\(signOn.profile)' is over: \(again)")
        }
        let endpoint = endpoint(of: "sso") ?? Self.address("portal.sso", signOn.region)
        let path =
            "/federation/credentials?role_name=\(PercentText.encoded(signOn.role))"
            + "&account_id=\(PercentText.encoded(signOn.account))"
        do throws(ServiceError) {
            let response = try await Connections.send(
                method: "GET", url: endpoint + path,
                headers: [("x-amz-sso_bearer_token", token)], body: [],
                timeout: Self.portalSeconds, responseBytesMax: 1 << 20)
            guard response.status == 200 else { throw RemoteError.read(response, service: .iam) }
            let given = try JSONValue(parsing: response.body)["roleCredentials"]
            guard let id = given?["accessKeyId"]?.string,
                let secret = given?["secretAccessKey"]?.string
            else { throw ConnectionFault.unreadable("The answer of the access portal") }
            return ServiceCredentials(
                accessKeyID: id, secretAccessKey: secret,
                sessionToken: given?["sessionToken"]?.string)
        } catch {
            throw CredentialsFault(
                "the access portal gave no credentials of \(signOn.role): \(error.code): "
                    + "\(error.message): \(again)")
        }
    }

    /// The file is named after the SHA-1 of the session's name, or of the start URL.
    private func tokenPath(_ signOn: SignOn) -> String {
        let digest = Insecure.SHA1.hash(data: Array(signOn.cacheKey.utf8))
        let hex = digest.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
        return "\(home)/.aws/sso/cache/\(hex.joined()).json"
    }

    /// When a token ends; older clients wrote `UTC` for `Z`.
    private static func expiry(_ cached: JSONValue) -> Double? {
        guard var text = cached["expiresAt"]?.string else { return nil }
        if text.hasSuffix("UTC") { text = text.dropLast(3) + "Z" }
        return TimeText.timestamp(iso8601: text)
    }
}
