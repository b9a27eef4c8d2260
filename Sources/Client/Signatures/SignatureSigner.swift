internal import Crypto
internal import Wire

/// Signs requests with Signature Version 4.
package struct SignatureSigner: Sendable {
    private let credentials: ServiceCredentials
    private let region: String
    /// The service's name in the scope: `dynamodb`, `s3`.
    private let service: String

    package init(credentials: ServiceCredentials, region: String, service: String) {
        self.credentials = credentials
        self.region = region
        self.service = service
    }

    /// The headers to add to a request: its date, its authorisation, and what goes with them.
    ///
    /// - Parameters:
    ///   - path: as it is sent, escapes and all.
    ///   - query: names and values, not escaped.
    ///   - headers: those to sign; Host must be one of them.
    package func headers(
        method: String, path: String, query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)], body: [UInt8], time: SigningTime = .now
    ) -> [(name: String, value: String)] {
        let payloadHash = Hexadecimal.text(SHA256.hash(data: body))
        var added = [(name: "X-Amz-Date", value: time.basicFormat)]
        if let token = credentials.sessionToken {
            added.append((name: "X-Amz-Security-Token", value: token))
        }
        if service == "s3" { added.append((name: "X-Amz-Content-Sha256", value: payloadHash)) }
        let signed = Self.canonical(headers + added)
        let names = signed.map(\.name).joined(separator: ";")
        // S3 signs a path as it is sent; everywhere else escapes are escaped once more.
        let path = path.isEmpty ? "/" : path
        let canonical =
            [
                method, service == "s3" ? path : PercentText.encoded(path, keeping: "/"),
                Self.canonical(query: query),
            ].joined(separator: "\n") + "\n"
            + signed.map { "\($0.name):\($0.value)\n" }.joined()
            + "\n\(names)\n\(payloadHash)"
        let scope = [time.day, region, service, "aws4_request"]
        let text = [
            "AWS4-HMAC-SHA256", time.basicFormat, scope.joined(separator: "/"),
            Hexadecimal.text(SHA256.hash(data: Array(canonical.utf8))),
        ].joined(separator: "\n")
        let key = scope.reduce(
            SymmetricKey(data: Array("AWS4\(credentials.secretAccessKey)".utf8))
        ) { key, part in
            SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
        let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
        let authorization =
            "AWS4-HMAC-SHA256 "
            + "Credential=\(credentials.accessKeyID)/\(scope.joined(separator: "/")), "
            + "SignedHeaders=\(names), Signature=\(Hexadecimal.text(code))"
        return added + [(name: "Authorization", value: authorization)]
    }

    /// The query as it is signed, and may be sent: in order, everything escaped.
    package static func canonical(query: [(name: String, value: String)]) -> String {
        query
            .map { (name: PercentText.encoded($0.name), value: PercentText.encoded($0.value)) }
            .sorted { ($0.name, $0.value) < ($1.name, $1.value) }
            .map { "\($0.name)=\($0.value)" }
            .joined(separator: "&")
    }

    /// Headers in lower case and in order, equal names joined, with single spaces inside.
    private static func canonical(
        _ headers: [(name: String, value: String)]
    ) -> [(name: String, value: String)] {
        var values: [String: [String]] = [:]
        for header in headers {
            let value = header.value.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
            values[header.name.lowercased(), default: []].append(value)
        }
        return values.sorted { $0.key < $1.key }
            .map { (name: $0.key, value: $0.value.joined(separator: ",")) }
    }
}
