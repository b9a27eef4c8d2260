/// Where credentials are to be had.
indirect enum CredentialsSource: Sendable, Hashable {
    case keys(ServiceCredentials)
    /// A command that prints them as JSON.
    case process(String)
    /// STS gives a role's to who has others.
    case role(AssumedRole, with: CredentialsSource)
    /// STS gives a role's for the token in a file.
    case webIdentity(AssumedRole, tokenFile: String)
    /// The access portal gives them for the token of `aws sso login`.
    case signOn(SignOn)
    /// A container's agent.
    case container(url: String, token: String?)
    /// The metadata of an EC2 instance.
    case instance
    case none
}

/// A role that is to be assumed, and what STS is told of it.
struct AssumedRole: Sendable, Hashable {
    var arn: String
    /// What logs of AWS call the session.
    var sessionName: String?
    var region: String?
    var externalID: String?
    /// As the profile has it: STS says what is wrong with it.
    var durationSeconds: String?

    init(arn: String, sessionName: String?, region: String?) {
        self.arn = arn
        self.sessionName = sessionName
        self.region = region
    }
}

/// What a profile says of IAM Identity Center.
struct SignOn: Sendable, Hashable {
    var profile: String
    /// What the token's file is named after: the session's name, or else the start URL.
    var cacheKey: String
    var region: String
    var account: String
    var role: String
}

/// Why there are no credentials, and what to do.
package struct CredentialsFault: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
