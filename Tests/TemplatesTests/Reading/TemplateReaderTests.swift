import Testing
import Wire

@testable import Templates

@Suite("Reading templates")
struct TemplateReaderTests {
    private func json(_ yaml: String) throws -> String {
        String(decoding: try TemplateReader.read(yaml).json.encoded, as: UTF8.self)
    }

    @Test func shortFormsAreWrittenOut() throws {
        let text = """
            a: !Ref Table
            b: !GetAtt Table.Stream.Arn
            c: !Sub '${A}-x'
            d: !Join ['-', [!Ref A, b]]
            e: !If [IsProd, !Ref A, !Ref AWS::NoValue]
            f: !Equals [!Ref Stage, prod]
            g: !Not [!Condition IsProd]
            h: !FindInMap [M, !Ref AWS::Region, k]
            i: !Sub
              - '${n}'
              - n: !GetAtt [T, Arn]
            j: !Base64 yes
            """
        #expect(
            try json(text) == #"""
                {"a":{"Ref":"Table"},"b":{"Fn::GetAtt":["Table","Stream.Arn"]},"c":{"Fn::Sub":"${A}-x"},"d":{"Fn::Join":["-",[{"Ref":"A"},"b"]]},"e":{"Fn::If":["IsProd",{"Ref":"A"},{"Ref":"AWS::NoValue"}]},"f":{"Fn::Equals":[{"Ref":"Stage"},"prod"]},"g":{"Fn::Not":[{"Condition":"IsProd"}]},"h":{"Fn::FindInMap":["M",{"Ref":"AWS::Region"},"k"]},"i":{"Fn::Sub":["${n}",{"n":{"Fn::GetAtt":["T","Arn"]}}]},"j":{"Fn::Base64":"yes"}}
                """#)
    }

    @Test func plainScalarsAreWhatTheyLookLike() throws {
        let text = """
            - 5
            - -1.5e3
            - 012
            - 0x1F
            - 2012-10-17
            - "5"
            - true
            - Yes
            - ~
            - ''
            - 1:30
            """
        #expect(
            try json(text)
                == #"[5,-1.5e3,"012","0x1F","2012-10-17","5",true,true,null,"","1:30"]"#)
    }

    @Test func jsonIsReadToo() throws {
        #expect(try json("{\"a\":\t{\"Ref\": \"B\"}}") == #"{"a":{"Ref":"B"}}"#)
        #expect(try json(#"{"a": "\ud83d\ude00\/"}"#) == "{\"a\":\"😀/\"}")
    }

    @Test func mergeKeysAndAliases() throws {
        let text = """
            base: &base {a: 1, b: 2}
            own:
              <<: *base
              b: 3
            """
        #expect(try json(text) == #"{"base":{"a":1,"b":2},"own":{"b":3,"a":1}}"#)
    }

    @Test(arguments: [
        ("a: [1", 2), ("a: 1\nb: !Nope x", 2), ("a: 1\nb: !GetAtt x", 2), ("? [a]\n: b", 1),
        (#"{"a": "\q"}"#, 1), (#"{"a": "\ud83d"}"#, 1),
        ("a: 1\nb:\n\t- c", 3), ("a: *b", 1), ("x: 1\na: 1\na: 2", nil),
    ])
    func faultsHaveALine(text: String, line: Int?) {
        let error = #expect(throws: TemplateError.self) { try TemplateReader.read(text) }
        if let line { #expect(error?.line == line, "\(String(describing: error))") }
    }

    @Test func whatIsTooLargeIsRefused() {
        let bomb = (0..<10).reduce("a0: &a0 [x,x,x,x,x,x,x,x,x]") { text, n in
            let alias = Array(repeating: "*a\(n)", count: 9).joined(separator: ",")
            return text + "\na\(n + 1): &a\(n + 1) [\(alias)]"
        }
        let deep = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        for text in [bomb, deep, String(repeating: "#", count: 2_000_000), ""] {
            #expect(throws: TemplateError.self) { try TemplateReader.read(text) }
        }
    }

    @Test func sectionsAreChecked() {
        for (text, message) in [
            ("Resources: {A: {Properties: {}}}", "line 1: Resources.A: expected a Type"),
            ("Resource: {}", "line 1: Resource is no section of a template"),
            ("Resources:\n  A-B:\n    Type: X", "no logical id"),
            ("Transform: Other\nResources: {}", "only AWS::Serverless-2016-10-31"),
            ("Parameters: {A: {Default: x}}\nResources: {}", "Parameters.A: expected a Type"),
            ("Description: x", "has no Resources"),
            ("Resources:\n  A:\n    Type: X\n    Properties: [a]", "line 4: "),
        ] {
            let error = #expect(throws: TemplateError.self) { try Template(parsing: text) }
            #expect(error?.description.contains(message) == true, "\(String(describing: error))")
        }
    }
}
