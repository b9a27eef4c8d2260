import Testing
import Wire

@testable import Terminal

struct ItemPrinterTests {
    private func printed(
        _ format: OutputFormat, _ items: [String], columns: [String]? = nil,
        hidden: Set<String> = []
    ) throws -> String {
        var text = ""
        var printer = ItemPrinter(
            .init(format: format, columns: columns, keyNames: ["id"], hidden: hidden)
        ) {
            text += $0
            return true
        }
        let parsed = try items.map { item in
            try PlainJSON.item(try JSONValue(parsing: Array(item.utf8)))
        }
        let goesOn = printer.add(parsed)
        #expect(goesOn)
        printer.finish()
        return text
    }

    private let items = [
        #"{"z":[1],"id":"a","n":10}"#, #"{"id":"b,\"c\"","n":2.5,"t":{"SS":["x","y"]}}"#,
    ]

    @Test func lines() throws {
        #expect(
            try printed(.jsonl, items) == """
                {"id":"a","n":10,"z":[1]}
                {"id":"b,\\"c\\"","n":2.5,"t":{"SS":["x","y"]}}

                """)
        #expect(try printed(.jsonl, []) == "")
    }

    @Test func arrays() throws {
        #expect(try printed(.json, [#"{"id":1}"#]) == "[\n  {\"id\":1}\n]\n")
        #expect(try printed(.json, []) == "[]\n")
        #expect(
            try printed(.dynamodb, [#"{"id":1}"#, #"{"id":2}"#])
                == "[\n  {\"id\":{\"N\":\"1\"}},\n  {\"id\":{\"N\":\"2\"}}\n]\n")
    }

    @Test func commaSeparated() throws {
        #expect(
            try printed(.csv, items) == #"""
                id,n,t,z
                a,10,,[1]
                "b,""c""",2.5,"{""SS"":[""x"",""y""]}",

                """#)
        #expect(try printed(.csv, items, columns: ["n"], hidden: ["id"]) == "n\n10\n2.5\n")
    }

    @Test func tables() throws {
        #expect(
            try printed(.table, items) == #"""
                id       n  t       z
                a       10          [1]
                b,"c"  2.5  {x, y}

                """#)
        #expect(try printed(.table, []) == "")
    }

    @Test func rowsThatAreTooWideAreCards() throws {
        var lines = ""
        var printer = ItemPrinter(.init(format: .table, keyNames: ["id"], width: 20)) {
            lines += $0
            return true
        }
        for id in ["1", "2"] {
            let item = ["b", "c", "id"].map {
                ($0, JSONValue.object([("S", .string($0 + id + "23456"))]))
            }
            _ = printer.add([item])
        }
        printer.finish()
        #expect(
            lines
                == "id  id123456\nb   b123456\nc   c123456\n\nid  id223456\nb   b223456\nc   c223456\n"
        )
    }

    @Test func longTablesComeInBatches() throws {
        let text = try printed(.table, (0..<501).map { #"{"id":\#($0)}"# })
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 1 + 500 + 1 + 1 + 1 + 1)
        #expect(lines[501] == "" && lines[502] == " id" && lines[503] == "500")
    }

    @Test func whoeverStopsReadingGetsNoMore() throws {
        var count = 0
        var printer = ItemPrinter(.init(format: .jsonl)) { _ in
            count += 1
            return false
        }
        let goesOn = printer.add([[], []])
        #expect(!goesOn)
        #expect(count == 1)
    }
}

struct CreateTableWordTests {
    @Test func allWords() throws {
        var words = CreateTableWords(table: "t", key: "a:S", sort: "b:N")
        words.globalIndexes = ["g=c:S+d:B,b+e:KEYS_ONLY", "h=c:INCLUDE=x+y"]
        words.localIndexes = ["l=n:N"]
        words.provisioned = "5,6"
        words.stream = "new_image"
        words.tags = ["k=v"]
        let parameters = try words.parameters()
        let types = (parameters["AttributeDefinitions"]?.elements ?? []).map {
            ($0["AttributeName"]?.string ?? "") + ":" + ($0["AttributeType"]?.string ?? "")
        }
        #expect(types == ["a:S", "b:N", "n:N", "c:S", "d:B", "e:S"])
        let indexes = parameters["GlobalSecondaryIndexes"]?.elements ?? []
        let keys = (indexes.first?["KeySchema"]?.elements ?? []).map {
            ($0["AttributeName"]?.string ?? "") + " " + ($0["KeyType"]?.string ?? "")
        }
        #expect(keys == ["c HASH", "d HASH", "b RANGE", "e RANGE"])
        #expect(indexes.first?["Projection"]?["ProjectionType"]?.string == "KEYS_ONLY")
        #expect(
            indexes.last?["Projection"]?["NonKeyAttributes"]
                == .array([.string("x"), .string("y")]))
        #expect(parameters["ProvisionedThroughput"]?["WriteCapacityUnits"]?.integer == 6)
        #expect(parameters["StreamSpecification"]?["StreamViewType"]?.string == "NEW_IMAGE")
    }

    @Test(arguments: [
        ("a:X", nil, nil), ("a:S+b:S", nil, nil), ("a:S", "a:N", nil), ("a:S", nil, "5"),
        ("", nil, nil), ("a:S", "b:S+c:S", nil), ("a:S:B", nil, nil),
    ])
    func whatIsNoKeyIsRefused(key: String, sort: String?, provisioned: String?) {
        var words = CreateTableWords(table: "t", key: key, sort: sort)
        words.provisioned = provisioned
        #expect(throws: ValueFault.self) { try words.parameters() }
    }
}

struct LineBufferTests {
    private func typed(_ keys: [LineBuffer.Key], history: [String] = []) -> LineBuffer {
        var buffer = LineBuffer(history: history)
        for key in keys { _ = buffer.press(key) }
        return buffer
    }

    private func text(_ text: String) -> [LineBuffer.Key] { text.map { .character($0) } }

    @Test func editing() {
        #expect(
            typed(text("abd") + [.left, .character("c"), .end, .character("!")]).text == "abcd!")
        #expect(typed(text("one two") + [.eraseWord, .character("x")]).text == "one x")
        #expect(typed(text("abc") + [.home, .deleteForward, .right, .backspace]).text == "c")
        #expect(typed(text("abc") + [.left, .eraseToStart]).text == "c")
        #expect(typed(text("abc") + [.home, .right, .eraseToEnd]).text == "a")
        #expect(typed(text("a bc") + [.wordLeft, .wordLeft, .wordRight]).cursor == 1)
        #expect(typed([.backspace, .left, .deleteForward, .eraseWord]).text == "")
    }

    @Test func historyKeepsWhatIsTyped() {
        let history = ["first", "second"]
        #expect(typed(text("new") + [.up], history: history).text == "second")
        #expect(typed(text("new") + [.up, .up, .up], history: history).text == "first")
        #expect(typed(text("new") + [.up, .down, .down], history: history).text == "new")
    }

    @Test func ends() {
        var buffer = typed(text("x"))
        #expect(buffer.press(.enter) == .done("x"))
        #expect(buffer.press(.endOfInput) == .editing)
        #expect(buffer.press(.cancel) == .cancelled)
        var empty = LineBuffer()
        #expect(empty.press(.endOfInput) == .ended)
    }
}
