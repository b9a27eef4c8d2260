internal import Expressions
internal import Items
internal import Metering
internal import Operations
internal import Storage

/// What PutItem, UpdateItem and DeleteItem have in common once they are checked.
struct SingleItemWrite: Sendable {
    let tableName: String
    let table: Table
    let storedKey: [UInt8]
    let condition: PreparedCondition
    let returns: WriteReturns

    /// The table as the commit path sees it; it may have been changed or dropped meanwhile.
    func currentTable(_ staging: Staging) throws(ServiceError) -> Table {
        guard
            let current = staging.table(named: table.name, region: table.definition.region),
            current.id == table.id
        else { throw .tableNotFound }
        return current
    }

    /// The current item, after the condition held for it.
    func checkedItem(_ staging: Staging) throws(ServiceError) -> ItemBytes? {
        try staging.admitWrite(storedKey, of: table)
        let current = try staging.item(storedKey: storedKey)
        try condition.check(current) {
            let units = RequestUnitRules.write(
                oldByteCount: current?.size ?? 0, newByteCount: 0)
            return Consumption([
                TableConsumption(
                    tableName: tableName, storedKey: storedKey, units: Units(write: units),
                    item: current)
            ])
        }
        return current
    }

    /// Stages the change and builds the answer.
    ///
    /// - Throws: the throttling error where a global index can't take its part.
    func finish(
        _ staging: Staging, _ table: Table, old: ItemBytes?, new: ItemBytes?,
        attributes: ItemBytes?
    ) throws(ServiceError) -> OperationOutcome {
        if !staging.isThrottled {
            try staging.admitEntries(storedKey, of: table, old: old, new: new)
        }
        let consumption = Consumption([
            staging.write(
                table, storedKey: storedKey, old: old, new: new, requestedName: tableName)
        ])
        var response = WriteItemResponse()
        response.attributes = attributes
        response.consumedCapacity = consumption.report(returns.returnConsumedCapacity)?.first
        if returns.returnItemCollectionMetrics, let item = new ?? old {
            response.itemCollectionMetrics = staging.collectionMetrics(of: item, in: table)
        }
        return OperationOutcome(.writeItem(response), consumption: consumption)
    }
}

extension Table {
    /// The service's words for an item over 400 KB.
    static let itemSizeFault = "Item size has exceeded the maximum allowed size"

    /// What every item that is about to be written must satisfy beside its own key.
    ///
    /// - Parameter isUpdated: whether an update made it, whose faults have words of their own.
    func checkItem(
        _ item: ItemBytes, sizeFault: String, isUpdated: Bool = false
    ) throws(ServiceError) {
        for index in localIndexes { try index.checkKeys(of: item, isUpdated: isUpdated) }
        for index in globalIndexes { try index.checkKeys(of: item, isUpdated: isUpdated) }
        if item.size > Limits.itemBytesMax { throw .validation(sizeFault) }
    }
}

extension Staging {
    /// The metrics of the item collection (all items of one partition key, with their LSI
    /// entries) that an item belongs to; nil for a table without LSIs.
    ///
    /// The estimate is by stored bytes, in whole gigabytes, as the service's range is.
    func collectionMetrics(of item: ItemBytes, in table: Table) -> ItemCollectionMetrics? {
        guard !table.localIndexes.isEmpty,
            let partition = item.value(named: table.partitionKey.utf8)
        else { return nil }
        var byteCount = storedByteCount(.items, id: table.id, partition: partition)
        for index in table.localIndexes {
            byteCount += storedByteCount(.indexes, id: index.id, partition: partition)
        }
        let lower = Double(byteCount / 1_073_741_824)
        return ItemCollectionMetrics(
            itemCollectionKey: item.filter { $0.elementsEqual(table.partitionKey.utf8) },
            sizeEstimateRangeGB: (lower, lower + 1))
    }
}
