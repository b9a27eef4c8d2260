import Testing
import Wire

@testable import Terminal

struct StatementCompletionTests {
    private let completion: StatementCompletion = {
        var completion = StatementCompletion()
        completion.tables = ["orders", "orders-old", "places"]
        completion.schemas = ["orders": Orders.schema]
        completion.seenAttributes = ["note", "na me"]
        return completion
    }()

    private func choices(_ before: String, _ after: String = "") -> [String] {
        completion.completion(before: before, after: after).choices
    }

    @Test(arguments: [
        ("sel", ["select "]),
        ("SEL", ["SELECT "]),
        ("", ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM "]),
        ("SELECT * FR", ["FROM "]),
        ("select * from pl", ["places"]),
        ("select * from ord", ["orders", "\"orders-old\""]),
        ("select * from \"orders-", ["\"orders-old\""]),
        ("insert into ", ["orders", "\"orders-old\"", "places"]),
        ("SELECT * FROM orders.", ["\"by-place\"", "\"by-status\"", "\"by-total\""]),
        ("SELECT * FROM \"orders\".\"by-s", ["\"by-status\""]),
        ("SELECT * FROM orders WHERE cus", ["customer"]),
        ("SELECT * FROM orders WHERE da", ["\"date\""]),
        ("SELECT * FROM orders WHERE no", ["note", "not "]),
        ("SELECT * FROM orders WHERE \"na", ["\"na me\""]),
        ("SELECT * FROM orders WHERE begi", ["begins_with "]),
        ("SELECT * FROM orders WHERE customer = 'cus", []),
        ("SELECT * FROM orders WHERE customer = 'it''s' AND cus", ["customer"]),
        ("SELECT * FROM orders; upd", ["update "]),
        ("\\d pl", ["places"]),
        ("\\", ["\\d", "\\n", "\\q", "\\t", "\\x", "\\?"]),
        ("SELECT * FROM nowhere.x", []),
    ])
    func wordsAtTheCursor(before: String, expected: [String]) {
        #expect(choices(before) == expected)
    }

    @Test func theTableMayStandAfterTheCursor() {
        #expect(choices("SELECT cus", " FROM orders") == ["customer"])
        #expect(choices("SELECT cus", " FROM places").isEmpty)
        #expect(StatementCompletion.table(in: "select a from \"x y\" where b") == "x y")
        #expect(StatementCompletion.table(in: "select a from ") == nil)
        #expect(StatementCompletion.table(in: "update orders") == "orders")
    }

    @Test func anyTextHasAnAnswer() {
        let text = "SELECT \"a\".b FROM orders.\"by-status\" WHERE x='é' AND \\d ;'"
        for end in text.indices { _ = choices(String(text[..<end]), String(text[end...])) }
    }

    private func buffer(_ text: String) -> LineBuffer {
        var buffer = LineBuffer()
        for character in text { _ = buffer.press(.character(character)) }
        return buffer
    }

    @Test func whatAllChoicesShareIsWritten() {
        var line = buffer("FROM or x")
        for _ in 0..<2 { _ = line.press(.left) }
        let both = ["orders", "orders_old"]
        #expect(line.complete(Completion(typed: "or", choices: both)).isEmpty)
        #expect(line.text == "FROM orders x" && line.before == "FROM orders")
        // Nothing more is shared: the choices are shown.
        #expect(line.complete(Completion(typed: "orders", choices: both)) == both)
        #expect(line.text == "FROM orders x")
        _ = line.complete(Completion(typed: "orders", choices: ["\"orders-x\""]))
        #expect(line.text == "FROM \"orders-x\" x")
        #expect(line.complete(Completion(typed: "", choices: [])).isEmpty)
    }
}
