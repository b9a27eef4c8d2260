import NIOHTTP1
import Operations
import Testing

@testable import HTTPService

/// Signatures that botocore 1.43 made at 2026-01-02T03:04:05Z.
private enum Signed {
    static let accessKey = "AKIDEXAMPLE"
    static let secretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    static let time = CalendarTime(basicFormat: "20260102T030405Z")?.seconds ?? 0
    static let credential =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-central-1/dynamodb/aws4_request, "
    static let plain =
        credential + "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
        + "Signature=5e624673b861932c646ec80efa62e22a3f1461845d94bd2ca4e4e52c5e879507"
    static let withToken =
        credential
        + "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
        + "Signature=895e6572b87e14c45740e11a81520b838f64136c5349dc9104c85bd374cef964"
    static let presignedQuery =
        "TableName=now-1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE"
        + "%2F20260102%2Feu-central-1%2Fdynamodb%2Faws4_request&X-Amz-Date=20260102T030405Z"
        + "&X-Amz-Expires=600&X-Amz-SignedHeaders=content-type%3Bhost%3Bx-amz-target"
        + "&X-Amz-Signature=76dcd06f67cadc021b6cd434bbcc032b771fdbc6ddf572035aa38b7d8a78abc2"

    @Sendable static func configure(_ configuration: inout HTTPServerConfiguration) {
        configuration.credentials = CredentialStore([accessKey: secretKey])
        configuration.now = { time + 60 }
    }
}

@Suite("Signatures are verified where credentials are given")
struct SignatureVerificationTests {
    private func answer(
        port: Int, table: String = "now-1", _ headers: [String: String?]
    ) throws -> RawResponse {
        let client = try RawClient(port: port)
        client.send(RequestText.describeTable(table, headers: headers))
        return try client.response()
    }

    @Test func botocoresSignaturesPass() async throws {
        try await withServer(Signed.configure) { port, _ in
            let client = try RawClient(port: port)
            for _ in 0..<2 {
                client.send(
                    RequestText.describeTable("now-1", headers: ["Authorization": Signed.plain]))
                #expect(try client.response().text == answerText("now-1"))
            }
            client.send(
                RequestText.describeTable(
                    "now-1",
                    headers: [
                        "Authorization": Signed.withToken,
                        "X-Amz-Security-Token": "a/token+with=chars",
                    ]))
            #expect(try client.response().text == answerText("now-1"))
            let unspaced = Signed.plain.split(separator: ", ").joined(separator: ",")
            client.send(
                RequestText.describeTable("now-1", headers: ["Authorization": unspaced]))
            #expect(try client.response().text == answerText("now-1"))
        }
    }

    @Test func aPresignedQueryPasses() throws {
        var verifier = SignatureVerifier(
            credentials: CredentialStore([Signed.accessKey: Signed.secretKey]),
            now: { Signed.time + 599 })
        let headers: HTTPHeaders = [
            "Host": "localhost:8000", "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": "DynamoDB_20120810.DescribeTable",
        ]
        func verify(_ query: String) throws {
            let head = RequestHead(
                HTTPRequestHead(
                    version: .http1_1, method: .POST, uri: "/?" + query, headers: headers))
            let signature = try Signature.read(head, requiresDate: true)
            let scope = try CredentialScope(signature.credential)
            try verifier.verify(signature, scope: scope, head: head, body: nil)
        }
        try verify(Signed.presignedQuery)
        #expect(throws: ServiceError.self) { try verify(Signed.presignedQuery + "&Extra=1") }
        verifier = SignatureVerifier(
            credentials: CredentialStore([Signed.accessKey: Signed.secretKey]),
            now: { Signed.time + 601 })
        #expect(throws: ServiceError.self) { try verify(Signed.presignedQuery) }
    }

