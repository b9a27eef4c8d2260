import Testing

@testable import AccountBook

@Suite("Dimensions")
struct BookedDimensionTests {
    @Test("are named as --by takes them")
    func names() { #expect(BookedDimension(rawValue: "caller") == .caller) }
}
