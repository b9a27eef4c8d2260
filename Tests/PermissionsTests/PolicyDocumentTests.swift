import Testing
import Wire

@testable import Permissions

@Suite("Policy documents")
struct PolicyDocumentTests {
    @Test(
        "what is no policy is refused in IAM's words",
        arguments: [
            ("[]", "Syntax errors in policy."),
            (#"{"Version":"2012-10-17"}"#, "Syntax errors in policy."),
            (#"{"Version":"2013-01-01","Statement":[]}"#, "Syntax errors in policy."),
            (#"{"Statement":[],"Extra":1}"#, "Syntax errors in policy."),
            (
                #"{"Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}"#,
                "statement 1: Syntax errors in policy."
            ),
            (
                #"{"Statement":[{"Effect":"Allow","Resource":"*"}]}"#,
                "statement 1: Policy statement must contain actions."
            ),
            (
                #"{"Statement":[{"Effect":"Allow","Action":[],"Resource":"*"}]}"#,
                "statement 1: Policy statement must contain actions."
            ),
            (
                #"{"Statement":[{"Sid":"A","Effect":"Allow","Action":"*"}]}"#,
                "statement 1 (A): Policy statement must contain resources."
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"GetItem","Resource":"*"}}"#,
                "statement 1: Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"a:b:c","Resource":"*"}}"#,
                "statement 1: Actions/Condition can contain only one colon."
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"a b:c","Resource":"*"}}"#,
                "statement 1: Vendor a b is not valid"
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"orders"}}"#,
                #"statement 1: Resource orders must be in ARN format or "*"."#
            ),
            (
                #"{"Statement":{"Sid":"a b","Effect":"Allow","Action":"*","Resource":"*"}}"#,
                "statement 1 (a b): Statement IDs (SID) must be alpha-numeric. Check that your input "
                    + "satisfies the regular expression [0-9A-Za-z]*"
            ),
            (
                #"{"Statement":[{"Sid":"A","Effect":"Allow","Action":"*","Resource":"*"},"#
                    + #"{"Sid":"A","Effect":"Allow","Action":"*","Resource":"*"}]}"#,
                "statement 2 (A): Statement IDs (SID) in a single policy must be unique."
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","#
                    + #""Condition":{"StringSame":{"aws:username":"a"}}}}"#,
                "statement 1: Invalid Condition type : StringSame."
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","#
                    + #""Condition":{"NumericEquals":{"aws:x":"many"}}}}"#,
                "statement 1: Syntax errors in policy."
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","#
                    + #""Condition":{"IpAddress":{"aws:SourceIp":"1.2.3.4/33"}}}}"#,
                "statement 1: Syntax errors in policy."
            ),
            (
                #"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#,
                "statement 1: Policy document should not specify a principal."
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}}"#,
                "statement 1: Syntax errors in policy."
            ),
        ] as [(String, String)])
    func refused(_ text: String, _ message: String) throws {
        let value = try json(text)
        let fault = #expect(throws: PolicyFault.self) { try PolicyDocument(value) }
        #expect(fault?.description == message)
    }

    @Test("one statement, lists and single texts say the same")
    func forms() throws {
        let one = try PolicyDocument(
            json(#"{"Statement":{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"*"}}"#))
        let lists = try PolicyDocument(
            json(
                #"{"Statement":[{"Effect":"Allow","Action":["dynamodb:GetItem"],"#
                    + #""Resource":["*"]}]}"#))
        #expect(one == lists)
        #expect(decide(one, "dynamodb:GetItem", orders) == .allowed)
        #expect(decide(one, "dynamodb:PutItem", orders) == .notAllowed)
    }

    @Test("no text makes the reader crash")
    func anything() throws {
        var random = SeededRandom(seed: 11)
        let alphabet = Array(#"{}[]:,"$*?SidEffectAllowActionResourceConditionStatement "#)
        for _ in 0..<3_000 {
            let text = String(
                (0..<random.below(60)).map { _ in alphabet[random.below(alphabet.count)] })
            guard let value = try? json(text) else { continue }
            _ = try? PolicyDocument(value)
            let statement = JSONValue.object([
                ("Version", .string("2012-10-17")), ("Statement", value),
            ])
            _ = try? PolicyDocument(statement)
        }
    }
}
