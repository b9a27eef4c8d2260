import CZlib
import Operations
import Testing

@testable import HTTPService

/// zlib's own checksum, independent of the one under test.
func zlibCRC32(_ bytes: [UInt8]) -> UInt {
    bytes.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) }
}

@Suite("Answers have the service's headers")
struct AnswerHeaderTests {
    @Test func ofSuccess() async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            client.send(RequestText.describeTable("now-1"))
            let first = try client.response()
            #expect(first.header("server") == "Server")
            #expect(first.header("content-type") == "application/x-amz-json-1.0")
            #expect(first.header("x-amz-crc32") == String(zlibCRC32(first.body)))
            let id = try #require(first.header("x-amzn-requestid"))
            #expect(id.utf8.count == 52)
            #expect(id.allSatisfy { "0123456789ABCDEFGHIJKLMNOPQRSTUV".contains($0) })
            let date = try #require(first.header("date"))
            let seconds = try #require(CalendarTime(httpDate: date)).seconds
            #expect(abs(seconds - SystemTime.seconds()) <= 2)
            #expect(first.header("access-control-allow-origin") == nil)
            client.send(
                RequestText.describeTable(
                    "now-1", headers: ["Content-Type": "application/x-amz-json-1.1"]))
            let second = try client.response()
            #expect(second.header("content-type") == "application/x-amz-json-1.1")
            #expect(second.header("x-amzn-requestid") != id)
        }
    }

    @Test func ofErrors() async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            client.send(RequestText.describeTable("missing-1"))
            let response = try client.response()
            #expect(response.status == 400)
            #expect(
                response.text
                    == #"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","#
                    + #""message":"Requested resource not found"}"#)
            #expect(response.header("x-amz-crc32") == String(zlibCRC32(response.body)))
            #expect(response.header("x-amzn-requestid")?.utf8.count == 52)
        }
    }

    @Test func forOtherOrigins() async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            client.send(
                RequestText.describeTable("now-1", headers: ["Origin": "http://example.org"]))
            let response = try client.response()
            #expect(response.header("access-control-allow-origin") == "*")
            let exposed = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"
            #expect(response.header("access-control-expose-headers") == exposed)
            client.send(
                "OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: http://example.org\r\n"
                    + "Access-Control-Request-Headers: x-amz-target,x-amz-date\r\n"
                    + "Access-Control-Request-Method: POST\r\n\r\n")
            let preflight = try client.response()
            #expect(preflight.status == 200)
            #expect(preflight.header("access-control-allow-origin") == "*")
            #expect(preflight.header("access-control-expose-headers") == exposed)
            #expect(
                preflight.header("access-control-allow-headers") == "x-amz-target,x-amz-date")
            #expect(preflight.header("access-control-allow-methods") == "POST")
            #expect(preflight.header("access-control-max-age") == "172800")
            #expect(preflight.body.isEmpty)
        }
    }

    @Test(
        arguments: [
            ("GET / HTTP/1.1", 200, "healthy: localhost:1 "),
            ("GET /health HTTP/1.1", 200, #"{"status":"ok"}"#),
            ("GET /other HTTP/1.1", 404, "<UnknownOperationException/>\n"),
            ("PUT / HTTP/1.1", 404, "<UnknownOperationException/>\n"),
            ("DELETE / HTTP/1.1", 404, "<UnknownOperationException/>\n"),
            ("OPTIONS / HTTP/1.1", 404, "<UnknownOperationException/>\n"),
            ("POST /other HTTP/1.1", 404, "<UnknownOperationException/>\n"),
            ("POST / HTTP/1.1", 404, "<UnknownOperationException/>\n"),
        ])
    func ofRoutes(_ line: String, status: Int, body: String) async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            client.send(line + "\r\nHost: localhost:1\r\n\r\n")
            let response = try client.response()
            #expect(response.status == status)
            #expect(response.text == body)
            #expect(response.header("x-amz-crc32") == String(zlibCRC32(response.body)))
        }
    }

    @Test(
        arguments: [
            (
                "{}", 404,
                ##"{"__type":"com.amazon.coral.service#UnknownOperationException","message""##
            ),
            (
                "7", 404,
                ##"{"__type":"com.amazon.coral.service#UnknownOperationException","message""##
            ),
            ("{", 400, ##"{"__type":"com.amazon.coral.service#SerializationException","Message""##),
            ("", 400, ##"{"__type":"com.amazon.coral.service#SerializationException","Message""##),
        ])
    func ofPlainJSON(_ body: String, status: Int, output: String) async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            client.send(
                RequestText.post(body: body, headers: ["Content-Type": "application/json"]) + body)
            let response = try client.response()
            #expect(response.status == status)
            #expect(response.text == #"{"Output":\#(output):null},"Version":"1.0"}"#)
            #expect(response.header("content-type") == "application/json")
        }
    }

    @Test func aHeadHasNoBody() async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            client.send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let bytes = try client.everything()
            #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 404 "))
            #expect(bytes.suffix(4).elementsEqual(Array("\r\n\r\n".utf8)))
        }
    }
}

