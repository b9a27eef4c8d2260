internal import FoundationEssentials
package import Items
internal import Metering
package import Operations
internal import Storage
internal import Streams

/// One group of commits in the making: current state as its writes see it, and one atomic batch.
///
/// Intents of a group are evaluated one after another on the commit path's thread; each sees what
/// the ones before it staged. The rule that makes it sound: an intent stages only after everything
/// that can refuse it (reads, conditions, validation) has passed, so nothing is ever taken back.
/// Nothing else in the engine writes items, index entries, statistics or definitions.
package final class Staging: TableStaging {
    let store: any KeyValueStore
    private let catalogue: Catalogue
    private let streams: StreamCatalogue
    let batch: any WriteBatch
    private let now: @Sendable () -> Timestamp
    private var contents: Catalogue.Contents
    private var tableChanges: [Catalogue.TableName: Table?] = [:]
    private var droppedIDs: [UInt32] = []
    /// Items that this group has written (a value) or deleted (nil), by stored key.
    private var items: [[UInt8]: ItemBytes?] = [:]
    private var statistics: [UInt32: Statistics.Value] = [:]
    private var statisticsOwners: [UInt32: Statistics] = [:]
    private var makesIDs = false
    /// nil while nothing is throttled.
    let throttle: Throttle?
    /// The limits that the present write met, while throttling is only observed.
    var throttled: [ThrottledWork] = []
    /// Made when the group first touches a stream.
    private var madeStreamWriter: StreamWriter?

    init(
        store: any KeyValueStore, catalogue: Catalogue, streams: StreamCatalogue,
        batch: any WriteBatch, now: @escaping @Sendable () -> Timestamp, throttle: Throttle? = nil
    ) {
        self.throttle = throttle
        self.store = store
        self.catalogue = catalogue
        self.streams = streams
        self.batch = batch
        self.now = now
        contents = catalogue.current
    }

    // MARK: Tables

    /// The table, changes staged in this group included.
    package func table(named name: String, region: String) -> Table? {
        contents.tables[Catalogue.TableName(region: region, name: name)]
    }

    /// All tables of a region, by name.
    package func tables(in region: String) -> [Table] {
        contents.tables.values.filter { $0.definition.region == region }
            .sorted { $0.name < $1.name }
    }

    /// A fresh storage id for a table or an index.
    package func makeStorageID() -> UInt32 {
        let id = contents.nextID
        contents.nextID += 1
        makesIDs = true
        return id
    }

    /// Makes or replaces a table's definition.
    ///
    /// Entries of an index that the new definition no longer has are deleted in the same batch.
    package func putTable(_ definition: TableDefinition) {
        let name = Catalogue.TableName(region: definition.region, name: definition.name)
        let definition = settingUpStream(of: definition)
        let table = Table(definition: definition, accountID: catalogue.accountID) { id in
            self.contents.statistics[id] ?? Statistics()
        }
        if let old = contents.tables[name] {
            let kept = Set(table.globalIndexes.map(\.id))
            for index in old.globalIndexes where !kept.contains(index.id) { dropIndex(index) }
            if let index = old.expiryIndex, index.id != table.expiryIndex?.id {
                dropEntries(index.id)
            }
        }
        install(table, under: name)
        if let json = try? JSONEncoder().encode(definition) {
            batch.put(.catalogue, Catalogue.Keys.definition(definition.id), Array(json))
        }
    }

    /// Deletes a table, its items and its indexes in the same batch.
    package func dropTable(_ table: Table) {
        let name = Catalogue.TableName(region: table.definition.region, name: table.name)
        disableStream(of: table.definition)
        contents.tables[name] = nil
        tableChanges[name] = .some(nil)
        batch.delete(.catalogue, Catalogue.Keys.definition(table.id))
        let range = StoredKeys.range(id: table.id)
        batch.deleteRange(.items, lower: range.lower, upper: range.upper)
        forget(table.id)
        for index in table.localIndexes + table.globalIndexes { dropIndex(index) }
        if let index = table.expiryIndex { dropEntries(index.id) }
    }

    private func install(_ table: Table, under name: Catalogue.TableName) {
        contents.tables[name] = table
        tableChanges[name] = .some(table)
        contents.statistics[table.id] = table.statistics
        for index in table.localIndexes + table.globalIndexes {
            contents.statistics[index.id] = index.statistics
        }
    }

    private func dropIndex(_ index: SecondaryIndex) {
        dropEntries(index.id)
        forget(index.id)
    }

    private func dropEntries(_ id: UInt32) {
        let range = StoredKeys.range(id: id)
        batch.deleteRange(.indexes, lower: range.lower, upper: range.upper)
    }

    private func forget(_ id: UInt32) {
        batch.delete(.catalogue, Catalogue.Keys.statistics(id))
        batch.delete(.catalogue, StoredCapacity.key(id))
        contents.statistics[id] = nil
        statistics[id] = nil
        statisticsOwners[id] = nil
        droppedIDs.append(id)
    }

    // MARK: Items

    /// The item under a stored key, as the group so far leaves it.
    package func item(storedKey: [UInt8]) throws(ServiceError) -> ItemBytes? {
        if !items.isEmpty, let staged = items[storedKey] { return staged }
        do throws(StorageError) {
            return try store.get(.items, storedKey).map { ItemBytes(trusted: $0) }
        } catch {
            throw ServiceError(storage: error)
        }
    }

    /// Stages one item's change: the table, its indexes, its expiry, its stream and the statistics.
    ///
    /// - Parameters:
    ///   - old: what `item(storedKey:)` answered.
    ///   - new: the item to be; nil deletes.
    ///   - isTransactional: whether a transaction does it, which doubles the table's units.
    ///   - origin: who asked for it.
    /// - Returns: the units that the write consumes, under the table's name as requested.
    package func write(
        _ table: Table, storedKey: [UInt8], old: ItemBytes?, new: ItemBytes?, requestedName: String,
        isTransactional: Bool = false, origin: ChangeOrigin = .request
    ) -> TableConsumption {
        let sizes = (old: old?.size ?? 0, new: new?.size ?? 0)
        let units =
            isTransactional
            ? RequestUnitRules.transactionalWrite(oldByteCount: sizes.old, newByteCount: sizes.new)
            : RequestUnitRules.write(oldByteCount: sizes.old, newByteCount: sizes.new)
        var consumption = TableConsumption(
            tableName: requestedName, storedKey: storedKey, units: Units(write: units),
            byteCount: max(sizes.old, sizes.new), itemCount: old == nil && new == nil ? 0 : 1)
        if let new {
            batch.put(.items, storedKey, new.bytes)
        } else if old != nil {
            batch.delete(.items, storedKey)
        }
        items[storedKey] = .some(new)
        count(table.statistics, id: table.id, old: old, new: new)
        for index in table.localIndexes {
            let units = writeEntry(
                of: index, in: table, old: old, new: new, charges: &consumption.charges)
            if units != .zero { consumption.localIndexes[index.name] = Units(write: units) }
        }
        for index in table.globalIndexes where index.maintains(storedKey: storedKey) {
            let units = writeEntry(
                of: index, in: table, old: old, new: new, charges: &consumption.charges)
            if units != .zero { consumption.globalIndexes[index.name] = Units(write: units) }
        }
        writeExpiryEntry(table, storedKey: storedKey, old: old, new: new)
        appendStreamRecord(table, storedKey: storedKey, old: old, new: new, origin: origin)
        return consumption
    }

    /// Stages the entry of one index for an item's change.
    ///
    /// - Parameter charges: gets what the entry costs, where it lies; both halves where it moves.
    func writeEntry(
        of index: SecondaryIndex, in table: Table, old: ItemBytes?, new: ItemBytes?,
        charges: inout [Charge]
    ) -> RequestUnits {
        guard let change = EntryChange(of: index, in: table, old: old, new: new) else {
            // Free here, though a wider projection would have to be written.
            if index.projectedAttributes != .all, let old, let new,
                let key = index.entryKey(of: new, in: table)
            {
                charges.append(
                    Charge(
                        place: KeyPlace(storedKey: key), units: Units(), byteCount: 0,
                        itemCount: 0,
                        projections: index.projectionCosts(
                            in: table, old: old, new: new, moves: false)))
            }
            return .zero
        }
        let (oldEntry, newEntry) = (change.oldEntry, change.newEntry)
        if let oldKey = change.oldKey, oldKey != change.newKey { batch.delete(.indexes, oldKey) }
        if let newKey = change.newKey, let newEntry {
            batch.put(.indexes, newKey, newEntry.bytes)
        }
        count(index.statistics, id: index.id, old: oldEntry, new: newEntry)
        let first = charges.count
        charges += change.charges
        // Told once, where an entry moves as well.
        if first < charges.count {
            charges[first].projections = index.projectionCosts(
                in: table, old: change.oldKey == nil ? nil : old,
                new: change.newKey == nil ? nil : new, moves: change.oldKey != change.newKey)
        }
        return RequestUnitRules.indexWrite(change.change)
    }

    private func count(_ owner: Statistics, id: UInt32, old: ItemBytes?, new: ItemBytes?) {
        let itemCount = (new == nil ? 0 : 1) - (old == nil ? 0 : 1)
        let byteCount = (new?.size ?? 0) - (old?.size ?? 0)
        if itemCount == 0, byteCount == 0 { return }
        var value = statistics[id] ?? owner.value
        value.itemCount += itemCount
        value.byteCount += byteCount
        statistics[id] = value
        statisticsOwners[id] = owner
    }

    // MARK: Streams

    /// Stages what the group does to streams.
    var streamWriter: StreamWriter {
        if let madeStreamWriter { return madeStreamWriter }
        let writer = StreamWriter(catalogue: streams, batch: batch, now: now())
        madeStreamWriter = writer
        return writer
    }

    // MARK: The end of a group

    /// Commits the batch and makes the group's changes visible.
    func commit() throws(StorageError) {
        madeStreamWriter?.finish()
        for (id, value) in statistics {
            batch.put(
                .catalogue, Catalogue.Keys.statistics(id), Catalogue.Keys.encode(value))
        }
        if makesIDs {
            batch.put(
                .catalogue, Catalogue.Keys.nextID, Catalogue.Keys.bytes(contents.nextID))
        }
        guard !batch.isEmpty else { return }
        try store.commit(batch)
        for (id, value) in statistics { statisticsOwners[id]?.set(value) }
        madeStreamWriter?.publish()
        if !tableChanges.isEmpty || makesIDs {
            catalogue.publish(
                tables: tableChanges, nextID: contents.nextID, dropped: droppedIDs)
        }
    }

    /// Tells those who observe streams of this group's records, once it is committed.
    func notifyStreamObservers() { madeStreamWriter?.notify() }

    /// Tables that this group made or changed.
    var changedTables: [Table] { tableChanges.values.compactMap { $0 } }
}

extension Staging {
    /// About how many bytes the store keeps under one partition key of a table or LSI.
    func storedByteCount(_ keyspace: Keyspace, id: UInt32, partition: ItemValue) -> Int {
        let lower = StoredKeys.partition(id: id, hash: [partition])
        guard let upper = OrderedKey.successor(of: lower) else { return 0 }
        return store.approximateByteCount(keyspace, lower: lower, upper: upper)
    }
}
