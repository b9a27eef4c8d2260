import Items
import Testing

@Suite("Numbers as bytes")
struct NumberEncodingTests {
    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    @Test(
        "known numbers have known bytes",
        arguments: [
            ("0", "80"), ("1", "c102"), ("-1", "3e6466"), ("100", "c202"), ("0.5", "c033"),
            ("-0.05", "3f6066"), ("12345", "c302182e"), ("-12345", "3c644e3866"),
            ("1E125", "ff0b"), ("1E-130", "8002"), ("-1E-130", "7f6466"),
            ("3.14159", "c1040f105b"),
            (
                "9.9999999999999999999999999999999999999E125",
                "ff" + String(repeating: "64", count: 19)
            ),
            (
                "-99999999999999999999999999999999999999",
                "2c" + String(repeating: "02", count: 19) + "66"
            ),
            (
                "1234567890123456789.0123456789012345678",
                "ca02182e445a02182e445a02182e445a02182e4451"
            ),
        ])
    func vectors(text: String, expected: String) throws {
        let number = try DecimalNumber(text)
        #expect(hex(number.encoded) == expected)
        #expect(DecimalNumber(encoded: number.encoded) == number)
    }

    @Test("the bytes sort as the numbers do")
    func order() throws {
        var random = RandomValues(seed: 7)
        var numbers = (0..<150).map { _ in random.number() }
        let edges = [
            "0", "1", "-1", "1E-130", "-1E-130", "1E125", "-1E125", "1.5", "1.52", "-1.5", "-1.52",
            "9.9999999999999999999999999999999999999E125", "99", "100", "-99", "-100", "0.01",
            "-9.9999999999999999999999999999999999999E125", "10", "9", "-10", "-9", "1.05",
            "-0.12345678901234567890123456789012345678",
            "-1.2345678901234567890123456789012345678",
            "-1.234567890123456789012345678901234567",
        ]
        for edge in edges { numbers.append(try DecimalNumber(edge)) }
        for left in numbers {
            for right in numbers {
                let bytesPrecede = left.encoded.lexicographicallyPrecedes(right.encoded)
                let expected = try left.subtractingSign(right) < 0
                #expect(bytesPrecede == expected, "\(left) < \(right)")
                #expect((left < right) == expected, "\(left) < \(right)")
                #expect((left == right) == (left.encoded == right.encoded))
            }
        }
    }

    @Test("bytes that no number has are refused")
    func malformed() throws {
        let malformed: [[UInt8]] = [
            [], [0x81], [0xC1], [0x3E], [0x3E, 0x66], [0xC1, 0], [0xC1, 101], [0xC1, 255],
            [0x3E, 1], [0x3E, 103, 0x66], [0xC1, 1], [0x80, 1],
            [0xC1] + [UInt8](repeating: 2, count: 21),
            [0xC1] + [UInt8](repeating: 12, count: 20),
        ]
        for bytes in malformed {
            #expect(DecimalNumber(encoded: bytes) == nil, "\(bytes)")
            var text: [UInt8] = []
            #expect(!DecimalNumber.appendText(encoded: bytes, to: &text), "\(bytes)")
            #expect(text.isEmpty)
        }
    }

    @Test("random bytes are refused or read alike by every reader")
    func randomBytes() {
        var random = RandomValues(seed: 8)
        for _ in 0..<20_000 {
            var bytes = [UInt8(random.int(0...255))]
            for _ in 0..<random.int(0...22) { bytes.append(UInt8(random.int(0...103))) }
            let number = DecimalNumber(encoded: bytes)
            var text: [UInt8] = []
            let appended = DecimalNumber.appendText(encoded: bytes[...], to: &text)
            #expect(appended == (number != nil), "\(bytes)")
            if let number, number.encoded == bytes {
                #expect(String(decoding: text, as: UTF8.self) == number.description, "\(bytes)")
            }
            _ = DecimalNumber.itemSize(encoded: bytes)
        }
    }

    @Test(
        "sizes are the service's",
        arguments: [
            ("0", 1), ("1", 2), ("12", 2), ("123", 3), ("-1", 3), ("-123", 4), ("100", 2),
            ("3.14159", 5), ("123456", 4), ("1E125", 2), ("0.0000001", 2), ("-0.5", 3),
            ("1.5", 3), ("10.01", 3), ("120", 2), ("1E-130", 2), ("1200", 2), ("1234", 3),
            ("9.9999999999999999999999999999999999999E125", 20),
            ("1234567890123456789.0123456789012345678", 21),
        ])
    func sizes(text: String, expected: Int) throws {
        let number = try DecimalNumber(text)
        #expect(DecimalNumber.itemSize(encoded: number.encoded) == expected)
        #expect(ItemValue(.number(number)).size == expected)
    }
}

extension DecimalNumber {
    /// The sign of `self - other`, from digit strings: a comparison independent of the encoding.
    fileprivate func subtractingSign(_ other: DecimalNumber) throws -> Int {
        func places(_ number: DecimalNumber) -> [Int] {
            // One array index per decimal place from 10^126 down to 10^-168.
            var result = [Int](repeating: 0, count: 300)
            for (index, digit) in number.digits.enumerated() {
                result[126 - number.exponent + index] =
                    number.isNegative ? -Int(digit) : Int(digit)
            }
            return result
        }
        for (left, right) in zip(places(self), places(other)) where left != right {
            return left < right ? -1 : 1
        }
        return 0
    }
}
