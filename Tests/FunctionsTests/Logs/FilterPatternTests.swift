import Functions
import Operations
import TestSupport
import Testing

@Suite("Filter patterns of logs")
struct FilterPatternTests {
    @Test(
        "Terms, phrases, optional and excluded terms",
        arguments: [
            ("", "anything", true),
            ("   ", "", true),
            ("ERROR", "an ERROR came", true),
            ("ERROR", "an error came", false),
            ("ERROR 42", "42 times ERROR", true),
            ("ERROR 42", "ERROR 41", false),
            ("\"came again\"", "it came again", true),
            ("\"came again\"", "again it came", false),
            ("\"a \\\"b\\\"\"", "has a \"b\"", true),
            ("?WARN ?ERROR", "a WARN", true),
            ("?WARN ?ERROR", "an INFO", false),
            ("ERROR -debug", "ERROR in debug", false),
            ("ERROR -debug", "ERROR in test", true),
            ("-\"not this\"", "say not this", false),
            ("?WARN ERROR", "ERROR", true),
        ])
    func terms(pattern: String, message: String, isWanted: Bool) throws {
        #expect(try FilterPattern(pattern).matches(message) == isWanted)
    }

    @Test(
        "Conditions on JSON",
        arguments: [
            ("{ $.level = \"ERROR\" }", true),
            ("{ $.level = ERROR }", true),
            ("{ $.level != \"ERROR\" }", false),
            ("{ $.level = \"ERR*\" }", true),
            ("{ $.level = \"*ROR\" && $.ms >= 120.5 }", true),
            ("{$.ms>121||$.level=\"x\"}", false),
            ("{ ($.ms > 121 || $.level = \"E*R\") && $.deep.list[1].n = 2 }", true),
            ("{ $.deep.list[*].n = 1 }", true),
            ("{ $.deep.list[7].n = 1 }", false),
            ("{ $[\"a b\"] = 1e1 }", true),
            ("{ $.nothing NOT EXISTS }", true),
            ("{ $.level NOT EXISTS }", false),
            ("{ $.level EXISTS }", true),
            ("{ $.none IS NULL && $.yes is true }", true),
            ("{ $.yes IS FALSE }", false),
            ("{ $.absent = 1 }", false),
            ("{ $.level < 4 }", false),
        ])
    func json(pattern: String, isWanted: Bool) throws {
        let message = """
            {"level":"ERROR","ms":120.5,"deep":{"list":[{"n":1},{"n":2}]},"a b":10,
             "none":null,"yes":true}
            """
        #expect(try FilterPattern(pattern).matches(message) == isWanted)
        #expect(try !FilterPattern(pattern).matches("no JSON at all"))
    }

    @Test(
        "Words by their place",
        arguments: [
            ("[ip, user, status, bytes]", false),
            ("[ip, user, time, request, status, bytes]", true),
            ("[ip, user, time, request, status = 4*, bytes]", true),
            ("[ip, user, time, request, status = 5*, bytes]", false),
            ("[ip, ..., status, bytes > 1000]", true),
            ("[ip = 10.*, ...]", false),
            ("[..., status = 404 || status = 500, bytes]", true),
            ("[..., request = *html*, status, bytes <= 1534]", true),
        ])
    func words(pattern: String, isWanted: Bool) throws {
        let message = #"127.0.0.1 frank [10/Oct/2000:13:25:15 -0700] "GET /index.html" 404 1534"#
        #expect(try FilterPattern(pattern).matches(message) == isWanted)
    }

    @Test(
        "What is no pattern is refused",
        arguments: [
            "{", "{ }", "{ level = 1 }", "{ $.a }", "{ $.a = }", "{ $.a = 1", "{ $ = 1 }",
            "{ $.a = 1 } x", "{ $.a[ = 1 }", "{ $.a[-1] = 1 }", "{ $.a < \"x\" }", "\"open",
            "?", "-", "[", "[a", "[a,]", "[a b]", "[..., b, ...]", "[b = ]", "%regex%",
            "{ $.a IS SOMETHING }",
            "{ " + String(repeating: "(", count: 500) + "$.a = 1",
        ])
    func refused(pattern: String) {
        let error = #expect(throws: ServiceError.self) { try FilterPattern(pattern) }
        #expect(error?.code == "InvalidParameterException")
    }

    @Test("Any text is read or refused, and any message compared")
    func anything() {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "{", "}", "[", "]", "(", ")", "$", ".", "a", "\"", "=", "!=", "<", "&&", "||", "*",
            "...", ",", " ", "-", "?", "1", "IS", "NULL", "NOT", "EXISTS", "\\", "é", "%",
        ]
        var readCount = 0
        for _ in 0..<20_000 {
            var text = ""
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                text += pieces.randomElement(using: &generator) ?? ""
            }
            guard let pattern = try? FilterPattern(text) else { continue }
            readCount += 1
            _ = pattern.matches("{\"a\":[1,{\"a\":null}]}")
            _ = pattern.matches("a \"b c\" [1")
        }
        #expect(readCount > 100, "seed \(seed)")
    }
}
