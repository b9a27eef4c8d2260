import ArgumentParser
import Client
import Operations

/// Where the server is that a command talks to, and how to sign to it.
struct ServerOptions: ParsableArguments {
    @Option(help: "Where the server is.")
    var endpoint = "http://127.0.0.1:8000"
    @Option(help: "Region of what is asked for.")
    var region = "us-east-1"
    @Option(help: "Access key to sign with, where the server verifies signatures.")
    var accessKey: String?
    @Option(help: "The access key's secret.")
    var secretKey: String?

    /// Access key and secret; nil where none were given.
    func credentials() throws(ConfigurationError) -> (accessKey: String, secretKey: String)? {
        switch (accessKey, secretKey) {
        case (nil, nil): return nil
        case (let accessKey?, let secretKey?): return (accessKey, secretKey)
        default: throw ConfigurationError("--access-key and --secret-key must be given together")
        }
    }

    /// Calls to the server, each made once.
    func client() throws(ConfigurationError) -> ServiceClient {
        let credentials = try credentials().map {
            ServiceCredentials(accessKeyID: $0.accessKey, secretAccessKey: $0.secretKey)
        }
        return ServiceClient(
            endpoint: endpoint, region: region, credentials: credentials ?? .any, retries: .never)
    }

    /// What a failed call is told as: one line that says what to do.
    func refusal(_ error: ServiceError) -> ConfigurationError {
        switch error.code {
        case ConnectionFault.invalidEndpoint: ConfigurationError(error.message)
        case ConnectionFault.noConnection:
            ConfigurationError(
                "nobody answers on \(endpoint): start a server with 'basalt serve', or tell where "
                    + "it is with --endpoint")
        case ConnectionFault.timeout:
            ConfigurationError("\(endpoint) did not answer in time")
        case "MissingAuthenticationTokenException", "UnrecognizedClientException",
            "InvalidSignatureException":
            ConfigurationError(
                "\(endpoint) verifies signatures: give its --access-key and --secret-key "
                    + "(\(error.message))")
        default: ConfigurationError("\(error.code): \(error.message)")
        }
    }
}
