import Items
import TestSupport
import Testing

@Suite struct WholePartTests {
    private func wholePart(_ text: String) throws -> UInt64? {
        DecimalNumber.wholePart(encoded: try DecimalNumber(text).encoded[...])
    }

    @Test(
        arguments: [
            ("0", 0), ("1", 1), ("9", 9), ("10", 10), ("100", 100), ("12.5", 12), ("0.99", 0),
            ("0.0000001", 0), ("1E-130", 0), ("1795276800", 1_795_276_800),
            ("1795276800.999", 1_795_276_800), ("1E17", 100_000_000_000_000_000),
            ("999999999999999999", 999_999_999_999_999_999),
        ] as [(String, UInt64)])
    func wholeParts(text: String, expected: UInt64) throws {
        #expect(try wholePart(text) == expected)
    }

    @Test(arguments: ["-1", "-0.5", "-1E-130", "1E18", "1E125", "-9E125"])
    func others(text: String) throws {
        #expect(try wholePart(text) == nil)
    }

    @Test func randomNumbers() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("whole part seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let bound = UInt64(1) << UInt64.random(in: 1...59, using: &generator)
            let whole = UInt64.random(in: 0..<bound, using: &generator)
            let fraction = Int.random(in: 0..<1000, using: &generator)
            #expect(try wholePart("\(whole).\(fraction)") == whole)
        }
    }

    @Test func strangeBytesAreNoFault() {
        for bytes in [[], [0x00], [0xFF], [0xC1], [0xC9, 0, 0, 0xFF, 0xFF]] as [[UInt8]] {
            _ = DecimalNumber.wholePart(encoded: bytes[...])
        }
    }
}
