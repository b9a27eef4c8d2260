internal import Client
internal import NIOCore

/// The HTTP heads of requests: the same bytes but for the body's length, unless they are signed.
struct RequestHead: Sendable {
    private let authority: String
    private let path: String
    private let signer: SignatureSigner?
    private let unsigned: [UInt8]

    /// - Parameter credentials: to sign with; nil where the server verifies nothing: then a header
    ///   of the right form is sent, whose signature is no signature.
    init(target: LoadTarget) {
        authority = target.authority
        path = target.path
        signer = target.credentials.map {
            SignatureSigner(credentials: $0, region: target.region, service: "dynamodb")
        }
        let time = SigningTime.now
        let scope = "basalt/\(time.day)/\(target.region)/dynamodb/aws4_request"
        unsigned = Array(
            """
            X-Amz-Date: \(time.basicFormat)\r
            Authorization: AWS4-HMAC-SHA256 Credential=\(scope), \
            SignedHeaders=host;x-amz-date;x-amz-target, Signature=\
            \(String(repeating: "0", count: 64))\r

            """.utf8)
    }

    /// Appends head and body of a request.
    func write(operation: String, body: [UInt8], into buffer: inout ByteBuffer) {
        buffer.writeStaticString("POST ")
        buffer.writeString(path)
        buffer.writeStaticString(" HTTP/1.1\r\nHost: ")
        buffer.writeString(authority)
        buffer.writeStaticString(
            "\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: DynamoDB_20120810.")
        buffer.writeString(operation)
        buffer.writeStaticString("\r\n")
        if let signer {
            let headers = signer.headers(
                method: "POST", path: path,
                headers: [
                    ("Host", authority), ("Content-Type", "application/x-amz-json-1.0"),
                    ("X-Amz-Target", "DynamoDB_20120810.\(operation)"),
                ], body: body)
            for header in headers { buffer.writeString("\(header.name): \(header.value)\r\n") }
        } else {
            buffer.writeBytes(unsigned)
        }
        buffer.writeStaticString("Content-Length: ")
        buffer.writeString(String(body.count))
        buffer.writeStaticString("\r\n\r\n")
        buffer.writeBytes(body)
    }
}
