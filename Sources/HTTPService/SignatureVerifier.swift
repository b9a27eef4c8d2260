import Crypto
import NIOCore
import NIOHTTP1
import Operations
import Wire

/// Checks signatures of Signature Version 4 against known credentials.
///
/// Belongs to one connection: the derived key of the last scope is kept, since clients sign a
/// day's requests with the same.
struct SignatureVerifier {
    /// How far a signature's date may be off, in seconds.
    static let skewSecondsMax = 900

    private let credentials: CredentialStore
    private let now: @Sendable () -> Int
    private var lastCredential = ""
    private var lastKey: SymmetricKey?

    init(credentials: CredentialStore, now: @escaping @Sendable () -> Int) {
        self.credentials = credentials
        self.now = now
    }

    /// Verifies one request's signature.
    ///
    /// - Parameters:
    ///   - body: the body as sent, before decompression.
    ///   - service: the one that the credential must be scoped to.
    mutating func verify(
        _ signature: Signature, scope: CredentialScope, head: RequestHead, body: ByteBuffer?,
        service: String = "dynamodb"
    ) throws(ServiceError) {
        let date = try date(signature, head: head)
        try Self.check(scope, service: service, date: date)
        let signed = signature.signedHeaders.split(separator: ";").map { $0.lowercased() }
        guard signed.contains("host") else {
            throw .invalidSignature(
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
        }
        try checkWindow(date, signature: signature, head: head)
        guard let secretKey = credentials.secretKey(for: scope.accessKeyID) else {
            throw .unrecognizedClient
        }
        let canonical = CanonicalRequest.text(
            head: head, signedHeaders: signed, isPresigned: signature.isPresigned,
            payloadHash: Self.payloadHash(body))
        let stringToSign = CanonicalRequest.stringToSign(
            canonical, date: date, scope: scope.scope)
        let key = key(secretKey, scope: scope)
        guard let code = Hexadecimal.bytes(signature.signature),
            HMAC<SHA256>.isValidAuthenticationCode(
                code, authenticating: Array(stringToSign.utf8), using: key)
        else {
            throw Self.mismatch(canonical: canonical, stringToSign: stringToSign)
        }
    }

    private func date(
        _ signature: Signature, head: RequestHead
    ) throws(ServiceError) -> CalendarTime {
        let text: String
        if signature.isPresigned {
            text = QueryParameters(head.query).value("X-Amz-Date") ?? ""
        } else {
            text =
                head.raw.headers.first(name: "x-amz-date") ?? head.raw.headers.first(name: "date")
                ?? ""
        }
        guard let date = CalendarTime(basicFormat: text) ?? CalendarTime(httpDate: text) else {
            throw .incompleteSignature(
                "Date must be in ISO-8601 'basic format'. Got '\(text)'. "
                    + "See http://en.wikipedia.org/wiki/ISO_8601")
        }
        return date
    }

    /// Checks that the scope is this service's; its faults are told together.
    private static func check(
        _ scope: CredentialScope, service: String, date: CalendarTime
    ) throws(ServiceError) {
        var message = ""
        let isRegion =
            !scope.region.isEmpty
            && scope.region.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "-")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            }
        if !isRegion {
            message += "Credential should be scoped to a valid region, not '\(scope.region)'. "
        }
        if scope.service != service {
            message += "Credential should be scoped to correct service: '\(service)'. "
        }
        if scope.terminator != "aws4_request" {
            message +=
                "Credential should be scoped with a valid terminator: 'aws4_request', "
                + "not '\(scope.terminator)'. "
        }
        if scope.date != date.basicDate {
            message +=
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
                + "from HTTP: '\(scope.date)' != '\(date.basicDate)', from '\(date.basicFormat)'. "
        }
        guard message.isEmpty else { throw .invalidSignature(message) }
    }

    /// Checks that the signature is neither too old nor too young.
    private func checkWindow(
        _ date: CalendarTime, signature: Signature, head: RequestHead
    ) throws(ServiceError) {
        let now = now()
        let signed = date.seconds
        let time = CalendarTime(seconds: now).basicFormat
        guard signed <= now + Self.skewSecondsMax else {
            let latest = CalendarTime(seconds: now + Self.skewSecondsMax).basicFormat
            throw .invalidSignature(
                "Signature not yet current: \(date.basicFormat) is still later than \(latest) "
                    + "(\(time) + 15 min.)")
        }
        var lifetime = Self.skewSecondsMax
        if signature.isPresigned,
            let expires = QueryParameters(head.query).value("X-Amz-Expires")
        {
            guard let seconds = Int(expires), (1...604_800).contains(seconds) else {
                throw .incompleteSignature(
                    "X-Amz-Expires must be a number of seconds between 1 and 604800. "
                        + "Re-examine the query-string parameters.")
            }
            lifetime = seconds
        }
        guard signed >= now - lifetime else {
            let earliest = CalendarTime(seconds: now - lifetime).basicFormat
            let span = lifetime.isMultiple(of: 60) ? "\(lifetime / 60) min." : "\(lifetime) s"
            throw .invalidSignature(
                "Signature expired: \(date.basicFormat) is now earlier than \(earliest) "
                    + "(\(time) - \(span))")
        }
    }

    private static func payloadHash(_ body: ByteBuffer?) -> String {
        var hash = SHA256()
        body?.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        return Hexadecimal.text(hash.finalize())
    }

    private mutating func key(_ secretKey: String, scope: CredentialScope) -> SymmetricKey {
        let credential = "\(scope.accessKeyID)/\(scope.scope)"
        if let lastKey, lastCredential == credential { return lastKey }
        let key = CanonicalRequest.signingKey(
            secretKey, scope: [scope.date, scope.region, scope.service, scope.terminator])
        lastCredential = credential
        lastKey = key
        return key
    }

    private static func mismatch(canonical: String, stringToSign: String) -> ServiceError {
        .invalidSignature(
            "The request signature we calculated does not match the signature you provided. "
                + "Check your AWS Secret Access Key and signing method. "
                + "Consult the service documentation for details.\n\n"
                + "The Canonical String for this request should have been\n'\(canonical)'\n\n"
                + "The String-to-Sign should have been\n'\(stringToSign)'\n")
    }
}

