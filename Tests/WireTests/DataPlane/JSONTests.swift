import Operations
import Testing

@testable import Wire

@Suite("JSON is read strictly and written as the service writes it")
struct JSONTests {
    private func parse(_ text: String) throws -> JSONValue { try parse(Array(text.utf8)) }

    private func parse(_ bytes: [UInt8]) throws -> JSONValue {
        try bytes.withUnsafeBufferPointer { bytes throws(ServiceError) in
            try JSONValue.parse(UnsafeRawBufferPointer(bytes))
        }
    }

    private func rewritten(_ text: String) throws -> String {
        var writer = JSONWriter()
        writer.value(try parse(text))
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(
        "What is JSON is read, whatever its spacing and escapes",
        arguments: [
            (#"{}"#, #"{}"#),
            (" \t\r\n{ \"a\" : [ ] , \"b\" : { } } \n", #"{"a":[],"b":{}}"#),
            (#"{"n":[0,-0,10,-1.5,1e5,1E+5,2.50e-7,123456789012345678901234567890]}"#, nil),
            (#"{"t":true,"f":false,"z":null}"#, nil),
            (
                #"{"s":"\u0041\u00e9\u65E5\uD834\uDD1E\/\b\f\n\r\t\"\\"}"#,
                #"{"s":"Aé日𝄞/\b\f\n\r\t\"\\"}"#
            ),
            (#"{"s":"\u0000\u001f\u007f"}"#, "{\"s\":\"\\u0000\\u001F\u{7F}\"}"),
            (#"{"é":"日本語","emoji":"😀"}"#, nil),
            (#"{"\u0061":1,"a":2}"#, #"{"a":2}"#),
        ] as [(String, String?)])
    func accepted(text: String, written: String?) throws {
        #expect(try rewritten(text) == written ?? text)
    }

    @Test(
        "What is not JSON is a SerializationException without a message",
        arguments: [
            "", " ", "{", "}", "{]", "[]", "[1]", "5", "null", "true", "\"a\"", "{}x", "{}{}",
            "{},",
            #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{,"a":1}"#, #"{"a":1 "b":2}"#, #"{"a":[1,]}"#,
            #"{"a":[,1]}"#, #"{"a":[1 2]}"#, #"{"a":[1}"#, #"{a:1}"#, #"{'a':1}"#, #"{1:1}"#,
            #"{"a":01}"#, #"{"a":-}"#, #"{"a":+1}"#, #"{"a":1.}"#, #"{"a":.5}"#, #"{"a":1e}"#,
            #"{"a":1e+}"#, #"{"a":NaN}"#, #"{"a":tru}"#, #"{"a":nulll}"#, #"{"a":True}"#,
            #"{"a":"b}"#, #"{"a":"\"}"#, #"{"a":"\x41"}"#, #"{"a":"\u12"}"#, #"{"a":"\u12G4"}"#,
            "{\"a\":\"x\ny\"}", "{\"a\":\"\u{0}\"}", #"{"a":"\uD800"}"#, #"{"a":"\uDC00"}"#,
            #"{"a":"\uD800A"}"#, #"{"a":"\uD800\u0041"}"#, #"{"a":"\uD800\uD800"}"#,
            "{\"a\"\u{A0}:1}", "{/* */}",
        ])
    func refused(text: String) throws {
        let error = try #require(throws: ServiceError.self) { try parse(text) }
        #expect(error.code == "SerializationException")
        #expect(error.message.isEmpty)
    }

    @Test(
        "Bytes that are no UTF-8 are refused, wherever in a word they stand",
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x80, 0x80], [0xE0, 0xA0],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x90, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF],
        ] as [[UInt8]])
    func badUTF8(sequence: [UInt8]) {
        for padding in 0..<10 {
            let spaces = [UInt8](repeating: 0x20, count: padding)
            let body = Array(#"{"a":""#.utf8) + spaces + sequence + spaces + Array(#""}"#.utf8)
            #expect(throws: ServiceError.self) { try parse(body) }
        }
    }

    @Test("The first and last scalars of every UTF-8 length are read")
    func goodUTF8() throws {
        for scalar in [
            "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFF}",
            "\u{10000}", "\u{10FFFF}",
        ] {
            #expect(try rewritten("{\"a\":\"\(scalar)\"}") == "{\"a\":\"\(scalar)\"}")
        }
    }

    @Test("A byte order mark is skipped")
    func byteOrderMark() throws {
        guard case .object(let members) = try parse("\u{FEFF}{}") else {
            Issue.record("no object")
            return
        }
        #expect(members.isEmpty)
    }

    @Test("Nesting is read to its bound and refused beyond, at once")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            #"{"a":"# + String(repeating: "[", count: depth - 1)
                + String(repeating: "]", count: depth - 1) + "}"
        }
        #expect(throws: Never.self) { try parse(nested(Limits.jsonDepthMax)) }
        #expect(throws: ServiceError.self) { try parse(nested(Limits.jsonDepthMax + 1)) }
        #expect(throws: ServiceError.self) { try parse(nested(200_000)) }
        let open = String(repeating: #"{"a":"#, count: 200_000)
        #expect(throws: ServiceError.self) { try parse(open) }
    }

    @Test("Of equal names the last wins, by bytes and not by canonical equivalence")
    func duplicateNames() throws {
        #expect(try rewritten(#"{"a":1,"b":2,"a":3}"#) == #"{"a":3,"b":2}"#)
        let composed = "\u{E9}"
        let decomposed = "e\u{301}"
        #expect(composed == decomposed)
        guard case .object(let two) = try parse("{\"\(composed)\":1,\"\(decomposed)\":2}") else {
            Issue.record("no object")
            return
        }
        #expect(two.count == 2)
        let many = (0..<50).map { "\"n\($0)\":1" } + (0..<50).map { "\"n\($0)\":2" }
        guard case .object(let fifty) = try parse("{\(many.joined(separator: ","))}") else {
            Issue.record("no object")
            return
        }
        #expect(fifty.count == 50)
        for (_, value) in fifty {
            guard case .number("2") = value else {
                Issue.record("not the last value")
                return
            }
        }
    }

    @Test(
        "Doubles are written as Java prints them",
        arguments: [
            (0.0, "0.0"), (0.5, "0.5"), (1.0, "1.0"), (-1.5, "-1.5"), (128.5, "128.5"),
            (1_763_712_345.678, "1.763712345678E9"), (1e7, "1.0E7"), (9_999_999.0, "9999999.0"),
            (1_234_567.0, "1234567.0"), (0.001, "0.001"), (0.012, "0.012"), (0.0001, "1.0E-4"),
            (1.25e-10, "1.25E-10"), (1e300, "1.0E300"), (Double.infinity, "0.0"),
        ] as [(Double, String)])
    func doubles(value: Double, text: String) {
        var writer = JSONWriter()
        writer.double(value)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
    }

    @Test(
        "Integers are written whole",
        arguments: [0, 1, -1, 9, 10, 99, 100, 1_234_567, Int.max, Int.min])
    func integers(value: Int) {
        var writer = JSONWriter()
        writer.integer(value)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == String(value))
    }

    @Test("Every byte that needs an escape gets it, at every place in a word")
    func escapesEverywhere() throws {
        let controls = (0..<0x20).map { Unicode.Scalar(UInt8($0)) }
        let others: [Unicode.Scalar] = ["\"", "\\", "\u{7F}", "é", "x"]
        for scalar in controls + others {
            for place in 0..<18 {
                var text = String(repeating: "a", count: place)
                text.unicodeScalars.append(scalar)
                text += "bcdefghijk"
                var writer = JSONWriter()
                writer.beginObject()
                writer.name(text)
                writer.string(text)
                writer.endObject()
                guard case .object(let members) = try parse(writer.bytes),
                    let (name, value) = members.first, case .string(let string) = value
                else {
                    Issue.record("unreadable \(writer.bytes)")
                    return
                }
                #expect(name == text)
                #expect(string == text)
            }
        }
    }
}
