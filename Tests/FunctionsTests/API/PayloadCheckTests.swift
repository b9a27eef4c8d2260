import Operations
import TestSupport
import Testing
import Wire

@testable import Functions

/// Payloads that are JSON, and what is told of those that aren't.
@Suite("Payloads")
struct PayloadCheckTests {
    private func fault(_ text: String) -> String? { PayloadCheck.fault(Array(text.utf8)) }

    @Test(
        "JSON of any kind passes",
        arguments: [
            "{}", "[]", "null", " true ", "0", "-1.5e+10", #""é\u00e9\n""#,
            #"{"a":[1,{"b":null}]}"#,
        ])
    func passes(_ text: String) { #expect(fault(text) == nil) }

    @Test("deep nesting passes up to a thousand levels")
    func depth() {
        func nested(_ count: Int) -> String {
            String(repeating: "[", count: count) + String(repeating: "]", count: count)
        }
        #expect(fault(nested(1_000)) == nil)
        #expect(fault(nested(1_001)) != nil)
        #expect(fault(nested(100_000)) != nil)
    }

    @Test("faults are told with their place")
    func faults() {
        #expect(
            fault("invalid")
                == "Unrecognized token 'invalid': was expecting (JSON String, Number, Array, "
                + "Object or token 'null', 'true' or 'false')\n at [Source: (byte[])\"invalid\"; "
                + "line: 1, column: 8]")
        #expect(
            fault("{\n'a'")
                == "Unexpected character (''' (code 39)): was expecting double-quote to start "
                + "field name\n at [Source: (byte[])\"{\n'a'\"; line: 2, column: 1]")
        #expect(fault("{\"a\"")?.hasPrefix("Unexpected end-of-input") == true)
        for text in ["", "{", "[1", "[1,]", "{\"a\":}", "1 2", "01", "1.", "\"\u{1}\"", "tru"] {
            #expect(fault(text) != nil, "\(text)")
        }
    }

    @Test("changed JSON is JSON just when the reader of bodies says so")
    func agreement() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        let whole = Array(#"{"a":[1,-2.5e3,"x\n\"y",true,null],"b":{"c":{}},"d":""}"#.utf8)
        let alphabet = Array("{}[],:\"\\0 -e.tn1".utf8)
        for _ in 0..<20_000 {
            var text = whole
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<text.count, using: &random)
                if Bool.random(using: &random) {
                    text[place] = alphabet.randomElement(using: &random) ?? 0
                } else {
                    text.remove(at: place)
                }
            }
            let isJSON = (try? JSONValue(parsing: text)) != nil
            #expect(
                (PayloadCheck.fault(text) == nil) == isJSON,
                "seed \(seed): \(String(decoding: text, as: UTF8.self))")
        }
    }
}
