import Dispatch
import Glibc
import Logging
import Operations
import Testing

@testable import HTTPService

/// The body of an answer to a table name.
func answerText(_ name: String) -> String {
    #"{"Endpoints":[{"Address":"\#(name)","CachePeriodInMinutes":1}]}"#
}

/// Runs work that blocks on a thread of its own.
///
/// The pool of Swift's tasks has a thread per core; a test that blocks one while it waits for a
/// task of its own may wait for every other test.
func offThePool<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async {
            continuation.resume(with: Swift.Result { try body() })
        }
    }
}

@Suite("A connection carries many requests")
struct ConnectionTests {
    @Test func staysOpenBetweenRequests() async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            for name in ["now-1", "later-5-2", "now-3"] {
                client.send(RequestText.describeTable(name))
                let response = try client.response()
                #expect(response.status == 200)
                #expect(response.text == answerText(name))
                #expect(response.header("connection") == "keep-alive")
            }
        }
    }

    @Test func pipelinedAnswersComeInOrder() async throws {
        try await withServer { port, handler in
            let client = try RawClient(port: port)
            let names = ["later-60-1", "now-2", "later-20-3", "missing-4", "later-1-5", "now-6"]
            client.send(names.map { RequestText.describeTable($0) }.joined())
            for name in names {
                let response = try client.response()
                if name == "missing-4" {
                    #expect(response.status == 400)
                    #expect(response.text.contains("ResourceNotFoundException"))
                } else {
                    #expect(response.text == answerText(name))
                }
            }
            #expect(handler.mostAtOnce == 1)
        }
    }

    @Test func aLongPipelineIsAnsweredWhole() async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            client.send(
                (0..<2_000).map { RequestText.describeTable("now-\($0)") }.joined())
            for number in 0..<2_000 {
                #expect(try client.response().text == answerText("now-\(number)"))
            }
        }
    }

    @Test func readingStopsWhileAnOperationRuns() async throws {
        try await withServer { port, handler in
            let client = try RawClient(port: port, timeoutSeconds: 1)
            client.send(RequestText.describeTable("held-1"))
            while handler.heldCount == 0 { usleep(1_000) }
            // More than the backlog and both sockets' buffers hold: sending has to stall.
            let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)
            client.send(
                RequestText.post(headers: ["Content-Length": String(16 << 20)]))
            var sent = 0
            while sent < 16, client.send(piece) { sent += 1 }
            #expect(sent < 16)
            handler.release()
            #expect(try client.response().text == answerText("held-1"))
        }
    }

    @Test func closesWhenAsked() async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            client.send(RequestText.describeTable("later-5-1", headers: ["Connection": "close"]))
            let response = try client.response()
            #expect(response.text == answerText("later-5-1"))
            #expect(response.header("connection") == "close")
            #expect(try client.isClosedByServer())
        }
    }

    @Test func http10ClosesUnlessKeptAlive() async throws {
        try await withServer { port, _ in
            let closing = try RawClient(port: port)
            closing.send(RequestText.describeTable("now-1", version: "1.0"))
            #expect(try closing.response().header("connection") == "close")
            #expect(try closing.isClosedByServer())
            let keeping = try RawClient(port: port)
            for _ in 0..<2 {
                keeping.send(
                    RequestText.describeTable(
                        "now-1", headers: ["Connection": "keep-alive"], version: "1.0"))
                #expect(try keeping.response().header("connection") == "keep-alive")
            }
        }
    }

    @Test func anUpgradeIsDeclinedByAnswering() async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            client.send(
                RequestText.describeTable(
                    "now-1",
                    headers: ["Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c"]))
            let response = try client.response()
            #expect(response.text == answerText("now-1"))
            #expect(response.header("connection") == "close")
        }
    }

    @Test func aClientThatFinishedSendingGetsItsAnswers() async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            client.send(
                RequestText.describeTable("later-30-1") + RequestText.describeTable("now-2"))
            client.finishSending()
            #expect(try client.response().text == answerText("later-30-1"))
            #expect(try client.response().text == answerText("now-2"))
            #expect(try client.isClosedByServer())
        }
    }

    @Test func aBigAnswerReachesASlowReader() async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            client.send(
                (0..<8).map { RequestText.describeTable("big-2000000-\($0)") }.joined())
            usleep(100_000)
            for _ in 0..<8 { #expect(try client.response().body.count > 2_000_000) }
        }
    }

    @Test func operationsKnowWhoAsks() async throws {
        try await withServer { port, handler in
            let client = try RawClient(port: port)
            client.send(RequestText.describeTable("now-1"))
            let response = try client.response()
            let context = try #require(handler.seenContexts.first)
            #expect(context.region == "eu-central-1")
            #expect(context.accessKeyID == "AKIDEXAMPLE")
            #expect(context.host == "localhost:8000")
            #expect(context.requestID == response.header("x-amzn-requestid"))
        }
    }
}

@Suite("A server starts and stops")
struct ServerLifeTests {
    @Test func aBusyPortIsAClearError() async throws {
        try await withServer { port, handler in
            let second = HTTPServer(
                handler: handler, configuration: HTTPServerConfiguration(port: port))
            await #expect(throws: HTTPServerError.addressInUse(host: "127.0.0.1", port: port)) {
                _ = try await second.start()
            }
        }
    }

    @Test func stoppingFinishesWhatIsInFlight() async throws {
        let handler = ScriptedHandler()
        let server = HTTPServer(
            handler: handler, configuration: HTTPServerConfiguration(port: 0, eventLoopCount: 1))
        let port = try await server.start().port
        // One thread at a time uses them.
        nonisolated(unsafe) let busy = try RawClient(port: port)
        nonisolated(unsafe) let idle = try RawClient(port: port)
        idle.send(RequestText.describeTable("now-1"))
        _ = try idle.response()
        busy.send(RequestText.describeTable("held-1"))
        while handler.heldCount == 0 { usleep(1_000) }
        async let stopped: Void = server.stop()
        // The idle connection goes first: from then on, the server is known to be stopping.
        #expect(try await offThePool { try idle.isClosedByServer() })
        handler.release()
        let response = try busy.response()
        #expect(response.text == answerText("held-1"))
        #expect(response.header("connection") == "close")
        #expect(try busy.isClosedByServer())
        await stopped
        #expect(throws: ClientError.self) { _ = try RawClient(port: port) }
    }

    @Test func stoppingCutsOffWhoIsNotDoneInTime() async throws {
        var configuration = HTTPServerConfiguration(port: 0, eventLoopCount: 1)
        configuration.timeouts.drainMilliseconds = 100
        configuration.logger.logLevel = .critical
        let handler = ScriptedHandler()
        let server = HTTPServer(handler: handler, configuration: configuration)
        let client = try RawClient(port: try await server.start().port)
        client.send(RequestText.describeTable("held-1"))
        while handler.heldCount == 0 { usleep(1_000) }
        await server.stop()
        #expect(try client.isClosedByServer())
        handler.release()
    }
}
