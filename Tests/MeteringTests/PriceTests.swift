import Operations
import Testing

@testable import Metering

/// Expected dollars are worked out by hand from the prices of September 2026.
@Suite("Prices")
struct PriceTests {
    private let prices = PriceList.current

    private func near(_ left: Double, _ right: Double) -> Bool { abs(left - right) < 1e-9 }

    @Test("a million of each request unit, by class")
    func requests() {
        let units = Units(read: RequestUnits(1_000_000), write: RequestUnits(1_000_000))
        #expect(near(prices.cost(of: units), 0.75))
        #expect(near(prices.cost(of: units, tableClass: .standardInfrequentAccess), 0.935))
        #expect(near(prices.cost(of: Units(read: RequestUnits(halves: 1))), 0.000_000_062_5))
    }

    @Test("provisioned capacity for a month of 730 hours")
    func provisioned() {
        // 100 RCU × 0.00013 × 730 + 50 WCU × 0.00065 × 730 = 9.49 + 23.725
        #expect(near(prices.cost(ofReadCapacity: 100, writeCapacity: 50), 33.215))
        #expect(near(prices.cost(ofReadCapacity: 1, writeCapacity: 0, hours: 1), 0.00013))
    }

    @Test("storage, with 100 bytes for each entry of an index and 25 GB free")
    func storage() {
        let entries = prices.storedBytes(byteCount: 1_000, indexEntryCount: 10)
        #expect(entries == 2_000)
        let bytes = 125 * PriceList.bytesPerGB
        #expect(near(prices.cost(ofStoredBytes: bytes), 31.25))
        #expect(near(prices.storageAllowance(ofStoredBytes: bytes), 6.25))
        #expect(near(prices.storageAllowance(ofStoredBytes: PriceList.bytesPerGB), 0.25))
        #expect(
            near(
                prices.cost(
                    ofStoredBytes: bytes, hours: 73, tableClass: .standardInfrequentAccess), 1.25))
        #expect(
            prices.storageAllowance(
                ofStoredBytes: bytes, tableClass: .standardInfrequentAccess) == 0)
    }

    @Test("stream reads after 2.5 million, and point-in-time recovery")
    func streams() {
        #expect(near(prices.cost(ofStreamReads: 5_000_000), 1.0))
        #expect(near(prices.streamReadAllowance(ofStreamReads: 5_000_000), 0.5))
        #expect(near(prices.streamReadAllowance(ofStreamReads: 5_000_000, hours: 73), 0.05))
        #expect(near(prices.cost(ofContinuousBackupBytes: 10 * PriceList.bytesPerGB), 2))
    }

    @Test("the file of a list reads back as the list")
    func file() throws {
        #expect(try PriceList(json: prices.json) == prices)
    }

    @Test(
        "a fault in the file names the field",
        arguments: [
            (
                #""perRestoredGB" : 0.15"#, #""perRestoredGB" : -1"#,
                "perRestoredGB must be a number from 0"
            ),
            (
                #""freeStorageGB" : 25"#, #""freeStorageGB" : "many""#,
                "standard.freeStorageGB must be a number"
            ),
            (#""region""#, #""area""#, "region is missing"),
            (#""date" : "2026-09-01""#, #""date" : "today""#, "date must be like 2026-09-01"),
            (#"2026-09-01"#, #"2026-09-31"#, "date must be like 2026-09-01"),
            (
                #""indexEntryOverheadBytes" : 100"#, #""indexEntryOverheadBytes" : 0.5"#,
                "indexEntryOverheadBytes must be a whole number from 0"
            ),
            ("{", "[", "is not JSON"),
            (#""region""#, #""colour" : 1, "region""#, "colour is not a price"),
        ])
    func faults(text: String, replacement: String, fault: String) {
        var file = String(decoding: prices.json, as: UTF8.self)
        if let range = file.firstRange(of: text) { file.replaceSubrange(range, with: replacement) }
        #expect(throws: PriceFault(fault)) { try PriceList(json: Array(file.utf8)) }
    }
}
