import Glibc
import Operations
import TestSupport
import Testing

@testable import HTTPService

@Suite("What isn't HTTP is refused")
struct MalformedRequestTests {
    @Test(arguments: [
        "hello\r\n\r\n", "GET\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST / HTTP/1.1\r\nno colon\r\n\r\n", "POST / HTTP/9.9\r\n\r\n",
        "POST / HTTP/1.1\r\n: empty\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}",
    ])
    func withA400(_ text: String) async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            client.send(text)
            let response = try client.response()
            #expect(response.status == 400)
            #expect(response.text.contains("#MalformedHttpRequestException"))
            #expect(response.header("connection") == "close")
            client.finishSending()
            #expect(try client.isClosedByServer())
        }
    }

    @Test func afterTheAnswersThatAreOwed() async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            client.send(RequestText.describeTable("later-30-1") + "nonsense\r\n\r\n")
            #expect(try client.response().text == answerText("later-30-1"))
            #expect(try client.response().status == 400)
        }
    }

    @Test func randomBytesHurtNobody() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SeededGenerator(seed: seed)
        try await withServer { port, _ in
            let good = Array(RequestText.describeTable("now-1").utf8)
            for _ in 0..<300 {
                var bytes = good + good
                switch Int.random(in: 0..<3, using: &generator) {
                case 0:
                    bytes = (0..<Int.random(in: 1..<400, using: &generator)).map { _ in
                        UInt8.random(in: 0...255, using: &generator)
                    }
                case 1:
                    for _ in 0..<Int.random(in: 1..<6, using: &generator) {
                        let index = Int.random(in: 0..<bytes.count, using: &generator)
                        bytes[index] = UInt8.random(in: 0...255, using: &generator)
                    }
                default:
                    let start = Int.random(in: 0..<bytes.count, using: &generator)
                    let end = Int.random(in: start..<bytes.count, using: &generator)
                    bytes.removeSubrange(start..<end)
                }
                let client = try RawClient(port: port)
                client.send(bytes)
                client.finishSending()
                _ = try client.everything()
            }
            let client = try RawClient(port: port)
            client.send(good)
            #expect(try client.response().text == answerText("now-1"), "seed \(seed)")
        }
    }
}
