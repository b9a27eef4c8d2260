/// What a person's environment and files say of AWS: endpoint, region, profile and credentials, in
/// the order in which the SDKs look.
package struct AWSSettings: Sendable {
    private let environment: [String: String]
    /// What `--profile` named; it goes before credentials in the environment.
    private let givenProfile: String?
    private let config: ProfileFile
    private let credentialsFile: ProfileFile
    let readFile: @Sendable (String) -> String?

    /// - Parameters:
    ///   - profile: what `--profile` says.
    ///   - readFile: a file's text; nil where it isn't there.
    package init(
        environment: [String: String], profile: String?,
        readFile: @escaping @Sendable (String) -> String?
    ) {
        self.environment = environment.filter { !$0.value.isEmpty }
        self.readFile = readFile
        givenProfile = profile
        let home = environment["HOME"] ?? ""
        func file(_ variable: String, _ name: String) -> ProfileFile {
            var path = environment[variable] ?? ""
            if path.isEmpty { path = "\(home)/.aws/\(name)" }
            if path.hasPrefix("~/") { path = home + path.dropFirst() }
            return ProfileFile(parsing: readFile(path) ?? "")
        }
        config = file("AWS_CONFIG_FILE", "config")
        credentialsFile = file("AWS_SHARED_CREDENTIALS_FILE", "credentials")
    }

    /// The profile that counts.
    package var profileName: String {
        givenProfile ?? environment["AWS_PROFILE"] ?? environment["AWS_DEFAULT_PROFILE"]
            ?? "default"
    }

    /// Whether somebody named the profile, so that it must be there.
    var isProfileNamed: Bool {
        givenProfile != nil || environment["AWS_PROFILE"] != nil
            || environment["AWS_DEFAULT_PROFILE"] != nil
    }

    /// Whether this command's own line named the profile.
    var isProfileGiven: Bool { givenProfile != nil }

    /// The home directory, where caches of sign-ons lie.
    var home: String { environment["HOME"] ?? "" }

    private func setting(_ name: String, of profile: String? = nil) -> String? {
        let profile = profile ?? profileName
        let value = credentialsFile.profiles[profile]?[name] ?? config.profiles[profile]?[name]
        return value.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The endpoint of DynamoDB that the environment or the profile names.
    package var endpoint: String? { endpoint(of: "dynamodb") }

    /// The endpoint of a service that the environment or the profile names.
    func endpoint(of service: String) -> String? {
        let ignores =
            environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]
            ?? setting("ignore_configured_endpoint_urls")
        if ignores?.lowercased() == "true" { return nil }
        if let told = environment["AWS_ENDPOINT_URL_\(service.uppercased())"]
            ?? environment["AWS_ENDPOINT_URL"]
        {
            return told
        }
        let group = setting("services").flatMap { config.services[$0] }
        return group?["\(service).endpoint_url"] ?? setting("endpoint_url")
    }

    package var region: String? {
        let profiled = setting("region")
        if givenProfile != nil, let profiled { return profiled }
        return environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? profiled
    }

    /// The first source of credentials that says anything, in the order of the SDKs.
    ///
    /// - Throws: `CredentialsFault` for a profile that is not there, or that says something by
    ///   which no credentials can be had here.
    func source() throws(CredentialsFault) -> CredentialsSource {
        if givenProfile == nil, let keys = environmentKeys { return .keys(keys) }
        if isProfileNamed, !isThere(profileName) {
            throw CredentialsFault(
                "there is no profile '\(profileName)' in ~/.aws/config or ~/.aws/credentials: "
                    + "name another with --profile")
        }
        if let found = try source(ofProfile: profileName, passed: []) { return found }
        if let container { return container }
        let isOff = environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() == "true"
        return isOff ? .none : .instance
    }

    private func isThere(_ profile: String) -> Bool {
        config.profiles[profile] != nil || credentialsFile.profiles[profile] != nil
    }

    /// - Parameter passed: the profiles whose `source_profile` led here.
    /// - Returns: nil where the profile says nothing of credentials.
    private func source(
        ofProfile profile: String, passed: [String]
    ) throws(CredentialsFault) -> CredentialsSource? {
        if let keys = keys(ofProfile: profile), !passed.isEmpty { return .keys(keys) }
        if let role = setting("role_arn", of: profile) {
            return try source(ofRole: role, profile: profile, passed: passed)
        }
        if givenProfile == nil, passed.isEmpty,
            let file = environment["AWS_WEB_IDENTITY_TOKEN_FILE"],
            let role = environment["AWS_ROLE_ARN"]
        {
            return .webIdentity(
                AssumedRole(
                    arn: role, sessionName: environment["AWS_ROLE_SESSION_NAME"],
                    region: region), tokenFile: file)
        }
        if let signOn = try signOn(profile) { return .signOn(signOn) }
        if let keys = keys(ofProfile: profile) { return .keys(keys) }
        return setting("credential_process", of: profile).map { .process($0) }
    }

    private func source(
        ofRole arn: String, profile: String, passed: [String]
    ) throws(CredentialsFault) -> CredentialsSource {
        guard setting("mfa_serial", of: profile) == nil else {
            throw CredentialsFault(
                "profile '\(profile)' asks for a code (mfa_serial), which nobody is asked for here: "
                    + "put credentials into the environment with 'aws configure export-credentials "
                    + "--profile \(profile) --format env'")
        }
        var role = AssumedRole(
            arn: arn, sessionName: setting("role_session_name", of: profile), region: region)
        role.externalID = setting("external_id", of: profile)
        role.durationSeconds = setting("duration_seconds", of: profile)
        if let file = setting("web_identity_token_file", of: profile) {
            return .webIdentity(role, tokenFile: file)
        }
        if let source = setting("source_profile", of: profile) {
            guard isThere(source) else {
                throw CredentialsFault(
                    "profile '\(profile)' has the source_profile '\(source)', which is not there")
            }
            guard !passed.contains(source), passed.count < 16 else {
                throw CredentialsFault(
                    "the source_profile of profile '\(profile)' leads in a circle")
            }
            guard let first = try self.source(ofProfile: source, passed: passed + [profile]) else {
                throw CredentialsFault(
                    "profile '\(source)' has no credentials to assume a role with")
            }
            return .role(role, with: first)
        }
        switch setting("credential_source", of: profile) {
        case "Environment":
            guard let environmentKeys else { break }
            return .role(role, with: .keys(environmentKeys))
        case "EcsContainer":
            guard let container else { break }
            return .role(role, with: container)
        case "Ec2InstanceMetadata": return .role(role, with: .instance)
        default:
            throw CredentialsFault(
                "profile '\(profile)' has a role_arn, but neither a source_profile nor a "
                    + "credential_source (Environment, EcsContainer or Ec2InstanceMetadata)")
        }
        throw CredentialsFault(
            "profile '\(profile)' assumes its role with credentials that the environment has not")
    }

    /// What a profile says of a sign-on, by a session's section or by itself.
    private func signOn(_ profile: String) throws(CredentialsFault) -> SignOn? {
        let name = setting("sso_session", of: profile)
        let session = name.flatMap { config.signOnSessions[$0] }
        guard name != nil || setting("sso_start_url", of: profile) != nil else { return nil }
        if let name, session == nil {
            throw CredentialsFault(
                "profile '\(profile)' has the sso_session '\(name)', which is not there")
        }
        guard let start = session?["sso_start_url"] ?? setting("sso_start_url", of: profile),
            let region = session?["sso_region"] ?? setting("sso_region", of: profile),
            let account = setting("sso_account_id", of: profile),
            let role = setting("sso_role_name", of: profile)
        else {
            throw CredentialsFault(
                "profile '\(profile)' signs on, but lacks one of sso_start_url, sso_region, "
                    + "sso_account_id and sso_role_name")
        }
        return SignOn(
            profile: profile, cacheKey: name ?? start, region: region, account: account, role: role)
    }

    private var container: CredentialsSource? {
        let file = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]
        let token = file.flatMap(readFile) ?? environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
        if let relative = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
            return .container(url: "http://169.254.170.2\(relative)", token: token)
        }
        return environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"].map {
            .container(url: $0, token: token)
        }
    }

    private func keys(ofProfile profile: String) -> ServiceCredentials? {
        guard let id = setting("aws_access_key_id", of: profile),
            let secret = setting("aws_secret_access_key", of: profile)
        else { return nil }
        return ServiceCredentials(
            accessKeyID: id, secretAccessKey: secret,
            sessionToken: setting("aws_session_token", of: profile))
    }

    private var environmentKeys: ServiceCredentials? {
        guard let id = environment["AWS_ACCESS_KEY_ID"],
            let secret = environment["AWS_SECRET_ACCESS_KEY"]
        else { return nil }
        return ServiceCredentials(
            accessKeyID: id, secretAccessKey: secret,
            sessionToken: environment["AWS_SESSION_TOKEN"])
    }
}
