internal import Items
internal import Metering
internal import Operations

extension TableConsumption {
    /// What work on one item of the table consumed.
    ///
    /// - Parameter itemCount: 0 where there was no item.
    init(
        tableName: String, storedKey: [UInt8], units: Units, byteCount: Int, itemCount: Int
    ) {
        self.init(
            tableName: tableName, table: units,
            charges: [
                Charge(
                    place: KeyPlace(storedKey: storedKey), units: units, byteCount: byteCount,
                    itemCount: itemCount)
            ])
    }

    /// What reading or testing one item of the table consumed.
    init(tableName: String, storedKey: [UInt8], units: Units, item: ItemBytes?) {
        self.init(
            tableName: tableName, storedKey: storedKey, units: units, byteCount: item?.size ?? 0,
            itemCount: item == nil ? 0 : 1)
    }
}

extension Charge {
    /// What a change of one entry of an index costs.
    init(entryKey: [UInt8], _ change: RequestUnitRules.IndexChange, byteCount: Int) {
        self.init(
            place: KeyPlace(storedKey: entryKey),
            units: Units(write: RequestUnitRules.indexWrite(change)), byteCount: byteCount)
    }
}
