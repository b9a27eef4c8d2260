import Items
import Metering
import Operations
import Testing

@testable import LoadTester

@Suite("Designs")
struct DesignTests {
    @Test("an index comes right after its table, under both names")
    func resources() {
        let index = DesignIndex(
            name: "by-date", isLocal: false, hashKeys: [DesignKey(name: "date", type: .string)],
            rangeKeys: [], projectionType: .all,
            throughput: .provisioned(read: 5, write: 5))
        let tables = ["a", "b"].map {
            DesignTable(
                name: $0, hashKey: DesignKey(name: "id", type: .string), indexes: [index],
                throughput: .provisioned(read: 5, write: 5))
        }
        let design = Design(name: "d", tables: tables, patterns: [], phases: [])
        #expect(design.resources.map(\.name) == ["a", "a/by-date", "b", "b/by-date"])
    }
}
