import Testing
import Wire

@testable import Permissions

@Suite("What policies say")
struct PolicyEvaluationTests {
    @Test("a denial wins over whatever is allowed; nothing allowed is not allowed")
    func order() throws {
        let document = try policy(
            #"""
            {"Effect":"Allow","Action":"dynamodb:*","Resource":"*"},
            {"Effect":"Deny","Action":"dynamodb:Delete*","Resource":"*"}
            """#)
        #expect(decide(document, "dynamodb:PutItem", orders) == .allowed)
        #expect(decide(document, "dynamodb:DeleteItem", orders) == .denied(by: .identity))
        #expect(decide(document, "lambda:InvokeFunction", orders) == .notAllowed)
    }

    @Test("actions count in any case, resources do not")
    func cases() throws {
        let document = try policy(
            #"{"Effect":"Allow","Action":"DynamoDB:getitem","Resource":"\#(orders)"}"#)
        #expect(decide(document, "dynamodb:GetItem", orders) == .allowed)
        #expect(decide(document, "dynamodb:GetItem", orders.uppercased()) == .notAllowed)
    }

    @Test(
        "wildcards",
        arguments: [
            ("*", "", true), ("*", "anything", true), ("a*", "a", true), ("a*c", "abbbc", true),
            ("a*c", "abbbd", false), ("a?c", "abc", true), ("a?c", "ac", false), ("?", "é", true),
            ("*a*b*", "xxaxxbxx", true), ("*a*b*", "xxbxxaxx", false), ("", "", true),
            ("", "a", false),
            ("**", "a", true), ("a**b", "ab", true),
        ] as [(String, String, Bool)])
    func wildcards(_ pattern: String, _ text: String, _ matches: Bool) {
        #expect(
            PolicyPattern(pattern, hasVariables: false).matches(text, PolicyValues([:])) == matches)
    }

    @Test("NotAction and NotResource cover everything else")
    func negated() throws {
        let document = try policy(
            #"""
            {"Effect":"Allow","NotAction":"dynamodb:DeleteTable",
             "NotResource":["\#(orders)","\#(orders)/*"]}
            """#)
        let other = "arn:aws:dynamodb:us-east-1:000000000000:table/other"
        #expect(decide(document, "dynamodb:GetItem", other) == .allowed)
        #expect(decide(document, "dynamodb:GetItem", orders) == .notAllowed)
        #expect(decide(document, "dynamodb:GetItem", orders + "/index/x") == .notAllowed)
        #expect(decide(document, "dynamodb:DeleteTable", other) == .notAllowed)
    }

    @Test("variables stand for values, whose wildcards are characters")
    func variables() throws {
        let user = Principal(user: "ann", accountID: "000000000000")
        let document = try policy(
            #"{"Effect":"Allow","Action":"*","Resource":"arn:aws:dynamodb:*:*:table/${aws:username}-*"}"#
        )
        let table = "arn:aws:dynamodb:us-east-1:000000000000:table/"
        #expect(decide(document, "dynamodb:GetItem", table + "ann-1", by: user) == .allowed)
        #expect(decide(document, "dynamodb:GetItem", table + "bob-1", by: user) == .notAllowed)
        let star = Principal(user: "*", accountID: "000000000000")
        #expect(decide(document, "dynamodb:GetItem", table + "ann-1", by: star) == .notAllowed)
        // A role's session has no user name: the statement says nothing, be it Deny or Allow.
        #expect(decide(document, "dynamodb:GetItem", table + "ann-1") == .notAllowed)
        let fallback = try policy(
            #"{"Effect":"Allow","Action":"*","Resource":"arn:aws:dynamodb:*:*:table/${aws:username, 'all'}"}"#
        )
        #expect(decide(fallback, "dynamodb:GetItem", table + "all") == .allowed)
        let literal = try policy(
            #"{"Effect":"Allow","Action":"*","Resource":"arn:x:${*}${?}${$}"}"#)
        #expect(decide(literal, "a:b", "arn:x:*?$") == .allowed)
        #expect(decide(literal, "a:b", "arn:x:aa$") == .notAllowed)
    }

    @Test("version 2008-10-17 knows no variables")
    func oldVersion() throws {
        let document = try PolicyDocument(
            json(
                #"{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","#
                    + #""Resource":"arn:x:${aws:username}"}}"#))
        #expect(decide(document, "a:b", "arn:x:${aws:username}") == .allowed)
    }

    @Test(
        "conditions",
        arguments: [
            // Leading keys, as the service's documentation has them.
            (#"{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["u1"]}}"#, ["u1"], true),
            (
                #"{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["u1"]}}"#, ["u1", "u2"],
                false
            ),
            (#"{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["u1"]}}"#, [], true),
            (#"{"ForAnyValue:StringEquals":{"dynamodb:LeadingKeys":["u1"]}}"#, ["u1", "u2"], true),
            (#"{"ForAnyValue:StringEquals":{"dynamodb:LeadingKeys":["u1"]}}"#, [], false),
            (#"{"ForAllValues:StringNotEquals":{"dynamodb:LeadingKeys":["u1"]}}"#, ["u2"], true),
            (
                #"{"ForAllValues:StringNotEquals":{"dynamodb:LeadingKeys":["u1"]}}"#, ["u1", "u2"],
                false
            ),
            (
                #"{"ForAnyValue:StringNotEquals":{"dynamodb:LeadingKeys":["u1"]}}"#, ["u1", "u2"],
                true
            ),
            (#"{"StringEquals":{"dynamodb:leadingkeys":"u1"}}"#, ["u1"], true),
            (#"{"StringEquals":{"dynamodb:LeadingKeys":"u1"}}"#, [], false),
            (#"{"StringEqualsIfExists":{"dynamodb:LeadingKeys":"u1"}}"#, [], true),
            (#"{"StringEqualsIfExists":{"dynamodb:LeadingKeys":"u1"}}"#, ["u2"], false),
            (#"{"StringNotEquals":{"dynamodb:LeadingKeys":"u1"}}"#, [], true),
            (#"{"StringEqualsIgnoreCase":{"dynamodb:LeadingKeys":"U1"}}"#, ["u1"], true),
            (#"{"StringLike":{"dynamodb:LeadingKeys":"u*"}}"#, ["u1"], true),
            (#"{"StringEquals":{"dynamodb:LeadingKeys":"u*"}}"#, ["u1"], false),
            (#"{"StringNotLike":{"dynamodb:LeadingKeys":"u*"}}"#, ["v1"], true),
            (#"{"Null":{"dynamodb:LeadingKeys":"true"}}"#, [], true),
            (#"{"Null":{"dynamodb:LeadingKeys":"true"}}"#, ["u1"], false),
            (#"{"Null":{"dynamodb:LeadingKeys":false}}"#, ["u1"], true),
            (#"{"NumericLessThan":{"dynamodb:LeadingKeys":10}}"#, ["9.5"], true),
            (#"{"NumericLessThan":{"dynamodb:LeadingKeys":"10"}}"#, ["10"], false),
            (#"{"NumericGreaterThanEquals":{"dynamodb:LeadingKeys":"10"}}"#, ["10"], true),
            (#"{"NumericNotEquals":{"dynamodb:LeadingKeys":["1","2"]}}"#, ["2.0"], false),
            (#"{"NumericEquals":{"dynamodb:LeadingKeys":"1"}}"#, ["one"], false),
            (
                #"{"DateGreaterThan":{"dynamodb:LeadingKeys":"2026-01-01T00:00:00Z"}}"#,
                ["2026-06-01T00:00:00Z"], true
            ),
            (#"{"DateLessThan":{"dynamodb:LeadingKeys":"2026-01-01T00:00:00Z"}}"#, ["0"], true),
            (#"{"Bool":{"dynamodb:LeadingKeys":"TRUE"}}"#, ["true"], true),
            (#"{"Bool":{"dynamodb:LeadingKeys":true}}"#, ["false"], false),
            (#"{"IpAddress":{"dynamodb:LeadingKeys":"10.0.0.0/8"}}"#, ["10.1.2.3"], true),
            (#"{"IpAddress":{"dynamodb:LeadingKeys":["192.168.1.0/24"]}}"#, ["192.168.2.1"], false),
            (#"{"IpAddress":{"dynamodb:LeadingKeys":"2001:db8::/32"}}"#, ["2001:db8:1::7"], true),
            (#"{"NotIpAddress":{"dynamodb:LeadingKeys":"10.0.0.0/8"}}"#, ["11.0.0.1"], true),
            (
                #"{"ArnLike":{"dynamodb:LeadingKeys":"arn:aws:iam::*:role/a*"}}"#,
                ["arn:aws:iam::1:role/ab"], true
            ),
            // A wildcard of an ARN does not reach over a colon.
            (
                #"{"ArnEquals":{"dynamodb:LeadingKeys":"arn:aws:*:role/a"}}"#,
                ["arn:aws:iam::1:role/a"], false
            ),
            (
                #"{"ArnNotLike":{"dynamodb:LeadingKeys":"arn:aws:iam::*:role/a"}}"#,
                ["arn:aws:iam::1:role/b"], true
            ),
            (#"{"BinaryEquals":{"dynamodb:LeadingKeys":"QUI="}}"#, ["QUI="], true),
            // Every operator and every key must hold.
            (
                #"{"StringLike":{"dynamodb:LeadingKeys":"u*","dynamodb:Select":"COUNT"}}"#, ["u1"],
                false
            ),
        ] as [(String, [String], Bool)])
    func conditions(_ block: String, _ keys: [String], _ holds: Bool) throws {
        let document = try policy(
            #"{"Effect":"Allow","Action":"*","Resource":"*","Condition":\#(block)}"#)
        let values = keys.isEmpty ? [:] : ["dynamodb:LeadingKeys": keys]
        #expect(decide(document, "a:b", "*", values) == (holds ? .allowed : .notAllowed))
    }

    @Test(
        "principals of a table's policy",
        arguments: [
            (#""*""#, true), (#"{"AWS":"*"}"#, true),
            (#"{"AWS":"arn:aws:iam::000000000000:role/orders"}"#, true),
            (#"{"AWS":["arn:aws:sts::000000000000:assumed-role/orders/worker"]}"#, true),
            (#"{"AWS":"arn:aws:iam::000000000000:role/other"}"#, false),
            // The account by itself leaves it to the role's own policies.
            (#"{"AWS":"000000000000"}"#, false),
            (#"{"AWS":"arn:aws:iam::000000000000:root"}"#, false),
            (#"{"Service":"dynamodb.amazonaws.com"}"#, false),
        ] as [(String, Bool)])
    func principals(_ principal: String, _ isAllowed: Bool) throws {
        let request = AccessRequest(action: "dynamodb:GetItem", resource: orders)
        let document = try policy(
            #"{"Effect":"Allow","Principal":\#(principal),"Action":"*","Resource":"*"}"#,
            kind: .resource)
        let decision = PolicyEvaluation.decide(
            request, by: anyone, identity: [], resource: document)
        #expect(decision == (isAllowed ? .allowed : .notAllowed))
    }

    @Test("a table's policy denies a whole account")
    func accountDenied() throws {
        let document = try policy(
            #"{"Effect":"Deny","Principal":{"AWS":"000000000000"},"Action":"*","Resource":"*"}"#,
            kind: .resource)
        let all = try policy(#"{"Effect":"Allow","Action":"*","Resource":"*"}"#)
        let decision = PolicyEvaluation.decide(
            AccessRequest(action: "dynamodb:GetItem", resource: orders), by: anyone,
            identity: [all], resource: document)
        #expect(decision == .denied(by: .resource))
    }
}
