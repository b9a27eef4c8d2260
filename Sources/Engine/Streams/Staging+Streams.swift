internal import Items
internal import Operations

extension Staging {
    /// Stages the stream record of an item's change, where the table has a stream and the change
    /// changes anything.
    func appendStreamRecord(
        _ table: Table, storedKey: [UInt8], old: ItemBytes?, new: ItemBytes?, origin: ChangeOrigin
    ) {
    }
}
