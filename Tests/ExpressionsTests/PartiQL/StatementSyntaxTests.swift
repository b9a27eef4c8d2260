import Expressions
import Items
import Testing

@Suite("PartiQL: what is a statement, and what the service says of one that isn't")
struct StatementSyntaxTests {
    @Test(arguments: [
        "SELECT * FROM Music", "select * from \"Music\";", "SELECT*FROM Music",
        "SELECT Artist, \"Song-Title\" FROM \"Music\".\"by-date\" WHERE Artist = 'x'",
        "SELECT * FROM t -- a remark\nWHERE a = 1 /* and\n another */ AND b = 2",
        "SELECT a.b[0].\"c d\", e['f'] FROM t",
        "SELECT * FROM t WHERE (a = 1 OR (b = 2)) AND NOT (c = 3)",
        "SELECT * FROM t WHERE pk = 'a' ORDER BY sk DESC, pk",
        "INSERT INTO t VALUE {'a': 1}", "insert into \"t\" value {'a': ?}",
        "UPDATE t SET a = 1 SET b = 2 REMOVE c WHERE pk = 'a'",
        "UPDATE t SET a = 1, b = 2 REMOVE c, d WHERE pk = 'a' RETURNING MODIFIED NEW *",
        "DELETE FROM t WHERE pk = 'a' AND sk = 1 RETURNING ALL OLD *",
        "EXISTS(SELECT * FROM t WHERE pk = 'a' AND b IS MISSING)",
        "SELECT year, title, info.rating FROM Movies WHERE year = 2020",
    ])
    func parses(text: String) throws {
        let parameters: [AttributeValue] = text.contains("?") ? [.null] : []
        _ = try statement(text, parameters)
    }

