import Operations
import Testing
import Wire

@Suite struct AdministrationCodecTests {
    private func decode(
        _ body: String, changes: Bool = true
    ) throws(ServiceError) -> AdministrationRequest {
        let bytes = Array(body.utf8)
        return try bytes.withUnsafeBytes { bytes in
            Result { () throws(ServiceError) in
                try AdministrationCodec.decode(.clock, changes: changes, body: bytes)
            }
        }.get()
    }

    @Test func pathsAreExact() {
        #expect(AdministrationCodec.part(ofPath: "/_basalt/clock") == .clock)
        for path in ["/_basalt/", "/_basalt/clock/", "/_basalt/Clock", "/_basalt", "/clock"] {
            #expect(AdministrationCodec.part(ofPath: path[...]) == nil)
        }
    }

    @Test(arguments: [
        (#"{"advance": "1h30m"}"#, 5400.0), (#"{"advance": 90}"#, 90), (#"{"advance":0.5}"#, 0.5),
        (#"{"advance":-5}"#, -5),
    ])
    func advances(body: String, seconds: Double) throws {
        guard case .advanceClock(let read) = try decode(body) else {
            Issue.record("another request")
            return
        }
        #expect(read == seconds)
    }

    @Test(arguments: [
        (#"{"set": 1795276800}"#, 1_795_276_800.0), (#"{"set": "1795276800.5"}"#, 1_795_276_800.5),
        (#"{"set": "2026-11-21T16:00:00Z"}"#, 1_795_276_800),
    ])
    func sets(body: String, time: Double) throws {
        guard case .setClock(let read) = try decode(body) else {
            Issue.record("another request")
            return
        }
        #expect(read == time)
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{}", #"{"advance":"soon"}"#, #"{"advance":null}"#,
        #"{"advance":{}}"#, #"{"set":"tomorrow"}"#, #"{"set":true}"#, #"{"go":1}"#,
        #"{"advance":1,"set":2}"#, #"{"Advance":1}"#,
    ])
    func faults(body: String) {
        #expect {
            try decode(body)
        } throws: { error in
            guard let error = error as? ServiceError else { return false }
            return error.code == "ValidationException" && error.status == 400
                && !error.message.isEmpty
        }
    }

    @Test func looksNeedNoBody() throws {
        guard case .readClock = try decode("", changes: false) else {
            Issue.record("another request")
            return
        }
    }

    @Test func answersAreReadable() {
        var bytes: [UInt8] = []
        AdministrationCodec.encode(
            .clock(ClockReading(now: 1_795_276_800.25, secondsAhead: 5400)), into: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"now":1795276800.250,"time":"2026-11-21T16:00:00.250Z","#
                + #""secondsAhead":5400.000}"#)
    }
}
