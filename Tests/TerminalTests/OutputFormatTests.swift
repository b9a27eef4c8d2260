import Testing

@testable import Terminal

@Suite("Output formats")
struct OutputFormatTests {
    @Test("are named as --format takes them")
    func names() { #expect(OutputFormat(rawValue: "jsonl") == .jsonl) }
}
