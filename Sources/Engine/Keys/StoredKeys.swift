package import Items
package import Operations

// The keys under which items and index entries are stored (docs/storage-format.md):
//
// item:       u32 table id, 8-byte partition hash, partition key, sort key
// LSI entry:  u32 index id, 8-byte partition hash, partition key, index sort key, table sort key
// GSI entry:  u32 index id, 8-byte hash of the index's HASH attributes, its HASH attributes, its
//             RANGE attributes, table partition key, table sort key

/// Builds stored keys; ids are big-endian so that a table's keys are one range.
enum StoredKeys {
    static func start(id: UInt32, capacity: Int = 64) -> [UInt8] {
        var key: [UInt8] = []
        key.reserveCapacity(capacity)
        key.append(UInt8(truncatingIfNeeded: id >> 24))
        key.append(UInt8(truncatingIfNeeded: id >> 16))
        key.append(UInt8(truncatingIfNeeded: id >> 8))
        key.append(UInt8(truncatingIfNeeded: id))
        return key
    }

    /// The start that all keys with a partition hash share.
    static func start(id: UInt32, hash: UInt64) -> [UInt8] {
        var key = start(id: id, capacity: 12)
        for shift in stride(from: 56, through: 0, by: -8) {
            key.append(UInt8(truncatingIfNeeded: hash >> shift))
        }
        return key
    }

