import Dispatch
import Logging
import Operations
import Synchronization
import Testing
import Wire

@testable import HTTPService

/// Owns everything under `/2015-03-31/`, `/open/` without a signature, and the targets of logs;
/// answers with what it was asked, as the path says.
private final class EchoHandler: RESTHandler {
    private let seen = Mutex<[RESTRequest]>([])

    var requests: [RESTRequest] { seen.withLock { $0 } }

    func access(method: String, path: Substring) -> RESTAccess? {
        if path.hasPrefix("/open/") { return .open }
        return path.hasPrefix("/2015-03-31/") && method != "PATCH" ? .signed : nil
    }

    func owns(target: String) -> Bool { target.hasPrefix("Logs_20140328.") }

    func bodyBytesMax(path: Substring) -> Int { path.hasSuffix("/code") ? 30 << 20 : 1_000 }

    func handle(
        _ request: RESTRequest, completion: @escaping @Sendable (RESTResponse) -> Void
    ) {
        seen.withLock { $0.append(request) }
        switch request.segments.last {
        case "empty": completion(RESTResponse(status: 204))
        case "injected":
            completion(RESTResponse(headers: [("X-Name", "a\r\nX-Evil: 1")], body: [0x7B, 0x7D]))
        case "later":
            // Not in a task: clients of other tests may occupy all threads of tasks.
            DispatchQueue.global().async {
                completion(RESTResponse(status: 202, body: Array("later".utf8)))
            }
        case "refused":
            completion(
                RESTResponse(
                    ServiceError(
                        "ResourceNotFoundException", "Function not found", namespace: .rest,
                        status: 404)))
        default:
            completion(RESTResponse(body: Array("\(request.body.count)".utf8)))
        }
    }
}

@Suite("APIs beside DynamoDB's") struct RESTTests {
    private func withServer(
        credentials: [String: String] = [:], _ body: (RawClient, EchoHandler) throws -> Void
    ) async throws {
        var configuration = HTTPServerConfiguration(
            port: 0, eventLoopCount: 1, credentials: CredentialStore(credentials))
        configuration.logger.logLevel = .critical
        let echo = EchoHandler()
        let server = HTTPServer(
            handler: ScriptedHandler(), configuration: configuration, restHandlers: [echo])
        let port = try await server.start().port
        let result = Result { try body(try RawClient(port: port), echo) }
        await server.stop()
        try result.get()
    }

    private func request(
        _ method: String, _ path: String, _ body: String = "",
        headers: [(name: String, value: String)] = []
    ) -> String {
        let lines = headers.map { "\($0.name): \($0.value)\r\n" }.joined()
        return "\(method) \(path) HTTP/1.1\r\nHost: here\r\n\(lines)"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test("method, path, query, headers and body arrive as they were sent")
    func arrives() async throws {
        try await withServer { client, echo in
            client.send(
                request(
                    "POST",
                    "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A0%3Afunction%3Aa%2Fb/x"
                        + "?Qualifier=%24LATEST&Empty=&Flag&Twice=1&Twice=2", "abc",
                    headers: [
                        ("X-Amz-Invocation-Type", "Event"),
                        ("Authorization", RequestText.authorization),
                    ]))
            let answer = try client.response()
            #expect(answer.status == 200 && answer.text == "3")
            #expect(answer.header("Content-Type") == "application/json")
            #expect(answer.header("x-amzn-RequestId")?.isEmpty == false)
            let seen = try #require(echo.requests.first)
            #expect(seen.method == "POST")
            #expect(
                seen.segments == [
                    "2015-03-31", "functions", "arn:aws:lambda:us-east-1:0:function:a/b", "x",
                ])
            #expect(seen.path.contains("%3Afunction%3Aa%2Fb"), "as it was sent")
            #expect(seen.parameter("Qualifier") == "$LATEST")
            #expect(seen.parameter("Empty") == "" && seen.parameter("Flag") == "")
            #expect(seen.query.filter { $0.name == "Twice" }.map(\.value) == ["1", "2"])
            #expect(seen.header("x-amz-invocation-type") == "Event")
            #expect(seen.body == Array("abc".utf8))
            #expect(seen.context.accessKeyID == "AKIDEXAMPLE")
            #expect(seen.context.region == "eu-central-1")
        }
    }

