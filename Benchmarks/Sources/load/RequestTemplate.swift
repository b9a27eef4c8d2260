import Glibc
import Workload

/// The bytes of a whole HTTP request as an SDK sends it, with the places that change.
///
/// The signature is of the right form and no more: it suits servers that do not verify it.
struct RequestTemplate {
    private(set) var bytes: [UInt8]
    private let keyOffset: Int?
    private let invocationOffset: Int
    private let keyDigitCount: Int

    init(operation: String, body: String, endpoint: Endpoint) {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        func digits(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let day = "\(parts.tm_year + 1900)\(digits(parts.tm_mon + 1))\(digits(parts.tm_mday))"
        let clock = digits(parts.tm_hour) + digits(parts.tm_min) + digits(parts.tm_sec)
        let signature = String(repeating: "0123456789abcdef", count: 4)
        let credential = "AKIDEXAMPLE/\(day)/us-east-1/dynamodb/aws4_request"
        let head = [
            "POST / HTTP/1.1",
            "Host: \(endpoint.host):\(endpoint.port)",
            "Accept-Encoding: identity",
            "X-Amz-Target: DynamoDB_20120810.\(operation)",
            "Content-Type: application/x-amz-json-1.0",
            "User-Agent: Boto3/1.40.55 md/Botocore#1.40.55 ua/2.1 os/linux md/arch#x86_64 "
                + "lang/python#3.11.7 md/pyimpl#CPython m/N,Z,b cfg/retry-mode#standard "
                + "Botocore/1.40.55",
            "X-Amz-Date: \(day)T\(clock)Z",
            "Authorization: AWS4-HMAC-SHA256 Credential=\(credential), "
                + "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
                + "Signature=\(signature)",
            "amz-sdk-invocation-id: 5f1c0a52-7c1e-4b0d-9f44-000000000000",
            "amz-sdk-request: attempt=1",
            "Content-Length: \(body.utf8.count)",
        ]
        bytes = Array((head.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
        let prefix = "item#"
        let key = BenchmarkTable.key(0)
        keyDigitCount = key.utf8.count - prefix.utf8.count
        keyOffset = bytes.firstOffset(of: Array(key.utf8)).map { $0 + prefix.utf8.count }
        invocationOffset = (bytes.firstOffset(of: Array("9f44-".utf8)) ?? 0) + 5
    }

    /// Writes the request for a key in place of what `output` held.
    func write(key: Int, invocation: Int, into output: inout [UInt8]) {
        output.removeAll(keepingCapacity: true)
        output.append(contentsOf: bytes)
        Self.writeDigits(invocation, at: invocationOffset, count: 12, in: &output)
        if let keyOffset {
            Self.writeDigits(key, at: keyOffset, count: keyDigitCount, in: &output)
        }
    }

    private static func writeDigits(
        _ value: Int, at offset: Int, count: Int, in output: inout [UInt8]
    ) {
        var rest = value
        var position = offset + count - 1
        while rest > 0, position >= offset {
            output[position] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
            position -= 1
        }
    }
}

extension Array<UInt8> {
    /// Where a sequence of bytes first stands; nil where it doesn't.
    func firstOffset(of pattern: [UInt8]) -> Int? {
        guard count >= pattern.count else { return nil }
        return (0...(count - pattern.count)).first { self[$0...].starts(with: pattern) }
    }
}
