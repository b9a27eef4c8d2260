import Operations
import Testing

@testable import Metering

@Suite("Prices")
struct PriceListTests {
    @Test("infrequent access stores for less and asks more for requests")
    func classes() {
        let prices = PriceList.current
        let standard = prices.prices(of: nil)
        let rare = prices.prices(of: .standardInfrequentAccess)
        #expect(rare.perStorageGBMonth < standard.perStorageGBMonth)
        #expect(rare.perMillionWriteRequestUnits > standard.perMillionWriteRequestUnits)
    }
}
