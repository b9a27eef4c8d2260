package import Operations

/// The access keys that the server believes, with their secrets.
package struct CredentialStore: Sendable {
    private let secretKeys: [String: String]
    private let sessions: (any SessionDirectory)?

    /// - Parameters:
    ///   - secretKeys: secret keys by access key; none: signatures are not verified.
    ///   - sessions: who gives out credentials while the server runs; believed, too.
    package init(
        _ secretKeys: [String: String] = [:], sessions: (any SessionDirectory)? = nil
    ) {
        self.secretKeys = secretKeys
        self.sessions = sessions
    }

    /// Whether any signature is taken.
    package var isEmpty: Bool { secretKeys.isEmpty }

    /// The secret of an access key; nil for one that isn't known.
    package func secretKey(for accessKeyID: some StringProtocol) -> String? {
        let accessKeyID = String(accessKeyID)
        return secretKeys[accessKeyID]
            ?? sessions?.session(accessKeyID: accessKeyID)?.secretAccessKey
    }
}
