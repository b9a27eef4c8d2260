/// Credentials that a function's process runs with, as if it had assumed its role.
package struct SessionCredentials: Sendable, Hashable {
    /// `ASIA` and sixteen capitals or digits.
    package var accessKeyID: String
    package var secretAccessKey: String
    package var sessionToken: String
    /// The function's role, `arn:aws:iam::000000000000:role/orders`.
    package var roleARN: String
    /// The function's name: the last part of `arn:aws:sts::…:assumed-role/orders/NAME`.
    package var sessionName: String

    package init(
        accessKeyID: String, secretAccessKey: String, sessionToken: String, roleARN: String,
        sessionName: String
    ) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.roleARN = roleARN
        self.sessionName = sessionName
    }
}

/// Whoever knows which credentials are out: those who verify signatures and permissions ask it.
package protocol SessionDirectory: Sendable {
    /// The credentials with an access key; nil where it gave out none such. Answers at once.
    func session(accessKeyID: String) -> SessionCredentials?
}
