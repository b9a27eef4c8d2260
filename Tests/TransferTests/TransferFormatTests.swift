import Testing

@testable import Transfer

@Suite("Transfer formats")
struct TransferFormatTests {
    @Test("are named as --format takes them")
    func names() { #expect(TransferFormat(rawValue: "s3-export") == .s3Export) }
}