    /// The range of all keys of a table or index.
    static func range(id: UInt32) -> (lower: [UInt8], upper: [UInt8]) {
        let lower = start(id: id)
        return (lower, OrderedKey.successor(of: lower) ?? [0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
    }

    static func item(tableID: UInt32, partition: ItemValue, sort: ItemValue?) -> [UInt8] {
        var key = start(id: tableID)
        PartitionHash.append([partition], to: &key)
        OrderedKey.append(partition, to: &key)
        if let sort { OrderedKey.append(sort, to: &key) }
        return key
    }

    /// The start that all keys with these HASH values share.
    static func partition(id: UInt32, hash: [ItemValue]) -> [UInt8] {
        var key = start(id: id)
        PartitionHash.append(hash, to: &key)
        for value in hash { OrderedKey.append(value, to: &key) }
        return key
    }
}

extension Table {
    /// The stored key of a `Key` parameter: exactly the key attributes, of the right types.
    ///
    /// - Throws: a ValidationException in the service's words.
    package func storedKey(ofKey key: ItemBytes) throws(ServiceError) -> [UInt8] {
        guard key.count == (sortKey == nil ? 1 : 2),
            let partition = key.value(named: partitionKey.utf8),
            partition.tag == partitionKey.type.tag
        else { throw KeyFaults.schemaMismatch }
        try check(partition: partition)
        var sort: ItemValue?
        if let sortKey {
            guard let value = key.value(named: sortKey.utf8), value.tag == sortKey.type.tag else {
                throw KeyFaults.schemaMismatch
            }
            try check(sort: value, of: sortKey)
            sort = value
        }
        return StoredKeys.item(tableID: id, partition: partition, sort: sort)
    }

    /// The stored key of a whole item.
    ///
    /// - Throws: a ValidationException where a key attribute is missing, of another type, empty
    ///   or too long.
    package func storedKey(ofItem item: ItemBytes) throws(ServiceError) -> [UInt8] {
        let partition = try keyValue(partitionKey, of: item)
        try check(partition: partition)
        var sort: ItemValue?
        if let sortKey {
            let value = try keyValue(sortKey, of: item)
            try check(sort: value, of: sortKey)
            sort = value
        }
        return StoredKeys.item(tableID: id, partition: partition, sort: sort)
    }

    /// The key attributes of an item, alone.
    package func key(of item: ItemBytes) -> ItemBytes {
        item.filter { name in
            name.elementsEqual(partitionKey.utf8)
                || (sortKey.map { name.elementsEqual($0.utf8) } ?? false)
        }
    }

    private func keyValue(
        _ attribute: KeyAttribute, of item: ItemBytes
    ) throws(ServiceError) -> ItemValue {
        guard let value = item.value(named: attribute.utf8) else {
            throw KeyFaults.missing(attribute.name)
        }
        guard value.tag == attribute.type.tag else {
            throw KeyFaults.typeMismatch(attribute, actual: value.tag)
        }
        return value
    }

    private func check(partition value: ItemValue) throws(ServiceError) {
        guard value.tag != .number else { return }
        if value.scalar.isEmpty { throw KeyFaults.empty(partitionKey) }
        if value.scalar.count > Limits.partitionKeyBytesMax { throw KeyFaults.partitionKeyTooLong }
    }

    private func check(
        sort value: ItemValue, of attribute: KeyAttribute
    ) throws(ServiceError) {
        guard value.tag != .number else { return }
        if value.scalar.isEmpty { throw KeyFaults.empty(attribute) }
        if value.scalar.count > Limits.sortKeyBytesMax { throw KeyFaults.sortKeyTooLong }
    }
}

/// The service's words for faulty keys, in one place.
enum KeyFaults {
    static let schemaMismatch = ServiceError.validation(
        "The provided key element does not match the schema")
    static let partitionKeyTooLong = ServiceError.validation(
        "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size "
            + "limit of\(Limits.partitionKeyBytesMax) bytes")
    static let sortKeyTooLong = ServiceError.validation(
        "One or more parameter values were invalid: Aggregated size of all range keys has exceeded "
            + "the size limit of \(Limits.sortKeyBytesMax) bytes")

    static func missing(_ name: String) -> ServiceError {
        .validation(
            "One or more parameter values were invalid: Missing the key \(name) in the item")
    }

    static func typeMismatch(_ attribute: KeyAttribute, actual: ValueTag) -> ServiceError {
        .validation(
            "One or more parameter values were invalid: Type mismatch for key \(attribute.name) "
                + "expected: \(attribute.type.rawValue) actual: \(actual.descriptor)")
    }

    /// How the faults of empty keys begin, and no other.
    private static let notValid = "One or more parameter values are not valid. "

    /// Whether the fault is a key attribute's empty value, of the table or of an index.
    static func isEmptyKey(_ error: ServiceError) -> Bool { error.message.hasPrefix(notValid) }

    static func empty(_ attribute: KeyAttribute) -> ServiceError {
        .validation(
            notValid + "The AttributeValue for a key attribute "
                + "cannot contain an empty \(kind(attribute)) value. Key: \(attribute.name)")
    }

    static func indexTypeMismatch(
        _ attribute: KeyAttribute, actual: ValueTag, index: String
    ) -> ServiceError {
        .validation(
            "One or more parameter values were invalid: Type mismatch for Index Key "
                + "\(attribute.name) Expected: \(attribute.type.rawValue) Actual: "
                + "\(actual.descriptor) IndexName: \(index)")
    }

    static func indexKeyEmpty(_ attribute: KeyAttribute, index: String) -> ServiceError {
        .validation(
            notValid + "A value specified for a secondary index "
                + "key is not supported. The AttributeValue for a key attribute cannot contain an "
                + "empty \(kind(attribute)) value. IndexName: \(index), IndexKey: "
                + attribute.name)
    }

    /// An update gave an index's key another type.
    static let updatedIndexKeyType = ServiceError.validation(
        "The update expression attempted to update the secondary index key to unsupported type")

    /// An update made an index's key too long.
    static let updatedIndexKeyTooLong = ServiceError.validation(
        "The update expression attempted to update the secondary index key beyond allowed size "
            + "limits")

    /// An update emptied an index's key.
    static func updatedIndexKeyEmpty(_ attribute: KeyAttribute) -> ServiceError {
        .validation(
            notValid + "The update expression attempted to update "
                + "a secondary index key to a value that is not supported. The AttributeValue for "
                + "a key attribute cannot contain an empty \(kind(attribute)) value.")
    }

    private static func kind(_ attribute: KeyAttribute) -> String {
        attribute.type == .binary ? "binary" : "string"
    }
}
