import Foundation
import Testing

/// Every script under `Scripts` gives the output that stands in it.
///
/// With BASALT_GOLDEN_REWRITE=1 in the environment the outputs are written into the scripts
/// instead; read the difference before you commit it.
@Suite struct GoldenTests {
    private static let rewrites =
        ProcessInfo.processInfo.environment["BASALT_GOLDEN_REWRITE"] == "1"

    @Test(arguments: Script.names)
    func script(_ name: String) async throws {
        let script = try Script(named: name)
        let session = try ScriptSession()
        defer { session.close() }
        var outputs: [[String]] = []
        for case .step(let step) in script.parts {
            let output: [String]
            do {
                output = try await session.run(step)
            } catch {
                Issue.record("\(name).golden:\(step.line): \(error)")
                return
            }
            outputs.append(output)
            if !Self.rewrites, output != step.output {
                Issue.record(Comment(rawValue: Self.difference(name, step, output)))
                // What follows depends on what went before.
                return
            }
        }
        if Self.rewrites {
            try script.text(outputs: outputs).write(
                to: script.url, atomically: true, encoding: .utf8)
        }
    }

    @Test func thereAreScripts() {
        #expect(Script.names.count >= 10)
    }

    /// The step, and its output line by line: `-` expected, `+` given.
    private static func difference(
        _ name: String, _ step: Script.Step, _ output: [String]
    ) -> String {
        var lines = ["\(name).golden:\(step.line)"] + step.input + ["----"]
        let difference = output.difference(from: step.output)
        var removed: [Int: String] = [:]
        var inserted: [Int: String] = [:]
        for change in difference {
            switch change {
            case .remove(let offset, let element, _): removed[offset] = element
            case .insert(let offset, let element, _): inserted[offset] = element
            }
        }
        var old = 0
        var new = 0
        while old < step.output.count || new < output.count {
            if let line = removed[old] {
                lines.append("- " + line)
                old += 1
            } else if let line = inserted[new] {
                lines.append("+ " + line)
                new += 1
            } else {
                lines.append("  " + output[new])
                old += 1
                new += 1
            }
        }
        return lines.joined(separator: "\n")
    }
}
