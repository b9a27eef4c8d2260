import Client
import Logging
import Operations
import Synchronization
import Testing
import Wire

@testable import HTTPService

/// Tells the clock as it was last set, and who asked for what.
private final class ScriptedOperator: AdministrationHandler {
    let requests = Mutex<[AdministrationRequest]>([])

    func administer(
        _ request: AdministrationRequest,
        completion: @escaping @Sendable (Result<AdministrationResponse, ServiceError>) -> Void
    ) {
        requests.withLock { $0.append(request) }
        switch request {
        case .setClock: completion(.failure(.validation("no way back")))
        default: completion(.success(.clock(ClockReading(now: 1000, secondsAhead: 60))))
        }
    }
}

@Suite struct AdministrationTests {
    private func withServer(
        _ parts: Set<AdministrationCodec.Part>?, credentials: [String: String] = [:],
        _ body: (RawClient, ScriptedOperator, Int) throws -> Void
    ) async throws {
        var configuration = HTTPServerConfiguration(
            port: 0, eventLoopCount: 1, credentials: CredentialStore(credentials))
        configuration.logger.logLevel = .critical
        let handler = ScriptedOperator()
        let server = HTTPServer(
            handler: ScriptedHandler(), configuration: configuration,
            administration: parts.map { AdministrationAccess(handler: handler, parts: $0) })
        let port = try await server.start().port
        let result = Result { try body(try RawClient(port: port), handler, port) }
        await server.stop()
        try result.get()
    }

    private func request(
        _ method: String, _ body: String = "", path: String = "/_basalt/clock",
        headers: [(name: String, value: String)] = []
    ) -> [UInt8] {
        let lines = headers.map { "\($0.name): \($0.value)\r\n" }.joined()
        return Array(
            ("\(method) \(path) HTTP/1.1\r\nHost: here\r\n\(lines)"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8)
    }

    @Test func theClockIsReadAndMoved() async throws {
        try await withServer([.clock]) { client, handler, _ in
            for (method, body) in [
                ("GET", ""), ("POST", #"{"advance":5}"#), ("PUT", #"{"advance":"1h"}"#),
            ] {
                client.send(request(method, body))
                let answer = try client.response()
                #expect(answer.status == 200)
                #expect(answer.header("Content-Type") == "application/json")
                #expect(
                    answer.text
                        == #"{"now":1000.000,"time":"1970-01-01T00:16:40.000Z","#
                        + #""secondsAhead":60.000}"#)
            }
            #expect(handler.requests.withLock { $0.count } == 3)
        }
    }

    @Test func faultsAreTold() async throws {
        try await withServer([.clock]) { client, _, _ in
            for (body, words) in [("", "JSON object"), (#"{"set":5}"#, "no way back")] {
                client.send(request("POST", body))
                let answer = try client.response()
                #expect(answer.status == 400)
                #expect(answer.text.contains(words))
            }
        }
    }

    @Test(arguments: [nil, []] as [Set<AdministrationCodec.Part>?])
    func withoutItsSwitchThereIsNothing(parts: Set<AdministrationCodec.Part>?) async throws {
        try await withServer(parts) { client, handler, _ in
            for path in ["/_basalt/clock", "/nothing"] {
                for method in ["GET", "POST"] {
                    client.send(request(method, path: path))
                    let answer = try client.response()
                    #expect(answer.status == 404)
                    #expect(answer.text == "<UnknownOperationException/>\n")
                }
            }
            #expect(handler.requests.withLock { $0.isEmpty })
        }
    }

    @Test func unknownPathsAndMethodsAreUnknown() async throws {
        try await withServer([.clock]) { client, handler, _ in
            for (method, path) in [("DELETE", "/_basalt/clock"), ("GET", "/_basalt/time")] {
                client.send(request(method, path: path))
                let answer = try client.response()
                #expect(answer.status == 404)
            }
            #expect(handler.requests.withLock { $0.isEmpty })
        }
    }

    @Test func aServerWithCredentialsWantsASignature() async throws {
        try await withServer([.clock], credentials: ["AKID": "secret"]) { client, handler, _ in
            let body = #"{"advance":5}"#
            client.send(request("POST", body))
            let unsigned = try client.response()
            #expect(unsigned.text.contains("MissingAuthenticationToken"))
            for (secret, status) in [("other", 400), ("secret", 200)] {
                let signer = SignatureSigner(
                    credentials: ServiceCredentials(accessKeyID: "AKID", secretAccessKey: secret),
                    region: "us-east-1", service: "dynamodb")
                let headers = signer.headers(
                    method: "POST", path: "/_basalt/clock", headers: [("Host", "here")],
                    body: Array(body.utf8))
                client.send(request("POST", body, headers: headers))
                let answer = try client.response()
                #expect(answer.status == status)
            }
            #expect(handler.requests.withLock { $0.count } == 1)
        }
    }
}
