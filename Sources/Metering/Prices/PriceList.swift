package import Operations

/// What the service charges, in US dollars: of one region, at one date.
package struct PriceList: Sendable, Hashable, Codable {
    /// What depends on the table's class.
    package struct TableClassPrices: Sendable, Hashable, Codable {
        package var perMillionWriteRequestUnits: Double
        package var perMillionReadRequestUnits: Double
        package var perWriteCapacityUnitHour: Double
        package var perReadCapacityUnitHour: Double
        package var perStorageGBMonth: Double
        /// GB of storage of each month that cost nothing.
        package var freeStorageGB: Double

        package init(
            perMillionWriteRequestUnits: Double, perMillionReadRequestUnits: Double,
            perWriteCapacityUnitHour: Double, perReadCapacityUnitHour: Double,
            perStorageGBMonth: Double, freeStorageGB: Double
        ) {
            self.perMillionWriteRequestUnits = perMillionWriteRequestUnits
            self.perMillionReadRequestUnits = perMillionReadRequestUnits
            self.perWriteCapacityUnitHour = perWriteCapacityUnitHour
            self.perReadCapacityUnitHour = perReadCapacityUnitHour
            self.perStorageGBMonth = perStorageGBMonth
            self.freeStorageGB = freeStorageGB
        }
    }

    package var region: String
    /// `2026-09-01`: prices change.
    package var date: String
    package var standard: TableClassPrices
    package var standardInfrequentAccess: TableClassPrices
    package var perContinuousBackupGBMonth: Double
    package var perBackupGBMonth: Double
    package var perRestoredGB: Double
    package var perExportedGB: Double
    package var perImportedGB: Double
    package var perHundredThousandStreamReads: Double
    package var freeStreamReads: Double
    /// Bytes that each entry of an index counts beside its own.
    package var indexEntryOverheadBytes: Int

    /// us-east-1 in September 2026.
    package static let current = PriceList(
        region: "us-east-1", date: "2026-09-01",
        standard: TableClassPrices(
            perMillionWriteRequestUnits: 0.625, perMillionReadRequestUnits: 0.125,
            perWriteCapacityUnitHour: 0.00065, perReadCapacityUnitHour: 0.00013,
            perStorageGBMonth: 0.25, freeStorageGB: 25),
        standardInfrequentAccess: TableClassPrices(
            perMillionWriteRequestUnits: 0.78, perMillionReadRequestUnits: 0.155,
            perWriteCapacityUnitHour: 0.00081, perReadCapacityUnitHour: 0.00016,
            perStorageGBMonth: 0.10, freeStorageGB: 0),
        perContinuousBackupGBMonth: 0.20, perBackupGBMonth: 0.10, perRestoredGB: 0.15,
        perExportedGB: 0.10, perImportedGB: 0.15, perHundredThousandStreamReads: 0.02,
        freeStreamReads: 2_500_000, indexEntryOverheadBytes: 100)

    package func prices(of tableClass: TableClass?) -> TableClassPrices {
        tableClass == .standardInfrequentAccess ? standardInfrequentAccess : standard
    }
}
