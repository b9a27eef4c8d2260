import ArgumentParser
import Client
import Glibc
import Operations

/// Which endpoint a command talks to, and how to sign to it.
struct EndpointOptions: ParsableArguments {
    /// Where a server of one's own is, unless something says otherwise.
    static let localEndpoint = "http://127.0.0.1:8000"

    @Option(
        name: .customLong("endpoint"),
        help: ArgumentHelp(
            """
            A URL, or 'aws' for DynamoDB itself. (default: AWS_ENDPOINT_URL_DYNAMODB, \
            AWS_ENDPOINT_URL, else http://127.0.0.1:8000)
            """, valueName: "url"))
    var givenEndpoint: String?
    @Option(
        name: .customLong("region"),
        help: ArgumentHelp(
            """
            Region of what is asked for. (default: AWS_REGION, AWS_DEFAULT_REGION, the profile's, \
            else us-east-1)
            """, valueName: "region"))
    var givenRegion: String?
    @Option(help: "Profile of ~/.aws/config and ~/.aws/credentials. (default: AWS_PROFILE)")
    var profile: String?
    @Option(help: "Access key to sign with. (default: that of environment or profile)")
    var accessKey: String?
    @Option(help: "The access key's secret.")
    var secretKey: String?

    /// What the environment and the profile say.
    private var settings: AWSSettings {
        AWSSettings(environment: ProcessEnvironment.variables, profile: profile) {
            try? TextFile.read($0)
        }
    }

    var region: String { givenRegion ?? settings.region ?? "us-east-1" }

    /// The URL that counts.
    var endpoint: String {
        let told = givenEndpoint ?? settings.endpoint ?? Self.localEndpoint
        return told == "aws" ? AWSSettings.address("dynamodb", region) : told
    }

    /// Whether the endpoint is AWS's own, where nothing works without true credentials.
    var isAWS: Bool {
        let host = endpoint.split(separator: "/").dropFirst().first?.prefix { $0 != ":" } ?? ""
        return host.hasSuffix(".amazonaws.com") || host.hasSuffix(".amazonaws.com.cn")
    }

    /// What requests are signed with.
    func credentials() async throws(ConfigurationError) -> ServiceCredentials {
        switch (accessKey, secretKey) {
        case (nil, nil): break
        case (let accessKey?, let secretKey?):
            return ServiceCredentials(accessKeyID: accessKey, secretAccessKey: secretKey)
        default: throw ConfigurationError("--access-key and --secret-key must be given together")
        }
        do throws(CredentialsFault) {
            if let found = try await settings.credentials(looksOutside: isAWS) { return found }
        } catch {
            throw ConfigurationError(error.description)
        }
        guard !isAWS else {
            throw ConfigurationError(
                "no credentials for \(endpoint): set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
                    + "or name a profile of ~/.aws/credentials with --profile")
        }
        return .any
    }

    /// Calls to the endpoint, each made once unless `retries` says otherwise.
    func client(
        retries: RetryPolicy = .never
    ) async throws(ConfigurationError) -> ServiceClient {
        ServiceClient(
            endpoint: endpoint, region: region, credentials: try await credentials(),
            retries: retries)
    }

    /// Calls of DynamoDB Streams, which AWS serves under a host name of its own.
    func streamsClient(
        retries: RetryPolicy = .never
    ) async throws(ConfigurationError) -> ServiceClient {
        let isDefault = endpoint == AWSSettings.address("dynamodb", region)
        return ServiceClient(
            endpoint: isDefault ? AWSSettings.address("streams.dynamodb", region) : endpoint,
            region: region, credentials: try await credentials(), retries: retries)
    }

    /// What a failed call is told as: one line that says what to do.
    func refusal(_ error: ServiceError) -> ConfigurationError {
        switch error.code {
        case ConnectionFault.invalidEndpoint: ConfigurationError(error.message)
        case ConnectionFault.noConnection:
            ConfigurationError(
                isAWS
                    ? "nobody answers on \(endpoint): is the network there, and the region right?"
                    : "nobody answers on \(endpoint): start a server with 'basalt serve', or tell where "
                        + "it is with --endpoint")
        case ConnectionFault.timeout:
            ConfigurationError("\(endpoint) did not answer in time")
        case "MissingAuthenticationTokenException", "UnrecognizedClientException",
            "InvalidSignatureException":
            ConfigurationError(
                "\(endpoint) verifies signatures: give its --access-key and --secret-key "
                    + "(\(error.message))")
        case _ where Int(error.code) != nil:
            // A page of some other server, or of a proxy.
            ConfigurationError(
                "\(endpoint) answered \(error.code), and not as DynamoDB does: is it the right "
                    + "--endpoint?" + (error.message.hasPrefix("<") ? "" : " (\(error.message))"))
        default: ConfigurationError("\(error.code): \(error.message)")
        }
    }
}

/// The process's environment.
enum ProcessEnvironment {
    static var variables: [String: String] {
        var variables: [String: String] = [:]
        var place = environ
        while let entry = place.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            place += 1
        }
        return variables
    }
}