    @Test(
        arguments: [
            ("", "Unexpected term"), ("?", "Unexpected term"),
            ("foo", "Unexpected token after expression"), ("WHERE", "Unexpected keyword"),
            ("SELECT FROM t", "Cannot have empty SELECT list"),
            (
                "SELECT *, a FROM t",
                "Other expressions may not be present in the select list when '*' is used without dot "
                    + "notation"
            ),
            ("SELECT *", "Expected FROM after SELECT list"),
            ("SELECT a", "Expected FROM after SELECT list"),
            ("SELECT date FROM t", "Unexpected keyword"),
            ("SELECT a.date FROM t", "Invalid path dot expression"),
            ("SELECT * FROM user", "Unexpected keyword"),
            ("SELECT * FROM 'Music'", "Unexpected from source"),
            ("SELECT * FROM my-table", "Unexpected from source"),
            ("SELECT * FROM a, b", "Unexpected from source"),
            ("SELECT * FROM t.", "Invalid path dot expression"),
            ("SELECT * FROM t WHERE", "Unexpected term"),
            ("SELECT * FROM t WHERE user = 'x'", "Unexpected keyword"),
            ("SELECT * FROM t WHERE a = ", "Unexpected term"),
            ("SELECT * FROM t WHERE a BETWEEN 1", "Expected AND keyword"),
            ("SELECT * FROM t WHERE (a = 1", "Expected RIGHT_PAREN"),
            ("SELECT * FROM t WHERE a IN [1, 2", "Expected RIGHT_BRACKET"),
            ("SELECT * FROM t WHERE a IS ", "Expected type name"),
            ("SELECT * FROM t WHERE a = 1 b", "Unexpected token after expression"),
            ("SELECT * FROM t WHERE a = 1 ORDER a", "Expected BY keyword"),
            ("SELECT * FROM t; SELECT * FROM t", "Unexpected token after expression"),
            ("INSERT t VALUE {}", "Expected INTO keyword"),
            ("INSERT INTO 'Music' VALUE {'a': 1}", "Expected identifier for simple path"),
            ("INSERT INTO t VALUE {a: 1}", "Expected a string for a field name"),
            ("INSERT INTO t VALUE {'a' 1}", "Expected COLON"),
            ("INSERT INTO t VALUE {'a': 1, 'a': 2}", "Duplicate field name: a"),
            ("UPDATE t WHERE a = 1", "Expected data manipulation"),
            ("UPDATE t SET date = 1 WHERE a = 1", "Expected identifier for simple path"),
            ("UPDATE table SET a = 1", "Expected identifier for simple path"),
            ("UPDATE t REMOVE a.size WHERE a = 1", "Invalid path dot expression"),
            ("UPDATE t SET a 1 WHERE a = 1", "Expected '=' in SET"),
            ("DELETE t WHERE a = 1", "Expected FROM keyword"),
            (
                "UPDATE t SET a = 1 WHERE b = 2 RETURNING OLD *",
                "Expected ALL or MODIFIED in RETURNING clause"
            ),
            (
                "UPDATE t SET a = 1 WHERE b = 2 RETURNING ALL *",
                "Expected OLD or NEW in RETURNING clause"
            ),
            (
                "UPDATE t SET a = 1 WHERE b = 2 RETURNING ALL OLD a",
                "Expected * in RETURNING clause"
            ),
            ("SELECT * FROM t WHERE a = 'x", "Unexpected end of quoted text at 1:27"),
            ("SELECT * FROM t /* x", "Unexpected end of comment"),
            ("SELECT * FROM t WHERE a = 1x", "Invalid literal at 1:27"),
            ("SELECT * FROM t\nWHERE é = 1", "Invalid character at 2:7"),
        ] as [(String, String)])
    func isMalformed(text: String, reason: String) {
        #expect(
            message { () throws(ExpressionError) in _ = try statement(text) }
                == "Statement wasn't well formed, can't be processed: \(reason)")
    }

    @Test(
        arguments: [
            ("SELECT * FROM t LIMIT 5", "Unsupported clause: LIMIT at 1:17:5"),
            ("SELECT * FROM t GROUP BY a", "Unsupported clause: GROUP at 1:17:5"),
            ("SELECT * FROM t AS x", "Unsupported clause: AS at 1:17:2"),
            ("SELECT a AS b FROM t", "Unsupported clause: AS at 1:10:2"),
            ("SELECT COUNT(*) FROM t", "Unexpected path component at 1:8:5"),
            ("SELECT DISTINCT a FROM t", "Unsupported token in expression: DISTINCT at 1:8:8"),
            ("SELECT * FROM t.i.x", "Unexpected path component at 1:19:1"),
            ("SELECT * FROM t WHERE a LIKE 'x'", "Unsupported operator: LIKE at 1:25:4"),
            ("SELECT * FROM t WHERE a || 'x' = 'y'", "Unsupported operator: || at 1:25:2"),
            ("SELECT * FROM t WHERE upper(a) = 'X'", "Unsupported function: upper at 1:23:5"),
            (
                "SELECT * FROM t WHERE a IS STRING",
                "Unsupported token in expression: STRING at 1:28:6"
            ),
            (
                "SELECT * FROM t WHERE EXISTS(SELECT * FROM t)",
                "Unsupported token in expression: EXISTS at 1:23:6"
            ),
            (
                "SELECT * FROM t ORDER BY a",
                "Must have WHERE clause in the statement when using ORDER BY clause."
            ),
            (
                "INSERT INTO t VALUES ({'a': 1})",
                "Unsupported operation: Inserting multiple items in a single statement is not supported, "
                    + "use \"INSERT INTO tableName VALUE item\" instead"
            ),
            (
                "INSERT INTO t <<{'a': 1}, {'a': 2}>>",
                "Unsupported operation: Inserting multiple items in a single statement is not supported, "
                    + "use \"INSERT INTO tableName VALUE item\" instead"
            ),
            (
                "INSERT INTO t VALUE {'a': 1} ON CONFLICT DO NOTHING",
                "Unsupported clause: ON CONFLICT at 1:30:2"
            ),
            (
                "SELECT * FROM t WHERE a = ?",
                "Number of parameters in request and statement don't match."
            ),
            (
                "INSERT INTO t VALUE {'a': 123456789012345678901234567890123456789}",
                "Attempting to store more than 38 significant digits in a Number"
            ),
            (
                "INSERT INTO t VALUE {'a': <<1, 'x'>>}",
                "One or more parameter values were invalid: A set may only hold values of one type"
            ),
            (
                "INSERT INTO t VALUE {'a': <<1, 1.0>>}",
                "One or more parameter values were invalid: Input collection contains duplicates"
            ),
            (
                "INSERT INTO t VALUE {'a': <<>>}",
                "One or more parameter values were invalid: An string set  may not be empty"
            ),
            (
                "UPDATE t SET a = 1, a.b = 2 WHERE pk = 'k'",
                "Two document paths overlap with each other; must remove or rewrite one of these paths; "
                    + "path one: [a], path two: [a, b]"
            ),
            (
                "UPDATE t SET a = b = 2 WHERE pk = 'k'",
                "Statement wasn't well formed, can't be "
                    + "processed: Unexpected token after expression"
            ),
        ] as [(String, String)])
    func isRefused(text: String, expected: String) {
        #expect(
            message { () throws(ExpressionError) in _ = try statement(text) } == expected)
    }

    @Test func parametersAreCountedWhenTheStatementIsWellFormed() {
        let many = message { () throws(ExpressionError) in
            _ = try statement("SELECT * FROM t", [number(1)])
        }
        #expect(many == "Number of parameters in request and statement don't match.")
        let broken = message { () throws(ExpressionError) in
            _ = try statement("SELECT FROM t", [number(1)])
        }
        #expect(broken?.hasSuffix("Cannot have empty SELECT list") == true)
    }

    @Test(arguments: ["(", "[", "{'a':", "<<", "NOT ", "size(", "(NOT ", "- ", "a."])
    func depthIsBounded(opening: String) {
        for start in ["SELECT * FROM t WHERE a = ", "SELECT * FROM t WHERE ", "UPDATE t SET a = "] {
            let text = start + String(repeating: opening, count: 4_000)
            #expect(message { () throws(ExpressionError) in _ = try statement(text) } != nil)
        }
    }

    @Test(arguments: [" + 1", " AND a = 1", " OR a = 1"])
    func longChainsAreNoDeepOnes(link: String) throws {
        let text =
            link.hasPrefix(" +") ? "UPDATE t SET a = 1" : "SELECT * FROM t WHERE a = 1"
        let chain = text + String(repeating: link, count: 600)
        do throws(ExpressionError) {
            let parsed = try statement(chain)
            guard case .select(let select) = parsed else { return }
            _ = try select.filter?.condition().evaluate(["a": number(1)])
        } catch {
            #expect(!error.message.isEmpty)
        }
    }
}