    @Test func anythingElseSignedFails() async throws {
        try await withServer(Signed.configure) { port, _ in
            let good: [String: String?] = ["Authorization": Signed.plain]
            let other = try answer(port: port, table: "now-2", good)
            #expect(other.status == 400)
            #expect(other.text.contains("#InvalidSignatureException"))
            #expect(
                other.text.contains(
                    "The request signature we calculated does not match the signature you "
                        + "provided. Check your AWS Secret Access Key and signing method. "
                        + "Consult the service documentation for details."))
            #expect(other.text.contains("The Canonical String for this request should have been"))
            let tampered = try answer(
                port: port, good.merging(["Host": "elsewhere:8000"]) { $1 })
            #expect(tampered.text.contains("does not match the signature you provided"))
            let unreadable = Signed.plain.dropLast(2) + "zz"
            let refused = try answer(port: port, ["Authorization": String(unreadable)])
            #expect(refused.text.contains("does not match the signature you provided"))
        }
    }

    @Test func unknownKeysAreUnrecognized() async throws {
        try await withServer(Signed.configure) { port, _ in
            let response = try answer(
                port: port,
                [
                    "Authorization": Signed.plain.split(separator: "AKIDEXAMPLE")
                        .joined(separator: "AKIDOTHER")
                ])
            #expect(
                response.text
                    == #"{"__type":"com.amazon.coral.service#UnrecognizedClientException","#
                    + #""message":"The security token included in the request is invalid."}"#)
        }
    }

    @Test(
        arguments: [
            (
                1_000,
                "Signature expired: 20260102T030405Z is now earlier than 20260102T030545Z "
                    + "(20260102T032045Z - 15 min.)"
            ),
            (
                -1_000,
                "Signature not yet current: 20260102T030405Z is still later than "
                    + "20260102T030225Z (20260102T024725Z + 15 min.)"
            ),
        ])
    func datesHaveAWindow(_ offset: Int, message: String) async throws {
        let configure: (inout HTTPServerConfiguration) -> Void = { configuration in
            Signed.configure(&configuration)
            configuration.now = { Signed.time + offset }
        }
        try await withServer(configure) { port, _ in
            let response = try answer(port: port, ["Authorization": Signed.plain])
            #expect(response.text.contains("#InvalidSignatureException"))
            #expect(response.text.contains(message))
        }
    }

    @Test(
        arguments: [
            ("eu-central-1", "EU", "Credential should be scoped to a valid region, not 'EU'. "),
            ("/dynamodb", "/s3", "Credential should be scoped to correct service: 'dynamodb'. "),
            (
                "aws4_request", "aws3",
                "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws3'. "
            ),
            (
                "/20260102", "/20260103",
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
                    + "from HTTP: '20260103' != '20260102', from '20260102T030405Z'. "
            ),
            (
                "host;", "",
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
            ),
        ])
    func scopesAreChecked(_ part: String, replacement: String, message: String) async throws {
        try await withServer(Signed.configure) { port, _ in
            let authorization = Signed.plain.split(separator: part, maxSplits: 1)
                .joined(separator: replacement)
            let response = try answer(port: port, ["Authorization": authorization])
            #expect(response.text.contains("#InvalidSignatureException"))
            #expect(response.text.contains(message))
        }
    }

    @Test func aDateIsNeeded() async throws {
        try await withServer(Signed.configure) { port, _ in
            let without = try answer(
                port: port, ["Authorization": Signed.plain, "X-Amz-Date": nil])
            #expect(without.text.contains("#IncompleteSignatureException"))
            #expect(
                without.text.contains(
                    "Authorization header requires existence of either a 'X-Amz-Date' or a "
                        + "'Date' header. Authorization=AWS4-HMAC-SHA256 Credential="))
            let broken = try answer(
                port: port, ["Authorization": Signed.plain, "X-Amz-Date": "yesterday"])
            #expect(
                broken.text.contains("Date must be in ISO-8601 'basic format'. Got 'yesterday'."))
        }
    }
}

@Suite("Requests need a signature, in the service's words")
struct AuthenticationErrorTests {
    private static let missing =
        #"{"__type":"com.amazon.coral.service#MissingAuthenticationTokenException","#
        + #""message":"Request is missing Authentication Token"}"#

