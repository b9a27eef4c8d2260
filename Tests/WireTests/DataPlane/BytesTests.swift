import Items
import TestSupport
import Testing

@testable import Wire

@Suite("Checksums, base64 and number texts")
struct BytesTests {
    @Test(
        "CRC-32 has its known values",
        arguments: [
            ("", 0), ("a", 0xE8B7_BE43), ("123456789", 0xCBF4_3926),
            ("The quick brown fox jumps over the lazy dog", 0x414F_A339), ("{}", 2_745_614_147),
        ] as [(String, UInt32)])
    func checksums(text: String, checksum: UInt32) {
        #expect(Array(text.utf8).withUnsafeBytes { CRC32.checksum($0) } == checksum)
    }

    @Test("CRC-32 by eights is CRC-32 by bits, for every length")
    func checksumByBits() {
        var generator = SeededGenerator(seed: 3)
        for count in 0..<70 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            var crc = ~UInt32(0)
            for byte in bytes {
                crc ^= UInt32(byte)
                for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
            }
            #expect(bytes.withUnsafeBytes { CRC32.checksum($0) } == ~crc, "length \(count)")
        }
    }

    private func encoded(_ bytes: [UInt8]) -> String {
        var output = Array("x".utf8)
        bytes.withUnsafeBufferPointer { Base64.encode($0, into: &output) }
        return String(decoding: output.dropFirst(), as: UTF8.self)
    }

    private func decoded(_ text: String) -> [UInt8]? {
        var output: [UInt8] = [7]
        let isGood = Array(text.utf8).withUnsafeBufferPointer { Base64.decode($0, into: &output) }
        #expect(output.first == 7)
        if !isGood { #expect(output == [7]) }
        return isGood ? Array(output.dropFirst()) : nil
    }

    @Test(
        "Base64 has the values of RFC 4648",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ])
    func base64(text: String, base64: String) {
        #expect(encoded(Array(text.utf8)) == base64)
        #expect(decoded(base64) == Array(text.utf8))
    }

    @Test("Every byte and length survives base64")
    func base64RoundTrip() {
        let all = (0...255).map { UInt8($0) }
        for count in 0...256 {
            let bytes = Array(all.prefix(count))
            #expect(decoded(encoded(bytes)) == bytes)
        }
    }

    @Test(
        "Malformed base64 is refused",
        arguments: [
            "Z", "Zg", "Zg=", "Zg===", "Zm8", "====", "Z===", "=Zg=", "Zg==Zg==", "Zm9v\n", "Zm-v",
            "Zm_v", "Zh==", "Zm9=", "Z g=", "Zm9vZ", "é===", "Zg=a",
        ])
    func base64Faults(text: String) { #expect(decoded(text) == nil) }

    @Test(
        "A number's text is the canonical one",
        arguments: [
            "0", "1", "-1", "10", "12", "100", "-100", "123", "1230", "0.1", "0.01", "0.012",
            "-0.0012", "1.5", "12.34", "123.456", "-10.01", "1E125", "1E-130", "-1E125", "9.9E-129",
            "99999999999999999999999999999999999999", "-99999999999999999999999999999999999999",
            "0.00000000000000000000000000000000000001", "1234567890123456789.012345678901234567",
        ])
    func numberTexts(text: String) throws {
        let number = try DecimalNumber(text)
        var output: [UInt8] = []
        #expect(number.encoded.withUnsafeBufferPointer { NumberText.append($0, to: &output) })
        #expect(String(decoding: output, as: UTF8.self) == number.description)
    }

    @Test("Random numbers have the text that DecimalNumber gives")
    func randomNumberTexts() {
        var items = RandomItems(seed: 11)
        for _ in 0..<5_000 {
            let number = items.number()
            var output: [UInt8] = []
            _ = number.encoded.withUnsafeBufferPointer { NumberText.append($0, to: &output) }
            #expect(String(decoding: output, as: UTF8.self) == number.description)
        }
    }

    @Test(
        "Bytes that are no number give no text",
        arguments: [[], [0x81], [0xC1, 0], [0xC1, 101]] as [[UInt8]])
    func noNumber(bytes: [UInt8]) {
        var output: [UInt8] = []
        #expect(!bytes.withUnsafeBufferPointer { NumberText.append($0, to: &output) })
        #expect(output.isEmpty)
    }
}
