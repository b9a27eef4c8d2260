/// What a person's environment and files say of AWS: endpoint, region, profile and credentials, in
/// the order in which the SDKs look.
package struct AWSSettings: Sendable {
    private let environment: [String: String]
    /// What `--profile` named; it goes before credentials in the environment.
    private let givenProfile: String?
    private let config: ProfileFile
    private let credentialsFile: ProfileFile

    /// - Parameters:
    ///   - profile: what `--profile` says.
    ///   - readFile: a file's text; nil where it isn't there.
    package init(
        environment: [String: String], profile: String?, readFile: (String) -> String?
    ) {
        self.environment = environment.filter { !$0.value.isEmpty }
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
    private var isProfileNamed: Bool {
        givenProfile != nil || environment["AWS_PROFILE"] != nil
            || environment["AWS_DEFAULT_PROFILE"] != nil
    }

    private func setting(_ name: String) -> String? {
        let value =
            credentialsFile.profiles[profileName]?[name] ?? config.profiles[profileName]?[name]
        return value.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The endpoint that the environment or the profile names.
    package var endpoint: String? {
        environment["AWS_ENDPOINT_URL_DYNAMODB"] ?? environment["AWS_ENDPOINT_URL"]
            ?? setting("endpoint_url")
    }

    package var region: String? {
        let profiled = setting("region")
        if givenProfile != nil, let profiled { return profiled }
        return environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? profiled
    }

    /// Where credentials are to be had.
    enum Source: Sendable, Hashable {
        case keys(ServiceCredentials)
        /// A command that prints them as JSON.
        case process(String)
        /// A container's agent.
        case container(url: String, token: String?)
        /// The metadata of an EC2 instance.
        case instance
        case none
    }

    /// The first source that says anything.
    ///
    /// - Throws: `CredentialsFault` for a profile that is not there, or that says something by
    ///   which no credentials can be had here.
    func source() throws(CredentialsFault) -> Source {
        if givenProfile == nil, let keys = environmentKeys { return .keys(keys) }
        let isThere =
            config.profiles[profileName] != nil || credentialsFile.profiles[profileName] != nil
        if isProfileNamed, !isThere {
            throw CredentialsFault(
                "there is no profile '\(profileName)' in ~/.aws/config or ~/.aws/credentials: "
                    + "name another with --profile")
        }
        if let id = setting("aws_access_key_id"), let secret = setting("aws_secret_access_key") {
            return .keys(
                ServiceCredentials(
                    accessKeyID: id, secretAccessKey: secret,
                    sessionToken: setting("aws_session_token")))
        }
        if let command = setting("credential_process") { return .process(command) }
        for name in ["role_arn", "sso_session", "sso_start_url"] where setting(name) != nil {
            throw CredentialsFault(
                "profile '\(profileName)' has \(name), which is not followed here: put credentials "
                    + "into the environment with 'aws configure export-credentials --profile "
                    + "\(profileName) --format env'")
        }
        if let relative = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
            return .container(
                url: "http://169.254.170.2\(relative)",
                token: environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"])
        }
        if let url = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] {
            return .container(url: url, token: environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"])
        }
        let isOff = environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() == "true"
        return isOff ? .none : .instance
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

/// Why there are no credentials, and what to do.
package struct CredentialsFault: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
