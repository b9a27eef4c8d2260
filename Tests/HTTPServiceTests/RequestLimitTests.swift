import Glibc
import Operations
import Testing

@testable import HTTPService

@Suite("Requests have limits")
struct RequestLimitTests {
    private static func chunked(_ pieces: [String]) -> String {
        pieces.map { "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n" }.joined() + "0\r\n\r\n"
    }

    private static let chunkedHeaders: [String: String?] = [
        "Content-Length": nil, "Transfer-Encoding": "chunked",
    ]

    @Test func aChunkedBodyIsOneBody() async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            for _ in 0..<2 {
                client.send(RequestText.post(headers: Self.chunkedHeaders))
                client.send(Self.chunked([#"{"Table"#, #"Name":"no"#, #"w-1"}"#]))
                #expect(try client.response().text == answerText("now-1"))
            }
        }
    }

    @Test func continueIsSentBeforeTheBody() async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            let body = #"{"TableName":"now-1"}"#
            client.send(RequestText.post(body: body, headers: ["Expect": "100-continue"]))
            #expect(try client.response().status == 100)
            client.send(body)
            #expect(try client.response().text == answerText("now-1"))
        }
    }

    @Test func continueWaitsForItsTurn() async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            let body = #"{"TableName":"now-2"}"#
            client.send(
                RequestText.describeTable("later-50-1")
                    + RequestText.post(body: body, headers: ["Expect": "100-continue"]))
            #expect(try client.response().text == answerText("later-50-1"))
            #expect(try client.response().status == 100)
            client.send(body)
            #expect(try client.response().text == answerText("now-2"))
        }
    }

    @Test func aBodyThatSaysItIsTooLongIsRefusedAtOnce() async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            client.send(
                RequestText.post(
                    headers: [
                        "Content-Length": String(Limits.requestBodyBytesMax + 1),
                        "Expect": "100-continue",
                    ]))
            let response = try client.response()
            #expect(response.status == 413)
            #expect(response.text.contains("#RequestEntityTooLargeException"))
            // As the service's front does; a client of HTTP/1.0 knows no chunks.
            #expect(response.header("transfer-encoding") == "chunked")
            #expect(response.header("content-length") == nil)
            #expect(response.header("x-amz-crc32") == String(zlibCRC32(response.body)))
            let old = try RawClient(port: port)
            old.send(
                RequestText.post(
                    headers: ["Content-Length": String(Limits.requestBodyBytesMax + 1)],
                    version: "1.0"))
            let plain = try old.response()
            #expect(plain.status == 413)
            #expect(plain.header("transfer-encoding") == nil)
            #expect(plain.text == response.text)
            #expect(response.header("connection") == "close")
        }
    }

    @Test(arguments: [0, 1])
    func aBodyMayHaveItsLimitAndNoMore(_ excess: Int) async throws {
        try await withServer { port, _ in
            let start = #"{"TableName":"now-1""#
            let padding = String(
                repeating: " ", count: Limits.requestBodyBytesMax - start.utf8.count - 1 + excess)
            let client = try RawClient(port: port, timeoutSeconds: 30)
            client.send(RequestText.post(headers: Self.chunkedHeaders))
            client.send(Self.chunked([start, padding, "}"]))
            let response = try client.response()
            #expect(response.status == (excess == 0 ? 200 : 413))
            if excess > 0 { #expect(try client.isClosedByServer()) }
        }
    }

    @Test func aClientThatSendsOnSeesWhyItIsRefused() async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            client.send(RequestText.post(headers: ["Content-Length": String(20 << 20)]))
            let piece = [UInt8](repeating: 0x20, count: 1 << 20)
            for _ in 0..<20 { #expect(client.send(piece)) }
            #expect(try client.response().status == 413)
        }
    }

    @Test(arguments: [0, 1])
    func headersMayHaveTheirLimitAndNoMore(_ excess: Int) async throws {
        try await withServer { port, _ in
            let body = #"{"TableName":"now-1"}"#
            let bare = RequestText.post(body: body, headers: ["X-Padding": ""]).utf8.count
            let padding = String(
                repeating: "a", count: Limits.requestHeaderBytesMax - bare + excess)
            let client = try RawClient(port: port)
            client.send(RequestText.describeTable("now-1", headers: ["X-Padding": padding]))
            let response = try client.response()
            #expect(response.status == (excess == 0 ? 200 : 400))
            if excess > 0 { #expect(try client.isClosedByServer()) }
        }
    }

    @Test(arguments: [
        "POST /" + String(repeating: "a", count: 20_000) + " HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nX: " + String(repeating: "a", count: 20_000),
        "POST / HTTP/1.1\r\n" + String(repeating: "X: y\r\n", count: 3_000) + "\r\n",
    ])
    func endlessHeadersAreRefused(_ text: String) async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            client.send(text)
            #expect(try client.response().status == 400)
        }
    }
}

@Suite("Clients that dawdle are cut off")
struct TimeoutTests {
    private static func shorten(_ configuration: inout HTTPServerConfiguration) {
        configuration.timeouts.headerMilliseconds = 150
        configuration.timeouts.bodyIdleMilliseconds = 200
        configuration.timeouts.keepAliveMilliseconds = 300
        configuration.timeouts.lingerMilliseconds = 100
    }

    @Test func whoSendsNothing() async throws {
        try await withServer(Self.shorten) { port, _ in
            let client = try RawClient(port: port, timeoutSeconds: 3)
            #expect(try client.isClosedByServer())
        }
    }

    @Test func whoSendsHeadersByteByByte() async throws {
        try await withServer(Self.shorten) { port, _ in
            let client = try RawClient(port: port, timeoutSeconds: 3)
            var sent = 0
            for byte in Array(RequestText.describeTable("now-1").utf8) {
                guard client.send([byte]) else { break }
                sent += 1
                usleep(20_000)
                if sent > 60 { break }
            }
            #expect(sent < 60)
        }
    }

    @Test func whoStopsInTheMiddleOfABody() async throws {
        try await withServer(Self.shorten) { port, _ in
            let client = try RawClient(port: port, timeoutSeconds: 3)
            client.send(RequestText.post(body: #"{"TableName":"now-1"}"#) + #"{"Ta"#)
            let response = try client.response()
            #expect(response.status == 408)
            #expect(response.header("connection") == "close")
            #expect(try client.isClosedByServer())
        }
    }

    @Test func whoKeepsAConnectionForNothing() async throws {
        try await withServer(Self.shorten) { port, _ in
            let client = try RawClient(port: port, timeoutSeconds: 3)
            client.send(RequestText.describeTable("now-1"))
            #expect(try client.response().status == 200)
            #expect(try client.isClosedByServer())
        }
    }

    @Test func whoDoesNotReadItsAnswers() async throws {
        try await withServer(Self.shorten) { port, _ in
            let requests = (0..<40).map { RequestText.describeTable("big-1000000-\($0)") }.joined()
            // A busy machine may take long to fill the socket: then the wait must be longer.
            for waited in [900_000, 2_500_000, 6_000_000] {
                let client = try RawClient(port: port, timeoutSeconds: 3)
                client.send(requests)
                usleep(useconds_t(waited))
                let bytes = (try? client.everything().count) ?? 0
                if bytes < 40_000_000 { return }
            }
            Issue.record("the answers were all kept for a client that did not read them")
        }
    }

    @Test func butNoOperationIs() async throws {
        try await withServer(Self.shorten) { port, _ in
            let client = try RawClient(port: port, timeoutSeconds: 3)
            client.send(RequestText.describeTable("later-800-1"))
            #expect(try client.response().text == answerText("later-800-1"))
        }
    }
}
