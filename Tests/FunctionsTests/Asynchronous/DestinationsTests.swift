import Client
import Functions
import Glibc
import Operations
import Synchronization
import Testing

@Suite struct DestinationsTests {
    /// Keeps the events that it is given.
    private final class KeptEvents: EventQueue {
        let kept = Mutex<[Invocation]>([])

        func enqueue(_ invocation: Invocation) async throws(ServiceError) {
            kept.withLock { $0.append(invocation) }
        }
    }

    private let functions = ScriptedFunctions()

    private func destinations() -> Destinations {
        Destinations(outside: OutsideEndpoints(), functions: functions, retries: .never)
    }

    private func send(
        _ text: String, to arn: String, by destinations: Destinations
    ) async -> ServiceError? {
        do throws(ServiceError) {
            try await destinations.send(
                Array(text.utf8), to: arn, objectKey: "key", attributes: [], region: "us-east-1")
            return nil
        } catch {
            return error
        }
    }

    private func withDirectory(_ body: (String) async throws -> Void) async throws {
        var template = Array("/tmp/basalt-destinations-XXXXXX".utf8CString)
        let path = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        let directory = try #require(path)
        defer {
            unlink("\(directory)/a b.jsonl")
            rmdir(directory)
        }
        try await body(directory)
    }

    private func content(_ path: String) throws -> String {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    @Test func aFileGetsALinePerDocument() async throws {
        let destinations = destinations()
        try await withDirectory { directory in
            for prefix in ["file://", "file:", "file://localhost"] {
                let error = await send(
                    "{\"a\":\n1}", to: "\(prefix)\(directory)/a%20b.jsonl", by: destinations)
                #expect(error == nil)
            }
            let lines = try content("\(directory)/a b.jsonl")
            #expect(lines == "{\"a\": 1}\n{\"a\": 1}\n{\"a\": 1}\n")
        }
    }

    @Test func manyAtOnceDoNotTearLines() async throws {
        let destinations = destinations()
        try await withDirectory { directory in
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        _ = await send(
                            "{\"n\":\(number)}", to: "file:\(directory)/a b.jsonl",
                            by: destinations)
                    }
                }
            }
            let lines = try content("\(directory)/a b.jsonl").split(separator: "\n")
            #expect(Set(lines) == Set((0..<50).map { "{\"n\":\($0)}" }))
        }
    }

    @Test(arguments: [
        ("file:///no/such/directory/a", "No such file"), ("file:", "names no file"),
        ("file:///tmp/", "names no file"), ("file://there/a", "another machine"),
        ("file:/tmp/%00", "names no file"),
    ])
    func aFileThatCannotBeIsTold(url: String, words: String) async {
        let error = await send("{}", to: url, by: destinations())
        #expect(error?.message.contains(words) == true)
    }

    @Test(arguments: [
        ("arn:aws:sqs:us-east-1:000000000000:q", "--sqs-endpoint"),
        ("arn:aws:sns:us-east-1:000000000000:t", "--sns-endpoint"),
        ("arn:aws:s3:::b", "--s3-endpoint"),
    ])
    func withoutAnEndpointItsFlagIsTold(arn: String, flag: String) async {
        let error = await send("{}", to: arn, by: destinations())
        #expect(error?.code == OutsideEndpoints.notConfigured)
        #expect(error?.message == "no \(flag) is configured: \(arn) cannot be reached")
    }

    @Test(arguments: ["", "q", "arn:aws:events:us-east-1:000000000000:event-bus/b", "arn:aws:s3"])
    func whatIsNoDestinationIsTold(arn: String) async {
        let error = await send("{}", to: arn, by: destinations())
        #expect(error?.code == "InvalidParameterValueException")
    }

    @Test func aFunctionGetsAnEvent() async throws {
        let destinations = destinations()
        functions.set("next")
        let arn = ScriptedFunctions.arn("next")
        let early = await send("{}", to: arn, by: destinations)
        #expect(early?.status == 503)
        let events = KeptEvents()
        destinations.setEvents(events)
        let error = await send("{\"a\":1}", to: arn, by: destinations)
        #expect(error == nil)
        let kept = try #require(events.kept.withLock { $0.first })
        #expect(kept.payload == Array("{\"a\":1}".utf8))
        #expect(kept.function.functionArn == arn)
        #expect(kept.requestID.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
        let missing = await send("{}", to: ScriptedFunctions.arn("none"), by: destinations)
        #expect(missing?.code == "ResourceNotFoundException")
    }
}
