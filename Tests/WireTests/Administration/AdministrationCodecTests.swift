import Operations
import Testing
import Wire

@Suite struct AdministrationCodecTests {
    private func decode(
        _ body: String, _ part: AdministrationCodec.Part = .clock, changes: Bool = true
    ) throws(ServiceError) -> AdministrationRequest {
        let bytes = Array(body.utf8)
        return try bytes.withUnsafeBytes { bytes in
            Result { () throws(ServiceError) in
                try AdministrationCodec.decode(
                    part, changes: changes, region: "here", body: bytes)
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

    @Test(
        arguments: [
            (#"{"TableName":"films"}"#, "films", "here", nil),
            (#"{"TableName":"films","Partition":3,"Region":"there"}"#, "films", "there", 3),
        ] as [(String, String, String, Int?)])
    func splits(body: String, table: String, region: String, partition: Int?) throws {
        guard case .splitPartition(table, region, partition) = try decode(body, .partitions) else {
            Issue.record("another request")
            return
        }
    }

    @Test(
        arguments: [
            (#"{"rate":0.5,"seed":7}"#, 0.5, 7), (#"{"rate":1}"#, 1, 0),
            (#"{"rate":0,"seed":18446744073709551615}"#, 0, .max),
        ] as [(String, Double, UInt64)])
    func conflicts(body: String, rate: Double, seed: UInt64) throws {
        guard case .provokeConflicts(rate, seed) = try decode(body, .transactions) else {
            Issue.record("another request")
            return
        }
    }

    @Test(
        arguments: [
            ("", .partitions), ("{}", .partitions), (#"{"TableName":5}"#, .partitions),
            (#"{"TableName":"films","Partition":-1}"#, .partitions),
            (#"{"TableName":"films","Partition":"all"}"#, .partitions), ("{}", .transactions),
            (#"{"rate":1.5}"#, .transactions), (#"{"rate":-0.1}"#, .transactions),
            (#"{"rate":"often"}"#, .transactions), (#"{"rate":0.1,"seed":-1}"#, .transactions),
            (#"{"rate":0.1,"seed":1.5}"#, .transactions),
        ] as [(String, AdministrationCodec.Part)])
    func faultsOfOthers(body: String, part: AdministrationCodec.Part) {
        #expect(throws: ServiceError.self) { try decode(body, part) }
        #expect(throws: ServiceError.self) { try decode("", part, changes: false) }
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
