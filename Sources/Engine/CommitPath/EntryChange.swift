internal import Items
internal import Metering
internal import Operations

/// What an item's change does to its entry in one index.
struct EntryChange {
    /// The stored keys of the entry before and after; nil where there is none.
    let oldKey: [UInt8]?
    let newKey: [UInt8]?
    let oldEntry: ItemBytes?
    let newEntry: ItemBytes?
    let change: RequestUnitRules.IndexChange

    /// nil where nothing changes.
    init?(of index: SecondaryIndex, in table: Table, old: ItemBytes?, new: ItemBytes?) {
        oldKey = old.flatMap { index.entryKey(of: $0, in: table) }
        newKey = new.flatMap { index.entryKey(of: $0, in: table) }
        if oldKey == nil, newKey == nil { return nil }
        oldEntry = oldKey == nil ? nil : old.map { index.entry(of: $0) }
        newEntry = newKey == nil ? nil : new.map { index.entry(of: $0) }
        switch (oldEntry, newEntry) {
        case (nil, nil):
            return nil
        case (nil, let new?):
            change = .appears(byteCount: new.size)
        case (let old?, nil):
            change = .disappears(byteCount: old.size)
        case (let old?, let new?):
            if oldKey != newKey {
                change = .moves(oldByteCount: old.size, newByteCount: new.size)
            } else if old != new {
                change = .changes(oldByteCount: old.size, newByteCount: new.size)
            } else {
                return nil
            }
        }
    }

    /// Where the index is written to.
    var places: [[UInt8]] {
        guard let oldKey, let newKey, oldKey != newKey else {
            return [newKey ?? oldKey].compactMap { $0 }
        }
        return [oldKey, newKey]
    }

    /// What it costs, at each of its places.
    var charges: [Charge] {
        if case .moves(let old, let new) = change, places.count == 2 {
            return [
                Charge(entryKey: places[0], .disappears(byteCount: old), byteCount: old),
                Charge(entryKey: places[1], .appears(byteCount: new), byteCount: new),
            ]
        }
        let larger = max(oldEntry?.size ?? 0, newEntry?.size ?? 0)
        return places.map { Charge(entryKey: $0, change, byteCount: larger) }
    }
}