/// The canonical form of a request that its signature covers, and what signs it.
enum CanonicalRequest {
    /// The text whose code is the signature.
    static func stringToSign(_ canonical: String, date: CalendarTime, scope: String) -> String {
        let hash = Hexadecimal.text(SHA256.hash(data: Array(canonical.utf8)))
        return "AWS4-HMAC-SHA256\n\(date.basicFormat)\n\(scope)\n\(hash)"
    }

    /// The key of a credential scope.
    ///
    /// - Parameter scope: day, region, service, `aws4_request`.
    static func signingKey(_ secretKey: String, scope: [String]) -> SymmetricKey {
        scope.reduce(SymmetricKey(data: Array("AWS4\(secretKey)".utf8))) { key, part in
            SymmetricKey(
                data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
    }

    /// - Parameter signedHeaders: names in lower case, in the client's order.
    static func text(
        head: RequestHead, signedHeaders: [String], isPresigned: Bool, payloadHash: String
    ) -> String {
        var text = head.raw.method.rawValue + "\n"
        // Escapes are escaped once more, in every service but S3.
        let path = head.path.isEmpty ? "/" : String(head.path)
        text += PercentText.encoded(path, keeping: "/") + "\n"
        text += query(head.query, isPresigned: isPresigned) + "\n"
        for name in signedHeaders {
            let values = head.raw.headers[name].map(collapsed)
            text += name + ":" + values.joined(separator: ",") + "\n"
        }
        return text + "\n" + signedHeaders.joined(separator: ";") + "\n" + payloadHash
    }

    /// The query in order, encoded anew, without the signature itself.
    private static func query(_ query: Substring, isPresigned: Bool) -> String {
        guard !query.isEmpty else { return "" }
        let pairs = QueryParameters(query).pairs
            .filter { !(isPresigned && $0.name == "X-Amz-Signature") }
            .map { (name: PercentText.encoded($0.name), value: PercentText.encoded($0.value)) }
            .sorted { ($0.name, $0.value) < ($1.name, $1.value) }
        return pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    /// A header's value without spaces at its ends and with single ones inside.
    private static func collapsed(_ value: String) -> String {
        value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
    }
}
