/// What requests are signed with.
package struct ServiceCredentials: Sendable, Hashable {
    package var accessKeyID: String
    package var secretAccessKey: String
    /// Of temporary credentials.
    package var sessionToken: String?

    package init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }

    /// For servers that verify no signatures.
    package static let any = ServiceCredentials(
        accessKeyID: "basalt", secretAccessKey: "basalt")
}
