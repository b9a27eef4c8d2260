import Crypto
import NIOHTTP1

/// Signs requests as `SignatureVerifier` wants them (Signature Version 4).
package struct RequestSigner: Sendable {
    private let accessKey: String
    private let secretKey: String
    private let region: String

    package init(accessKey: String, secretKey: String, region: String) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.region = region
    }

    /// The headers that sign a request now: its date and its authorisation.
    ///
    /// - Parameter host: the Host header that the request will have.
    package func headers(
        method: String, path: String, host: String, body: [UInt8]
    ) -> [(name: String, value: String)] {
        let date = CalendarTime(seconds: SystemTime.seconds())
        let dateHeader = (name: "X-Amz-Date", value: date.basicFormat)
        var headers = HTTPHeaders([("Host", host)])
        headers.add(name: dateHeader.name, value: dateHeader.value)
        let head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: method), uri: path, headers: headers)
        let canonical = CanonicalRequest.text(
            head: RequestHead(head), signedHeaders: ["host", "x-amz-date"], isPresigned: false,
            payloadHash: Hexadecimal.text(SHA256.hash(data: body)))
        let parts = [date.basicDate, region, "dynamodb", "aws4_request"]
        let scope = parts.joined(separator: "/")
        let stringToSign = CanonicalRequest.stringToSign(canonical, date: date, scope: scope)
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(stringToSign.utf8),
            using: CanonicalRequest.signingKey(secretKey, scope: parts))
        let authorization =
            "AWS4-HMAC-SHA256 Credential=\(accessKey)/\(scope), "
            + "SignedHeaders=host;x-amz-date, Signature=\(Hexadecimal.text(code))"
        return [dateHeader, (name: "Authorization", value: authorization)]
    }
}
