import TestSupport
import Testing
import Wire

@testable import Templates

@Suite("Templates that are broken")
struct TemplateFuzzTests {
    private static let text = """
        Transform: AWS::Serverless-2016-10-31
        Parameters: {Stage: {Type: String, Default: dev}, L: {Type: CommaDelimitedList, Default: a}}
        Mappings: {M: {dev: {Size: 1}}}
        Conditions: {IsProd: !Equals [!Ref Stage, prod], Not: !Not [!Condition IsProd]}
        Globals: {Function: {Runtime: python3.12, Environment: {Variables: {A: !Ref Stage}}}}
        Resources:
          T: {Type: AWS::Serverless::SimpleTable, Properties: {PrimaryKey: {Name: a, Type: Number}}}
          F:
            Type: AWS::Serverless::Function
            DependsOn: [T]
            Properties:
              CodeUri: s3://a/b
              AutoPublishAlias: live
              MemorySize: !FindInMap [M, !Ref Stage, Size]
              Policies: [DynamoDBCrudPolicy: {TableName: !Ref T}, X, {Statement: []}]
              EventInvokeConfig: {DestinationConfig: {OnFailure: {Type: SQS}}}
              Tags: {a: !If [IsProd, b, !Ref AWS::NoValue]}
              Events:
                S: {Type: DynamoDB, Properties: {Stream: !GetAtt T.Arn, StartingPosition: LATEST}}
                Q: {Type: SQS, Properties: {Queue: !Sub 'x${T}${!y}${F.Arn}'}}
                C: {Type: Schedule, Properties: {Schedule: rate(1 day), Enabled: true}}
        Outputs: {O: {Value: !Join [',', !Split ['.', !Select [0, !Ref L]]], Condition: Not}}
        """

    /// Whatever happens to a template, it is read or refused.
    @Test func brokenTemplatesAreRefused() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let original = Array(Self.text.utf8)
        let pieces = Self.text.split(whereSeparator: { " \n{}[],:".contains($0) }).map(String.init)
        var refusedCount = 0
        for _ in 0..<1_500 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(bytes.count, place + Int.random(in: 0...30, using: &random))
                let inserted =
                    Bool.random(using: &random)
                    ? Array((pieces.randomElement(using: &random) ?? "").utf8)
                    : Array(original.shuffled(using: &random).prefix(3))
                bytes.replaceSubrange(place..<end, with: inserted)
            }
            do {
                let template = try Template(parsing: String(decoding: bytes, as: UTF8.self))
                let expanded = try ExpandedTemplate(
                    template, given: [], place: TemplateEvaluatorTests.place)
                _ = expanded.json.encoded
            } catch {
                // Nothing but TemplateError can come of it.
                refusedCount += 1
            }
        }
        #expect(refusedCount > 300, "seed \(seed)")
        let sound = try ExpandedTemplate(
            Template(parsing: Self.text), given: [], place: TemplateEvaluatorTests.place)
        #expect(sound.resources.count > 8)
    }
}
