/// The access keys that the server believes, with their secrets.
package struct CredentialStore: Sendable {
    private let secretKeys: [String: String]

    /// - Parameter secretKeys: secret keys by access key; none: signatures are not verified.
    package init(_ secretKeys: [String: String] = [:]) {
        self.secretKeys = secretKeys
    }

    /// Whether any signature is taken.
    package var isEmpty: Bool { secretKeys.isEmpty }

    /// The secret of an access key; nil for one that isn't known.
    package func secretKey(for accessKeyID: some StringProtocol) -> String? {
        secretKeys[String(accessKeyID)]
    }
}
