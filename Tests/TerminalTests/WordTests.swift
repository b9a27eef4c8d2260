import TestSupport
import Testing
import Wire

@testable import Terminal

/// The table that words are read against: orders by customer and date.
enum Orders {
    static let schema: TableSchema = {
        let text = """
            {"TableName":"orders","ItemCount":1000,"TableSizeBytes":204800,
             "AttributeDefinitions":[{"AttributeName":"customer","AttributeType":"S"},
              {"AttributeName":"date","AttributeType":"S"},
              {"AttributeName":"status","AttributeType":"S"},
              {"AttributeName":"total","AttributeType":"N"},
              {"AttributeName":"code","AttributeType":"B"}],
             "KeySchema":[{"AttributeName":"customer","KeyType":"HASH"},
              {"AttributeName":"date","KeyType":"RANGE"}],
             "BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"},
             "LocalSecondaryIndexes":[{"IndexName":"by-total","KeySchema":[
              {"AttributeName":"customer","KeyType":"HASH"},
              {"AttributeName":"total","KeyType":"RANGE"}],
              "Projection":{"ProjectionType":"ALL"}}],
             "GlobalSecondaryIndexes":[{"IndexName":"by-status","KeySchema":[
              {"AttributeName":"status","KeyType":"HASH"},
              {"AttributeName":"date","KeyType":"RANGE"}],
              "Projection":{"ProjectionType":"KEYS_ONLY"}},
              {"IndexName":"by-place","KeySchema":[
              {"AttributeName":"status","KeyType":"HASH"},
              {"AttributeName":"code","KeyType":"HASH"},
              {"AttributeName":"date","KeyType":"RANGE"},
              {"AttributeName":"total","KeyType":"RANGE"}],
              "Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["note"]}}]}
            """
        guard let json = try? JSONValue(parsing: Array(text.utf8)),
            let schema = TableSchema(description: json)
        else { preconditionFailure("the description is no table's") }
        return schema
    }()

    /// What a condition is compiled to, its placeholders put back in.
    static func compiled(_ condition: WrittenCondition) throws(ValueFault) -> String {
        var writer = ExpressionWriter(schema: schema)
        return resolved(try writer.text(condition), writer)
    }

    static func resolved(_ text: String, _ writer: ExpressionWriter) -> String {
        var text = text
        for (placeholder, value) in (writer.names + writer.values).reversed() {
            let told = value.string ?? String(decoding: value.encoded, as: UTF8.self)
            text = text.split(separator: placeholder, omittingEmptySubsequences: false)
                .joined(separator: told)
        }
        return text
    }
}

