import Testing
import Wire

@testable import Templates

/// Resources that are known by a map.
struct KnownResources: ResourceDirectory {
    var references: [String: JSONValue] = [:]
    var attributes: [String: [String: JSONValue]] = [:]

    func reference(_ logicalID: String) throws(TemplateError) -> JSONValue? {
        references[logicalID]
    }

    func attribute(_ name: String, of logicalID: String) throws(TemplateError) -> JSONValue? {
        guard let known = attributes[logicalID] else { return nil }
        guard let value = known[name] else { throw TemplateError("\(logicalID) has no \(name)") }
        return value
    }
}

@Suite("Resolving functions")
struct TemplateEvaluatorTests {
    static let place = TemplateScope.Place(
        accountID: "123456789012", region: "eu-west-1", stackName: "shop")

    private static let head = """
        Parameters:
          Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
          Count: {Type: Number, Default: 3, MaxValue: 5}
          Names: {Type: CommaDelimitedList, Default: "a, b,c"}
        Mappings:
          Sizes:
            dev: {Memory: 128}
            prod: {Memory: 1024}
        Conditions:
          IsProd: !Equals [!Ref Stage, prod]
          IsDev: !Not [!Condition IsProd]
          Both: !And [!Condition IsDev, !Equals [!Ref AWS::Region, eu-west-1]]
          Any: !Or [!Condition IsProd, !Equals [!Ref Count, "3"]]
        Resources:
          Table: {Type: AWS::DynamoDB::Table}

        """

    private func value(
        _ yaml: String, given: [(name: String, value: String)] = []
    ) throws -> String {
        let template = try Template(parsing: Self.head)
        let scope = try TemplateScope(template, given: given, place: Self.place)
        var evaluator = TemplateEvaluator(
            scope: scope,
            resources: KnownResources(
                references: ["Table": .string("shop-Table"), "F.Alias": .string("arn:alias")],
                attributes: ["Table": ["Arn": .string("arn:table"), "A.B": .string("ab")]]))
        let value = try evaluator.value(TemplateReader.read(yaml))
        return value.map { String(decoding: $0.encoded, as: UTF8.self) } ?? "nothing"
    }

    @Test(arguments: [
        ("!Ref Stage", #""dev""#), ("!Ref Count", #""3""#), ("!Ref Names", #"["a","b","c"]"#),
        ("!Ref AWS::AccountId", #""123456789012""#), ("!Ref AWS::NoValue", "nothing"),
        ("!Ref Table", #""shop-Table""#), ("!GetAtt Table.Arn", #""arn:table""#),
        ("!GetAtt Table.A.B", #""ab""#),
        (
            "!Sub '${Stage}-${Table}-${Table.Arn}-${AWS::Region}'",
            #""dev-shop-Table-arn:table-eu-west-1""#
        ),
        ("!Sub 'a${!Literal}b$c${ Stage }'", #""a${Literal}b$cdev""#),
        ("!Sub ['${x}/${Stage}', {x: !Ref Count}]", #""3/dev""#),
        ("!Sub '${F.Alias}'", #""arn:alias""#), ("!Sub 'open ${Stage'", #""open ${Stage""#),
        ("!Join [':', [a, !Ref Stage, 5]]", #""a:dev:5""#), ("!Join ['', !Ref Names]", #""abc""#),
        ("!Select [1, !Ref Names]", #""b""#), ("!Select ['0', !Split ['|', 'x|y']]", #""x""#),
        ("!Split [',', 'a,,b']", #"["a","","b"]"#),
        ("!FindInMap [Sizes, !Ref Stage, Memory]", "128"),
        ("!FindInMap [Sizes, nope, Memory, {DefaultValue: 1}]", "1"),
        ("!If [IsProd, a, b]", #""b""#),
        ("[a, !If [IsProd, b, !Ref AWS::NoValue]]", #"["a"]"#),
        ("{a: !If [IsProd, b, !Ref AWS::NoValue], c: !If [Both, d, e]}", #"{"c":"d"}"#),
        ("!If [Any, 1, 2]", "1"), ("!Base64 hello", #""aGVsbG8=""#),
        (
            "Condition: {StringEquals: {a: !Ref Stage}}",
            #"{"Condition":{"StringEquals":{"a":"dev"}}}"#
        ),
        ("Fn::Length: [1, 2]", "2"), ("Fn::ToJsonString: {a: !Ref Stage}", #""{\"a\":\"dev\"}""#),
        ("'{{resolve:ssm:x}}'", #""{{resolve:ssm:x}}""#), ("!Ref AWS::Partition", #""aws""#),
    ])
    func functions(yaml: String, expected: String) throws {
        #expect(try value(yaml) == expected)
    }

    @Test(arguments: [
        "!Ref Nobody", "!GetAtt Nobody.Arn", "!GetAtt Table.Nothing", "!Sub '${Nobody}'",
        "!Select [3, !Ref Names]", "!FindInMap [Sizes, x, y]", "!Join [a]", "!If [Nope, a, b]",
        "!Split ['', a]", "!Select [-1, [a]]", "!Sub [a]", "!Transform {Name: x}", "!Cidr [a, b]",
    ])
    func faults(yaml: String) {
        #expect(throws: TemplateError.self) { try value("x:\n  y: " + yaml) }
    }

    @Test func givenValuesWin() throws {
        let given = [(name: "Stage", value: "prod"), (name: "Names", value: "")]
        #expect(try value("!If [IsProd, a, b]", given: given) == #""a""#)
        #expect(try value("!Ref Names", given: given) == "[]")
    }

    @Test(arguments: [
        ("Stage", "test", "expected one of dev, prod, not 'test'"),
        ("Count", "6", "expected at most 5"), ("Count", "x", "expected a number"),
        ("Other", "x", "has no parameter Other; it has Stage, Count, Names"),
    ])
    func parametersAreChecked(name: String, given: String, message: String) {
        let error = #expect(throws: TemplateError.self) {
            try value("a", given: [(name: name, value: given)])
        }
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }

    @Test func parametersWithoutValueAndConditionsInACircle() throws {
        let place = Self.place
        for (text, message) in [
            ("Parameters: {A: {Type: String}}", "give --parameter A=VALUE"),
            (
                "Parameters: {A: {Type: String, Default: abc, AllowedPattern: '[0-9]+'}}",
                "what matches [0-9]+"
            ),
            (
                "Parameters: {A: {Type: String, NoEcho: true, Default: abc, MinLength: 9}}",
                "at least 9 characters, not the value given"
            ),
            ("Conditions: {A: !Condition B, B: !Not [!Condition A]}", "A → B → A"),
            ("Conditions: {A: !Condition Z}", "there is no condition Z"),
        ] {
            let template = try Template(parsing: text + "\nResources: {R: {Type: X}}")
            let error = #expect(throws: TemplateError.self) {
                try TemplateScope(template, given: [], place: place)
            }
            #expect(error?.message.contains(message) == true, "\(String(describing: error))")
        }
    }
}
