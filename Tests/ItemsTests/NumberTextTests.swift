import Items
import Testing

@Suite("Numbers as text")
struct NumberTextTests {
    @Test(
        "a number comes back in the service's plain form",
        arguments: [
            ("0", "0"), ("-0", "0"), ("0.000", "0"), ("-0e10", "0"), ("0e99999", "0"),
            ("1", "1"), ("+1", "1"), ("-1", "-1"), ("007", "7"), ("1.0", "1"), ("5.", "5"),
            (".5", "0.5"), ("-.5", "-0.5"), ("0.10", "0.1"), ("1e3", "1000"), ("1E3", "1000"),
            ("1e+3", "1000"), ("1e-3", "0.001"), ("12.34e1", "123.4"), ("12.34e-5", "0.0001234"),
            ("1000000000000000000000", "1000000000000000000000"), ("100.50", "100.5"),
            ("999999999999999999", "999999999999999999"), ("1e00000000002", "100"),
            (
                "1234567890123456789012345678901234567800000",
                "1234567890123456789012345678901234567800000"
            ),
            (
                "0.00000000000000000000000000000000000000000000001",
                "0.00000000000000000000000000000000000000000000001"
            ),
        ])
    func canonical(text: String, expected: String) throws {
        let number = try DecimalNumber(text)
        #expect(number.description == expected)
        #expect(try encodedText(text) == expected)
        #expect(try DecimalNumber(expected) == number)
    }

    @Test(
        "what BigDecimal does not read is not numeric",
        arguments: [
            "", " ", " 1", "1 ", "a", "1a", "--1", "+-1", "-", "+", ".", "-.", "e5", ".e5", "1e",
            "1e+", "1e5.0", "1..2", "1.2.3", "0x10", "1_000", "1,5", "NaN", "Infinity", "1e1e1",
            "1\u{0}", "\u{661}", "1e9999999999", "1e-9999999999", "1e99999999999999999999999999",
        ])
    func notNumeric(text: String) {
        #expect(throws: NumberFault.notNumeric(text)) { try DecimalNumber(text) }
        #expect(throws: NumberFault.notNumeric(text)) { try encodedText(text) }
    }

    @Test("38 digits are kept, 39 are refused, zeros at the ends don't count")
    func digits() throws {
        let nines = String(repeating: "9", count: 38)
        for text in [nines, nines + "000", "000" + nines, "0.000" + nines, "-" + nines] {
            #expect(try DecimalNumber(text) == DecimalNumber(encodedText(text)))
        }
        for text in [nines + "9", "1" + nines, nines + ".1", "0.1" + nines, "-" + nines + "5"] {
            #expect(throws: NumberFault.tooManyDigits) { try DecimalNumber(text) }
            #expect(throws: NumberFault.tooManyDigits) { try encodedText(text) }
        }
        #expect(throws: NumberFault.tooManyDigits) {
            try DecimalNumber("1" + String(repeating: "0", count: 37) + "1")
        }
    }

    @Test("magnitudes end at 1E-130 and 9.99…E+125")
    func magnitudes() throws {
        let nines = "9." + String(repeating: "9", count: 37)
        for sign in ["", "-"] {
            for text in ["1E-130", "0.1E-129", "9.9E-130", nines + "E+125", "1E125", "10E124"] {
                let number = try DecimalNumber(sign + text)
                #expect(try DecimalNumber(number.description) == number)
                #expect(DecimalNumber(encoded: number.encoded) == number)
            }
            for text in ["1E-131", "9.99E-131", "0.1E-130", "1e-2000000000"] {
                #expect(throws: NumberFault.underflow) { try DecimalNumber(sign + text) }
                #expect(throws: NumberFault.underflow) { try encodedText(sign + text) }
            }
            for text in ["1E126", "10E125", nines + "E126", "0.1E127", "1e2000000000"] {
                #expect(throws: NumberFault.overflow) { try DecimalNumber(sign + text) }
                #expect(throws: NumberFault.overflow) { try encodedText(sign + text) }
            }
        }
        #expect(try DecimalNumber("1E125").description.count == 126)
        #expect(try DecimalNumber("1E-130").description.count == 132)
    }

    @Test("a fault leaves nothing in the encoder")
    func faultsLeaveNothing() throws {
        var encoder = ItemEncoder()
        for text in ["x", "1E126", "1E-131", String(repeating: "1", count: 39)] {
            let utf8 = Array(text.utf8)
            _ = utf8.withUnsafeBufferPointer { buffer in
                #expect(throws: NumberFault.self) {
                    try encoder.number(text: buffer)
                }
            }
            #expect(encoder.bytes.isEmpty && encoder.size == 0)
        }
    }

    @Test("integers convert both ways")
    func integers() throws {
        for value in [0, 1, -1, 10, -100, 99, 12_300, Int.max, Int.min, Int.max - 1] {
            #expect(DecimalNumber(value).description == String(value))
            #expect(DecimalNumber(value).integer == value)
        }
        #expect(try DecimalNumber("1.5").integer == nil)
        #expect(try DecimalNumber("9223372036854775808").integer == nil)
    }

    @Test("any way of writing a number gives one number, one text, one byte form")
    func agreement() throws {
        for seed in UInt64(1)...4 {
            var random = RandomValues(seed: seed)
            for _ in 0..<3000 {
                let text = random.numberText()
                guard let number = try? DecimalNumber(text) else {
                    #expect(throws: NumberFault.self) { try encodedText(text) }
                    continue
                }
                let plain = number.description
                #expect(try encodedText(text) == plain, "seed \(seed): \(text)")
                #expect(try DecimalNumber(plain) == number, "seed \(seed): \(text)")
                #expect(!plain.hasPrefix("+") && !plain.hasSuffix("."))
                if plain.contains(".") { #expect(!plain.hasSuffix("0")) }
            }
        }
    }

    /// The text after a way through the byte form, as the wire's codec goes.
    private func encodedText(_ text: String) throws -> String {
        let utf8 = Array(text.utf8)
        var encoded: [UInt8] = [0xAA]
        do {
            try utf8.withUnsafeBufferPointer {
                try DecimalNumber.appendEncoded(text: $0, to: &encoded)
            }
        } catch {
            #expect(encoded == [0xAA])
            throw error
        }
        var plain: [UInt8] = []
        #expect(DecimalNumber.appendText(encoded: encoded[1...], to: &plain))
        return String(decoding: plain, as: UTF8.self)
    }
}
