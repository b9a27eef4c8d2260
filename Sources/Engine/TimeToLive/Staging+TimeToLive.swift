internal import Items
internal import Operations

extension Staging {
    /// Stages what the expiry index says of an item, where the table has a time to live.
    func writeExpiryEntry(
        _ table: Table, storedKey: [UInt8], old: ItemBytes?, new: ItemBytes?
    ) {
    }
}
