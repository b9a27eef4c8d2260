internal import Items
internal import Operations
internal import Storage

extension Staging {
    /// Stages what the expiry index says of an item, where the table has a time to live.
    func writeExpiryEntry(
        _ table: Table, storedKey: [UInt8], old: ItemBytes?, new: ItemBytes?
    ) {
        guard let index = table.expiryIndex, index.state.covers(storedKey: storedKey) else {
            return
        }
        writeExpiryEntry(of: index, storedKey: storedKey, old: old, new: new)
    }

    /// Stages the difference that an item's change makes in an expiry index: nothing where its
    /// expiry stays.
    func writeExpiryEntry(
        of index: ExpiryIndex, storedKey: [UInt8], old: ItemBytes?, new: ItemBytes?
    ) {
        let oldExpiry = old.flatMap { index.expiry(of: $0) }
        let newExpiry = new.flatMap { index.expiry(of: $0) }
        guard oldExpiry != newExpiry else { return }
        if let oldExpiry {
            batch.delete(.indexes, index.entryKey(expiry: oldExpiry, storedKey: storedKey))
        }
        if let newExpiry {
            batch.put(.indexes, index.entryKey(expiry: newExpiry, storedKey: storedKey), [])
        }
    }
}
