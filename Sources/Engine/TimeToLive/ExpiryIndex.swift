internal import Items
internal import Operations

/// A table's items by the time at which they expire: what a time to live adds to a table.
///
/// An entry's key is the index's id, the expiry in whole seconds since 1970 as a big-endian `u64`,
/// and the item's stored key; its value is empty. What never expires has no entry.
package final class ExpiryIndex: Sendable {
    package let id: UInt32
    /// The name of the attribute that holds the expiry, in UTF-8.
    package let attribute: [UInt8]
    package let state: GlobalIndexDefinition.State

    init(id: UInt32, attribute: [UInt8], state: GlobalIndexDefinition.State) {
        self.id = id
        self.attribute = attribute
        self.state = state
    }

    /// When an item expires, in whole seconds since 1970; nil: never.
    ///
    /// Only a number counts, a fraction of a second is cut off, and there is nothing before 1970
    /// or past the last time that a clock can show.
    func expiry(of item: ItemBytes) -> UInt64? {
        guard let value = item.value(named: attribute), value.tag == .number,
            let seconds = DecimalNumber.wholePart(encoded: value.scalar),
            seconds <= Self.secondsMax
        else { return nil }
        return seconds
    }

    private static let secondsMax = UInt64(TimeText.timestampMax)

    /// The key of an item's entry.
    func entryKey(expiry: UInt64, storedKey: [UInt8]) -> [UInt8] {
        var key = StoredKeys.start(id: id, capacity: 12 + storedKey.count)
        Self.append(expiry, to: &key)
        key += storedKey
        return key
    }

    /// The keys of the entries that are due at a time, from the earliest expiry that counts.
    ///
    /// An item is due when its expiry lies before the time.
    func range(from earliest: Timestamp, to now: Timestamp) -> (lower: [UInt8], upper: [UInt8]) {
        func key(_ time: Timestamp) -> [UInt8] {
            var key = StoredKeys.start(id: id, capacity: 12)
            let bounded = min(max(time.rounded(.up), 0), TimeText.timestampMax)
            Self.append(UInt64(bounded), to: &key)
            return key
        }
        return (key(earliest), key(now))
    }

    /// The expiry and the item's stored key of an entry; nil for bytes that are no entry's key.
    static func parse(entryKey: [UInt8]) -> (expiry: UInt64, storedKey: [UInt8])? {
        guard entryKey.count > 12 else { return nil }
        return (entryKey[4..<12].reduce(0) { $0 << 8 | UInt64($1) }, Array(entryKey[12...]))
    }

    private static func append(_ expiry: UInt64, to key: inout [UInt8]) {
        for shift in stride(from: 56, through: 0, by: -8) {
            key.append(UInt8(truncatingIfNeeded: expiry >> shift))
        }
    }
}