struct PlainWordTests {
    @Test(arguments: [
        ("customer=42", #"customer = {"S":"42"}"#),
        ("customer=007", #"customer = {"S":"007"}"#),
        (#"customer="a b""#, #"customer = {"S":"a b"}"#),
        ("customer=true", #"customer = {"S":"true"}"#),
        ("total=10", #"total = {"N":"10"}"#),
        ("total=\"10\"", #"total = {"N":"10"}"#),
        ("code=aGk=", #"code = {"B":"aGk="}"#),
        ("date>=2026-01", #"date >= {"S":"2026-01"}"#),
        ("n=10", #"n = {"N":"10"}"#),
        ("n = 10", #"n = {"N":"10"}"#),
        ("n!=10", #"n <> {"N":"10"}"#),
        ("n==10", #"n = {"N":"10"}"#),
        ("name=John Smith", #"name = {"S":"John Smith"}"#),
        ("name='John'", #"name = {"S":"John"}"#),
        ("note=", #"note = {"S":""}"#),
        ("ok=null", #"ok = {"NULL":true}"#),
        ("a.b[0]=[1]", #"a.b[0] = {"L":[{"N":"1"}]}"#),
        ("`a.b`=1", #"a.b = {"N":"1"}"#),
        ("total between 1 and 5", #"total BETWEEN {"N":"1"} AND {"N":"5"}"#),
        (
            "date between 2026-01 and 2026-03",
            #"date BETWEEN {"S":"2026-01"} AND {"S":"2026-03"}"#
        ),
        ("status in (open, paid)", #"status IN ({"S":"open"}, {"S":"paid"})"#),
        (#"begins_with(date, "2026")"#, #"begins_with(date, {"S":"2026"})"#),
        ("begins_with(customer, 4)", #"begins_with(customer, {"S":"4"})"#),
        ("attribute_exists(note)", "attribute_exists(note)"),
        (
            #"a=1 and (b="x" or not c<2)"#,
            #"a = {"N":"1"} AND ((b = {"S":"x"}) OR (NOT (c < {"N":"2"})))"#
        ),
        ("size(tags)>2", #"size(tags) > {"N":"2"}"#),
    ])
    func wordsAreConditions(word: String, expression: String) throws {
        #expect(try Orders.compiled(PlainWord.condition(word)) == expression)
    }

    @Test(arguments: [
        "total=many", "customer=[1]", "code=???", "n=1e999",
    ])
    func valuesOfTheWrongTypeAreRefused(word: String) throws {
        let condition = try PlainWord.condition(word)
        #expect(throws: ValueFault.self) { try Orders.compiled(condition) }
    }

    @Test(arguments: ["", "customer", "=1", "between 1 and 2", "f(x)", "(a=1", "\"a"])
    func whatIsNoConditionIsRefused(word: String) {
        #expect(throws: ValueFault.self) { try PlainWord.condition(word) }
    }
}

struct AssignmentTests {
    @Test(arguments: [
        ("a=1", "a", "1"), ("a = b=c", "a", "b=c"), ("`a.b`=1", "a.b", "1"),
        ("`x``y`=2", "x`y", "2"), ("päron=", "päron", ""), ("gsi#pk=1", "gsi#pk", "1"),
        ("and=1", "and", "1"), ("1st=1", "1st", "1"),
    ])
    func namesOfAttributes(word: String, name: String, value: String) throws {
        #expect(try PlainWord.attribute(word) == (name, value))
    }

    @Test(arguments: ["a.b=1", "a[0]=1", "a>1", "a", "=1"])
    func whatIsNoAttributeIsRefused(word: String) {
        #expect(throws: ValueFault.self) { try PlainWord.attribute(word) }
    }
}

struct WordParserTests {
    @Test(arguments: [
        (
            #"total > 100 and contains(tags, "x") and not (a.b[0] = null)"#,
            #"total > {"N":"100"} AND contains(tags, {"S":"x"}) AND NOT (a.b[0] = {"NULL":true})"#
        ),
        ("a = 'it''s'", #"a = {"S":"it's"}"#),
        (#"a = "\u00e9\"""#, #"a = {"S":"é\""}"#),
        ("a = -1.5e3", #"a = {"N":"-1.5e3"}"#),
        ("a in (1, 2)", #"a IN ({"N":"1"}, {"N":"2"})"#),
        (#"a = {"SS":["x"]}"#, #"a = {"SS":["x"]}"#),
        (
            "a=1 or b=2 and c=3",
            #"(a = {"N":"1"}) OR (b = {"N":"2"} AND c = {"N":"3"})"#
        ),
        ("attribute_type(a, \"S\")", #"attribute_type(a, {"S":"S"})"#),
        ("NOT NOT a = true", #"a = {"BOOL":true}"#),
        ("#s = :v", "#s = :v"),
        ("by-status = status", "by-status = status"),
        ("1 < a", #"{"N":"1"} < a"#),
    ])
    func conditions(text: String, expression: String) throws {
        #expect(try Orders.compiled(WordParser.condition(text)) == expression)
    }

    @Test(arguments: [
        ("total > 2026-01", "'2026-01' is no number: put it in quotes to make it a string"),
        ("total >", "a name or value is missing after '>'"),
        ("total", "expected =, <>, <, <=, >, >=, between or in after 'total'"),
        ("(a = 1", "expected ')' after '1'"),
        ("a = 1 b", "'b' is not expected after '1'"),
        ("contains(a)", "contains takes 2 operands"),
        ("a = \"x", "a quote \" is opened and not closed"),
        ("a = 1 & b = 2", "'&' has no place in a condition: put strings in quotes"),
    ])
    func faultsSayWhere(text: String, message: String) {
        #expect(throws: ValueFault(message)) { try WordParser.condition(text) }
    }

    @Test func depthIsBounded() {
        let deep = String(repeating: "(", count: 100_000) + "a=1"
        #expect(throws: ValueFault.self) { try WordParser.condition(deep) }
        let nots = String(repeating: "not ", count: 100_000) + "a=1"
        #expect(throws: Never.self) { try WordParser.condition(nots) }
    }

    @Test func anythingIsSurvived() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("word fuzz seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "a", "=", "<", ">", "(", ")", "[", "]", "{", "}", "\"", "'", "`", "and ", "or ", "not ",
            "between ", "in ", "1", "-", "+", ".", ",", "#", ":", "\\", "size(", "é", "null", " ",
        ]
        for _ in 0..<5_000 {
            let count = Int.random(in: 0...12, using: &random)
            let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            _ = try? WordParser.condition(text)
            _ = try? PlainWord.condition(text)
            _ = try? WordParser.paths(text)
            var writer = ExpressionWriter(schema: Orders.schema)
            _ = try? UpdateWords(set: [text], add: [text], remove: [text], delete: [text])
                .expression(&writer)
        }
    }

    @Test func placeholdersThatAreTakenAreLeft() throws {
        var writer = ExpressionWriter(
            schema: Orders.schema, names: [("#n0", .string("x"))],
            values: [(":v0", .object([("N", .string("1"))]))])
        #expect(
            try writer.text(WordParser.condition("a = 1 and a > b")) == "#n1 = :v1 AND #n1 > #n2")
    }
}

struct UpdateWordTests {
    private func compiled(_ words: UpdateWords) throws -> String {
        var writer = ExpressionWriter(schema: Orders.schema)
        return Orders.resolved(try words.expression(&writer), writer)
    }

    @Test(arguments: [
        ("total=10", #"SET total = {"N":"10"}"#),
        ("status=7", #"SET status = {"S":"7"}"#),
        ("total = total + 1", #"SET total = total + {"N":"1"}"#),
        ("n=if_not_exists(n, 0) + 1", #"SET n = if_not_exists(n, {"N":"0"}) + {"N":"1"}"#),
        ("l=list_append(l, [1])", #"SET l = list_append(l, {"L":[{"N":"1"}]})"#),
        ("date=2026-01-02", #"SET date = {"S":"2026-01-02"}"#),
        ("title=Fish - and chips", #"SET title = {"S":"Fish - and chips"}"#),
        ("a.b=x=y", #"SET a.b = {"S":"x=y"}"#),
    ])
    func assignments(word: String, expression: String) throws {
        let words = UpdateWords(set: [word], add: [], remove: [], delete: [])
        #expect(try compiled(words) == expression)
    }

    @Test func clausesStandTogether() throws {
        let words = UpdateWords(
            set: ["a=1", "b=c d"], add: ["n=2"], remove: ["x,y[0]", "z"], delete: ["tags=t"])
        #expect(
            try compiled(words)
                == #"SET a = {"N":"1"}, b = {"S":"c d"} REMOVE x, y[0], z "#
                + #"ADD n {"N":"2"} DELETE tags {"SS":["t"]}"#)
    }

    @Test(arguments: ["a", "a>1", "if_not_exists(a", "n=if_not_exists(a)"])
    func whatIsNoAssignmentIsRefused(word: String) {
        let words = UpdateWords(set: [word], add: [], remove: [], delete: [])
        #expect(throws: ValueFault.self) { try compiled(words) }
    }
}
