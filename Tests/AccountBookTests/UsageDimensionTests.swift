import Testing

@testable import AccountBook

@Suite("Dimensions")
struct UsageDimensionTests {
    @Test("are named as --by takes them")
    func names() { #expect(UsageDimension(rawValue: "caller") == .caller) }
}