    @Test(
        arguments: [
            (nil, missing), ("Bearer abc", missing), ("AWS a:b", missing),
            (
                "AWS4-HMAC-SHA256",
                "Authorization header requires 'Credential' parameter. Authorization header "
                    + "requires 'Signature' parameter. Authorization header requires "
                    + "'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256"
            ),
            (
                "AWS4-HMAC-SHA256 Credential=a/b/c/d/e,SignedHeaders=host",
                "Authorization header requires 'Signature' parameter. Authorization=AWS4"
            ),
            (
                "AWS4-HMAC-SHA256 Credential=,SignedHeaders=b,Signature=c",
                "Authorization header requires 'Credential' parameter. Authorization=AWS4"
            ),
            (
                "AWS4-HMAC-SHA256 Credential=a,SignedHeaders=b,Signature=c",
                "Credential must have exactly 5 slash-delimited elements, "
                    + "e.g. keyid/date/region/service/term, got 'a'"
            ),
        ] as [(String?, String)])
    func headers(_ authorization: String?, expected: String) async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            client.send(
                RequestText.describeTable("now-1", headers: ["Authorization": authorization]))
            let response = try client.response()
            #expect(response.status == 400)
            #expect(response.text.contains(expected), "\(response.text)")
        }
    }

    @Test func queries() async throws {
        try await withServer { port, _ in
            let body = #"{"TableName":"now-1"}"#
            func answer(_ query: String, authorization: String?) throws -> String {
                let client = try RawClient(port: port)
                client.send(
                    RequestText.post(
                        body: body, headers: ["Authorization": authorization], path: "/?" + query)
                        + body)
                return try client.response().text
            }
            let both = try answer("X-Amz-Algorithm=a", authorization: RequestText.authorization)
            #expect(both.contains("#InvalidSignatureException"))
            #expect(
                both.contains(
                    "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' "
                        + "as HTTP header."))
            let incomplete = try answer("X-Amz-Algorithm=a", authorization: nil)
            #expect(incomplete.contains("#IncompleteSignatureException"))
            #expect(
                incomplete.contains(
                    "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string "
                        + "parameters must include 'X-Amz-Signature'. "))
            let unsigned = try answer("a=b", authorization: nil)
            #expect(unsigned.contains("#MissingAuthenticationTokenException"))
            let presigned = try answer(Signed.presignedQuery, authorization: nil)
            #expect(presigned == answerText("now-1"))
        }
    }

    @Test func bodiesAndOperationsComeFirst() async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            client.send(RequestText.post(body: "{", headers: ["Authorization": nil]) + "{")
            #expect(try client.response().text.contains("#SerializationException"))
            for target in ["", "DynamoDB_20120810.Nothing", "Other.ListTables"] {
                client.send(
                    RequestText.post(
                        body: "{}", headers: ["Authorization": nil, "X-Amz-Target": target])
                        + "{}")
                #expect(try client.response().text.contains("#UnknownOperationException"))
            }
            // What isn't JSON comes before the operation, a wrong type after the signature.
            client.send(
                RequestText.post(body: "{", headers: ["Authorization": nil, "X-Amz-Target": "a"])
                    + "{")
            #expect(try client.response().text.contains("#SerializationException"))
            for body in ["{}", #"{"TableName":1}"#] {
                client.send(RequestText.post(body: body, headers: ["Authorization": nil]) + body)
                #expect(try client.response().text.contains("#MissingAuthenticationToken"))
            }
            client.send(RequestText.post(body: "{}") + "{}")
            #expect(try client.response().text.contains("ValidationException"))
        }
    }
}

@Suite("Times are written and read")
struct CalendarTimeTests {
    @Test(
        arguments: [
            (0, "19700101T000000Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "19941106T084937Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
            (1_709_164_800, "20240229T000000Z", "Thu, 29 Feb 2024 00:00:00 GMT"),
            (4_102_444_799, "20991231T235959Z", "Thu, 31 Dec 2099 23:59:59 GMT"),
        ])
    func bothWays(_ seconds: Int, basic: String, http: String) {
        let time = CalendarTime(seconds: seconds)
        #expect(time.basicFormat == basic)
        #expect(time.httpDate == http)
        #expect(CalendarTime(basicFormat: basic)?.seconds == seconds)
        #expect(CalendarTime(httpDate: http)?.seconds == seconds)
    }

    @Test(arguments: ["", "20260102", "2026010203040506", "20261302T030405Z", "20260102T250000Z"])
    func otherTextsAreNone(_ text: String) {
        #expect(CalendarTime(basicFormat: text) == nil)
    }
}
