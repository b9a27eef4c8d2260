import Testing

@testable import Templates

@Suite("The order of resources")
struct ResourceOrderTests {
    private func order(_ resources: String, head: String = "") throws -> [String] {
        let template = try Template(parsing: head + "\nResources:\n" + resources)
        return try ExpandedTemplate(
            template, given: [], place: TemplateEvaluatorTests.place
        ).resources.map(\.logicalID)
    }

    @Test func dependenciesComeFirst() throws {
        let text = """
              A: {Type: X, Properties: {b: !Ref B, c: !Sub '${C.Arn}'}}
              B: {Type: X, DependsOn: [D]}
              C: {Type: X, Properties: {e: [!GetAtt E.Arn]}}
              D: {Type: X}
              E: {Type: X}
            """
        #expect(try order(text) == ["D", "B", "E", "C", "A"])
    }

    @Test func cyclesAreNamed() {
        let text = """
              A: {Type: X, Properties: {b: !Ref B}}
              B: {Type: X, Properties: {c: !Sub 'x${C}'}}
              C: {Type: X, DependsOn: B}
            """
        let error = #expect(throws: TemplateError.self) { try order(text) }
        #expect(error?.message == "resources depend on each other: B → C → B")
    }

    @Test func whatAConditionLeavesOut() throws {
        let head = "Conditions: {IsOn: !Equals [a, a], IsOff: !Equals [a, b]}"
        let text = """
              A: {Type: X, Condition: IsOff}
              B: {Type: X, DependsOn: A, Properties: {x: !If [IsOff, !Ref A, !Ref C]}}
              C: {Type: X, Condition: IsOn}
            """
        #expect(try order(text, head: head) == ["C", "B"])
        #expect(throws: TemplateError.self) { try order("  A: {Type: X, DependsOn: Z}") }
    }

    @Test func aLongChainIsNoTrouble() throws {
        let text = (0..<2_000).map { "  R\($0): {Type: X, DependsOn: R\($0 + 1)}" }
            .joined(separator: "\n")
        let sorted = try order(text + "\n  R2000: {Type: X}")
        #expect(sorted == (0...2_000).reversed().map { "R\($0)" })
    }
}
