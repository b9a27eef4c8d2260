import Testing

@testable import Wire

/// The scripts' own language.
@Suite struct ScriptTests {
    private let text = """
        # Words.

        quietly
        PutItem {"a": 1,
          "b": 2}
        clock +1h
        ----
        200
        put

        GetItem {}
        ----

        """

    @Test func aScriptIsTextAndSteps() {
        let script = Script(text: text)
        let steps = script.parts.compactMap { part in
            if case .step(let step) = part { step } else { nil }
        }
        #expect(steps.map(\.line) == [3, 11])
        #expect(steps.map(\.output) == [["200", "put"], []])
        let commands = steps[0].commands.map { command in
            switch command {
            case .operation(let name, let body): "\(name)|\(body)"
            case .directive(let words): words.joined(separator: "+")
            }
        }
        #expect(commands == ["quietly", "PutItem|{\"a\": 1,\n  \"b\": 2}", "clock++1h"])
    }

    @Test func outputsAreReplaced() {
        let rewritten = Script(text: text).text(outputs: [["400"], ["404", "x"]])
        #expect(rewritten == text.replacing("200\nput", with: "400") + "404\nx\n")
    }

    @Test func aWrongOutputIsAFault() async throws {
        let script = Script(text: "table tab pk=S\n----\n200\n\nDescribeTable {}\n----\n200 {}\n")
        let session = try ScriptSession()
        defer { session.close() }
        var outputs: [[String]] = []
        for case .step(let step) in script.parts { outputs.append(try await session.run(step)) }
        #expect(outputs[0] == ["200"])
        #expect(outputs[1].first?.hasPrefix("400 ") == true)
    }

    @Test(arguments: [
        ("a«x*3»b", "axxxb"), ("«1...3: {#}»", "{1}, {2}, {3}"), ("«[*2»«]*2»", "[[]]"),
        ("«?»", "«?»"),
    ])
    func macros(_ body: String, _ expanded: String) {
        #expect(ScriptMacros.expand(body) == expanded)
    }

    @Test func longRunsAreShort() {
        #expect(ScriptMacros.shorten("ab" + String(repeating: "c", count: 30)) == "ab«c*30»")
        #expect(ScriptMacros.shorten(String(repeating: "c", count: 23)).count == 23)
    }

    @Test func answersAreWrittenAsTheyCame() {
        let body = #"{"B":1.0E+2,"A":{"S":"x\"\\"},"L":[],"N":null}"#
        #expect(
            AnswerText.lines(status: 200, body: Array(body.utf8))
                == [#"200 {"B": 1.0E+2, "A": {"S": "x\"\\"}, "L": [], "N": null}"#])
        #expect(AnswerText.lines(status: 200, body: []) == ["200 (no body)"])
        #expect(AnswerText.lines(status: 200, body: [0x7B]) == ["200 not JSON: {"])
    }
}