@Suite("Bodies may be compressed")
struct CompressionTests {
    private static func pack(_ text: String, windowBits: Int32) -> [UInt8] {
        var stream = z_stream()
        guard basalt_deflateInit2(&stream, 6, windowBits) == Z_OK else { return [] }
        defer { deflateEnd(&stream) }
        var input = Array(text.utf8)
        var output = [UInt8](repeating: 0, count: input.count + 1_024)
        return input.withUnsafeMutableBufferPointer { input in
            let count = output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                _ = deflate(&stream, Z_FINISH)
                return output.count - Int(stream.avail_out)
            }
            return Array(output[..<count])
        }
    }

    private static func unpack(_ bytes: [UInt8], windowBits: Int32) -> [UInt8] {
        var stream = z_stream()
        guard basalt_inflateInit2(&stream, windowBits) == Z_OK else { return [] }
        defer { inflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: 1 << 20)
        return input.withUnsafeMutableBufferPointer { input in
            let count = output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                let status = inflate(&stream, Z_FINISH)
                return status == Z_STREAM_END ? output.count - Int(stream.avail_out) : 0
            }
            return Array(output[..<count])
        }
    }

    private func answer(
        _ body: [UInt8], coding: String, port: Int
    ) throws -> RawResponse {
        let client = try RawClient(port: port, timeoutSeconds: 30)
        client.send(
            RequestText.post(
                headers: ["Content-Length": String(body.count), "Content-Encoding": coding]))
        client.send(body)
        return try client.response()
    }

    @Test func requestsOfEveryForm() async throws {
        try await withServer { port, _ in
            let text = #"{"TableName":"now-1"}"#
            let halves = [String(text.prefix(9)), String(text.dropFirst(9))]
            let forms: [(String, [UInt8])] = [
                ("gzip", Self.pack(text, windowBits: 31)),
                ("GZIP", halves.flatMap { Self.pack($0, windowBits: 31) }),
                ("x-gzip", Self.pack(text, windowBits: 31)),
                ("deflate", Self.pack(text, windowBits: 15)),
                ("deflate", Self.pack(text, windowBits: -15)),
                ("identity", Array(text.utf8)),
            ]
            for (coding, body) in forms {
                let response = try answer(body, coding: coding, port: port)
                #expect(response.text == answerText("now-1"), "\(coding) of \(body.count)")
            }
        }
    }

    @Test func brokenRequestsAreRefused() async throws {
        try await withServer { port, _ in
            let packed = Self.pack(#"{"TableName":"now-1"}"#, windowBits: 31)
            var flipped = packed
            flipped[packed.count - 6] ^= 1
            let forms: [(String, [UInt8])] = [
                ("gzip", Array(#"{"TableName":"now-1"}"#.utf8)), ("gzip", packed.dropLast(3)),
                ("gzip", packed + [1, 2, 3]), ("gzip", flipped), ("gzip", []),
                ("br", packed), ("deflate", [0x78]),
            ]
            for (coding, body) in forms {
                let response = try answer(Array(body), coding: coding, port: port)
                #expect(response.status == 400, "\(coding) of \(body.count)")
                if !body.isEmpty {
                    #expect(response.text.contains("#MalformedHttpRequestException"))
                }
            }
        }
    }

    @Test func aBombIsRefused() async throws {
        try await withServer { port, _ in
            let zeros = String(repeating: " ", count: Limits.requestBodyBytesMax)
            let bomb = Self.pack(zeros, windowBits: 31) + Self.pack("  ", windowBits: 31)
            #expect(bomb.count < 100_000)
            let response = try answer(bomb, coding: "gzip", port: port)
            #expect(response.status == 413)
        }
    }

    @Test func bigAnswersAreCompressedForWhoAsks() async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            for (accepted, coding, windowBits) in [
                ("gzip", "gzip", 31), ("gzip, deflate, br", "gzip", 31), ("deflate", "deflate", 15),
                ("gzip;q=0.5, deflate;q=0.9", "deflate", 15), ("*", "gzip", 31),
                ("gzip;q=0, *", "deflate", 15),
            ] as [(String, String, Int32)] {
                client.send(
                    RequestText.describeTable(
                        "big-40000-1", headers: ["Accept-Encoding": accepted]))
                let response = try client.response()
                #expect(response.header("content-encoding") == coding, "\(accepted)")
                #expect(response.body.count < 10_000)
                #expect(response.header("x-amz-crc32") == String(zlibCRC32(response.body)))
                let body = Self.unpack(response.body, windowBits: windowBits)
                let text = String(repeating: "abcdefgh", count: 5_000)
                #expect(String(decoding: body, as: UTF8.self) == answerText(text))
            }
        }
    }

    @Test func otherAnswersAreNot() async throws {
        try await withServer { port, _ in
            let client = try RawClient(port: port)
            for (name, accepted) in [
                ("now-1", "gzip"), ("big-40000-1", "identity"), ("big-40000-1", "br"),
                ("big-40000-1", "gzip;q=0"), ("big-40000-1", "gzip;q=0.2, identity"),
            ] {
                client.send(
                    RequestText.describeTable(name, headers: ["Accept-Encoding": accepted]))
                #expect(try client.response().header("content-encoding") == nil, "\(accepted)")
            }
        }
    }
}
