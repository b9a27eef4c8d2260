import Operations
import Testing
import Wire

/// The looks at partitions and the change of throttling.
@Suite struct PartitionsCodecTests {
    private func decode(
        _ part: AdministrationCodec.Part, body: String? = nil,
        query: [(name: String, value: String)] = []
    ) throws(ServiceError) -> AdministrationRequest {
        let bytes = Array((body ?? "").utf8)
        return try bytes.withUnsafeBytes { bytes in
            Result { () throws(ServiceError) in
                try AdministrationCodec.decode(
                    part, changes: body != nil, region: "here", query: query, body: bytes)
            }
        }.get()
    }

    @Test func aTableAndARegionMayBeNamed() throws {
        #expect(AdministrationCodec.part(ofPath: "/_basalt/partitions") == .capacity)
        guard
            case .readPartitions("films", "there") = try decode(
                .capacity, query: [("TableName", "films"), ("Region", "there")]),
            case .readPartitions(nil, "here") = try decode(.capacity)
        else {
            Issue.record("another request")
            return
        }
        #expect(throws: ServiceError.self) { try decode(.capacity, body: "{}") }
    }

    @Test(arguments: ThrottlingMode.allCases)
    func modes(mode: ThrottlingMode) throws {
        #expect(AdministrationCodec.part(ofPath: "/_basalt/throttling") == .throttling)
        guard
            case .setThrottling(mode) = try decode(
                .throttling, body: #"{"mode": "\#(mode.rawValue)"}"#),
            case .readThrottling = try decode(.throttling)
        else {
            Issue.record("another request")
            return
        }
        var bytes: [UInt8] = []
        AdministrationCodec.encode(.throttling(mode), into: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == #"{"mode":"\#(mode.rawValue)"}"#)
    }

    @Test(arguments: ["{}", "[]", "", #"{"mode": "sometimes"}"#, #"{"mode": 1}"#])
    func otherModesAreRefused(body: String) {
        #expect(throws: ServiceError.self) { try decode(.throttling, body: body) }
    }

    @Test func partitionsAreWrittenWithTheirBounds() {
        let gauge = ResourcePartitions.Gauge(unitsPerSecond: 1_000, unitsLeft: -0.12345)
        let use = ResourcePartitions.Use(capacity: gauge, demand: .nan, throttledCount: 7)
        var table = ResourcePartitions(
            tableName: "films", indexName: nil,
            partitions: [
                ResourcePartitions.Partition(lower: [0, 0, 0, 0, 0, 0, 0, 0]),
                ResourcePartitions.Partition(lower: [0x80, 0, 0, 0, 0, 0, 0, 0, 0x41], write: use),
            ])
        table.write = gauge
        var bytes: [UInt8] = []
        AdministrationCodec.encode(.partitions([table], .enforce), into: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"throttling":"enforce","resources":[{"TableName":"films","#
                + #""write":{"unitsPerSecond":1000.0,"unitsLeft":-0.123},"#
                + #""partitions":[{"partition":0,"from":"0000000000000000","#
                + #""to":"800000000000000041"},{"partition":1,"from":"800000000000000041","#
                + #""write":{"demand":0.0,"unitsPerSecond":1000.0,"unitsLeft":-0.123,"#
                + #""throttled":7}}]}]}"#)
    }
}
