import Operations
import TestSupport
import Testing

@Suite struct TimeTextTests {
    @Test(arguments: [
        ("90", 90.0), ("1.5", 1.5), ("0", 0), ("10s", 10), ("1h30m", 5400), ("2d", 172_800),
        ("250ms", 0.25), ("1m0.5s", 60.5), ("1d2h3m4s5ms", 93_784.005),
    ])
    func spans(text: String, seconds: Double) {
        #expect(TimeText.seconds(ofSpan: text) == seconds)
    }

    @Test(arguments: [
        "", "h", "1x", "-1", "+1", "1 h", "1h1h", "1m1h", "1.s", ".5", "1e3", "1h30", "ms",
        "9999999999999999", "٣", "1H", "nan", "inf",
    ])
    func noSpans(text: String) {
        #expect(TimeText.seconds(ofSpan: text) == nil)
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0.0), ("2026-11-21T16:00:00Z", 1_795_276_800),
        ("2026-11-21T16:00Z", 1_795_276_800), ("2026-11-21T16:00:00", 1_795_276_800),
        ("2026-11-21T18:30:00+02:30", 1_795_276_800),
        ("2026-11-21T08:00:00-08:00", 1_795_276_800), ("2026-11-21", 1_795_219_200),
        ("2024-02-29T00:00:00.25Z", 1_709_164_800.25), ("9999-12-31T23:59:59Z", 253_402_300_799),
        ("1969-12-31T23:59:59Z", -1),
    ])
    func times(text: String, timestamp: Double) {
        #expect(TimeText.timestamp(iso8601: text) == timestamp)
    }

    @Test(arguments: [
        "", "2026", "2026-13-01", "2026-02-30", "2025-02-29", "0000-01-01", "2026-1-1",
        "2026-11-21T24:00:00Z", "2026-11-21T16:60:00Z", "2026-11-21T16:00:60Z", "2026-11-21T16Z",
        "2026-11-21T16:00:00.Z", "2026-11-21T16:00.5Z", "2026-11-21T16:00:00+2", "T", "TT",
        "2026-11-21T16:00:00Zulu", "2026-11-21 16:00:00", "-026-11-21", "2026-11-21T",
        "2026-11-21T16:00:00+25:00",
    ])
    func noTimes(text: String) {
        #expect(TimeText.timestamp(iso8601: text) == nil)
    }

    @Test func aTimeIsWrittenAsItIsRead() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("time text seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let timestamp = Double(
                Int.random(in: -62_135_596_800...253_402_300_799, using: &generator))
            #expect(TimeText.timestamp(iso8601: TimeText.iso8601(timestamp)) == timestamp)
        }
        #expect(TimeText.iso8601(1_795_276_800.25) == "2026-11-21T16:00:00.250Z")
        #expect(TimeText.iso8601(.nan) == "1970-01-01T00:00:00.000Z")
        #expect(TimeText.iso8601(.infinity) == "1970-01-01T00:00:00.000Z")
        #expect(TimeText.iso8601(-1e300) == "0001-01-01T00:00:00.000Z")
    }

    @Test func randomTextIsNoFault() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("time text seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("0123456789dhms.:-+TZ")
        for _ in 0..<5_000 {
            let count = Int.random(in: 0...24, using: &generator)
            let text = String(
                (0..<count).compactMap { _ in alphabet.randomElement(using: &generator) })
            _ = TimeText.seconds(ofSpan: text)
            if let time = TimeText.timestamp(iso8601: text) { #expect(time.isFinite) }
        }
    }
}