    @Test("answers: without a body, later, as an error, with a line end in a header")
    func answers() async throws {
        try await withServer { client, _ in
            for (path, status, text) in [
                ("empty", 204, ""), ("later", 202, "later"),
                ("refused", 404, #"{"Type":"User","Message":"Function not found"}"#),
                ("injected", 200, "{}"),
            ] {
                client.send(request("GET", "/2015-03-31/\(path)"))
                let answer = try client.response()
                #expect(answer.status == status && answer.text == text, "\(path)")
                #expect(answer.header("X-Evil") == nil)
                #expect((answer.header("Content-Length") == nil) == (status == 204))
                if status == 404 {
                    #expect(answer.header("x-amzn-ErrorType") == "ResourceNotFoundException")
                }
            }
        }
    }

    @Test("pipelined requests of both kinds are answered in order")
    func pipelined() async throws {
        try await withServer { client, _ in
            var text = ""
            for round in 0..<10 {
                text += request("GET", "/2015-03-31/later")
                text += RequestText.describeTable("now-\(round)")
                text += request("POST", "/open/x", String(repeating: "a", count: round))
            }
            client.send(text)
            for round in 0..<10 {
                #expect(try client.response().text == "later")
                let table = try client.response().text
                #expect(table.contains("now-\(round)"))
                #expect(try client.response().text == "\(round)")
            }
        }
    }

    @Test("what belongs to nobody is not found; targets go to whom they belong")
    func routing() async throws {
        try await withServer { client, echo in
            for (method, path) in [
                ("PATCH", "/2015-03-31/functions"), ("GET", "/2015-03-31"), ("GET", "/other"),
                ("POST", "/2015-03-30/functions"), ("GET", "//2015-03-31/functions"),
            ] {
                client.send(request(method, path))
                #expect(try client.response().status == 404, "\(method) \(path)")
            }
            #expect(echo.requests.isEmpty)
            client.send(
                request(
                    "POST", "/", "{}",
                    headers: [
                        ("X-Amz-Target", "Logs_20140328.FilterLogEvents"),
                        ("Content-Type", "application/x-amz-json-1.1"),
                    ]))
            #expect(try client.response().status == 200)
            #expect(echo.requests.map(\.path) == ["/"])
            client.send(RequestText.describeTable("now-1"))
            let table = try client.response().text
            #expect(table.contains("now-1"))
            client.send(
                request(
                    "POST", "/", "{}",
                    headers: [
                        ("X-Amz-Target", "Other_1.Do"),
                        ("Content-Type", "application/x-amz-json-1.0"),
                        ("Authorization", RequestText.authorization),
                    ]))
            let unknown = try client.response().text
            #expect(unknown.contains("UnknownOperationException"))
            #expect(echo.requests.count == 1)
        }
    }

    @Test("code may be larger than any request of DynamoDB, other bodies not")
    func limits() async throws {
        try await withServer { client, _ in
            let large = String(repeating: "x", count: (17 << 20))
            client.send(request("PUT", "/2015-03-31/functions/a/code", large))
            let accepted = try client.response()
            #expect(accepted.text == "\(large.utf8.count)")
            client.send(
                "PUT /2015-03-31/functions/a/other HTTP/1.1\r\nHost: here\r\n"
                    + "Content-Length: \(large.utf8.count)\r\n\r\n")
            let refused = try client.response()
            #expect(refused.status == 413)
        }
    }

    @Test("where signatures are verified, only open paths go without")
    func signed() async throws {
        try await withServer(credentials: ["AKIDEXAMPLE": "secret"]) { client, echo in
            client.send(request("GET", "/2015-03-31/functions"))
            let refused = try client.response()
            #expect(refused.status == 403)
            #expect(
                refused.header("x-amzn-ErrorType") == "MissingAuthenticationTokenException")
            client.send(
                request(
                    "GET", "/2015-03-31/functions",
                    headers: [
                        ("Authorization", RequestText.authorization),
                        ("X-Amz-Date", "20260102T030405Z"),
                    ]))
            #expect(try client.response().status == 403)
            // CloudWatch Logs speaks JSON: its errors stand in the body.
            client.send(
                request(
                    "POST", "/", "{}", headers: [("X-Amz-Target", "Logs_20140328.FilterLogEvents")])
            )
            let logs = try client.response()
            #expect(logs.status == 400)
            #expect(logs.text.contains(#""__type":"MissingAuthenticationTokenException""#))
            #expect(echo.requests.isEmpty)
            client.send(request("GET", "/open/x"))
            #expect(try client.response().status == 200)
            #expect(echo.requests.count == 1)
        }
    }

    @Test(
        "paths escape and unescape",
        arguments: [
            ("a%2Fb", "a/b"), ("a%", "a%"), ("%zz", "%zz"), ("%C3%A9", "é"), ("a+b", "a+b"),
            ("", ""),
            ("%41%", "A%"), ("%4", "%4"),
        ] as [(String, String)])
    func percent(_ escaped: String, _ plain: String) {
        #expect(PercentText.decoded(escaped[...]) == plain)
        #expect(PercentText.decoded(PercentText.encoded(plain)[...]) == plain)
    }
}
