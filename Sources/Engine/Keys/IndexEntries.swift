package import Items
internal import Operations

extension SecondaryIndex {
    /// The stored key of an item's entry; nil where the item has none (a key attribute is
    /// missing, of another type, or empty).
    package func entryKey(of item: ItemBytes, in table: Table) -> [UInt8]? {
        var values: [ItemValue] = []
        values.reserveCapacity(hashKey.count)
        for attribute in hashKey {
            guard let value = indexable(attribute, of: item) else { return nil }
            values.append(value)
        }
        var key = StoredKeys.partition(id: id, hash: values)
        for attribute in rangeKey {
            guard let value = indexable(attribute, of: item) else { return nil }
            OrderedKey.append(value, to: &key)
        }
        guard appendTableKey(of: item, in: table, to: &key) else { return nil }
        return key
    }

    /// What the index keeps of an item.
    package func entry(of item: ItemBytes) -> ItemBytes {
        switch projectedAttributes {
        case .all: item
        case .only(let names): item.filter { names.contains(Array($0)) }
        }
    }

    /// Whether the entry holds an attribute.
    package func projects(_ attribute: String) -> Bool {
        switch projectedAttributes {
        case .all: true
        case .only(let names): names.contains(Array(attribute.utf8))
        }
    }

    /// Whether a write to a stored key changes this index: not where a backfill is yet to come.
    func maintains(storedKey: [UInt8]) -> Bool { state.covers(storedKey: storedKey) }

    /// Refuses an item whose index key attributes have another type or are empty.
    ///
    /// - Parameter isUpdated: whether an update made the item.
    /// - Throws: a ValidationException in the service's words.
    func checkKeys(of item: ItemBytes, isUpdated: Bool) throws(ServiceError) {
        // Lengths come after the types of all attributes.
        var tooLong: ServiceError?
        func check(
            _ attribute: KeyAttribute, byteCountMax: Int, fault: ServiceError
        ) throws(ServiceError) {
            guard let value = item.value(named: attribute.utf8) else { return }
            guard value.tag == attribute.type.tag else {
                throw isUpdated
                    ? KeyFaults.updatedIndexKeyType
                    : KeyFaults.indexTypeMismatch(attribute, actual: value.tag, index: name)
            }
            guard value.tag != .number else { return }
            if value.scalar.isEmpty {
                throw isUpdated
                    ? KeyFaults.updatedIndexKeyEmpty(attribute)
                    : KeyFaults.indexKeyEmpty(attribute, index: name)
            }
            if value.scalar.count > byteCountMax { tooLong = tooLong ?? fault }
        }
        for attribute in hashKey {
            try check(
                attribute, byteCountMax: Limits.partitionKeyBytesMax,
                fault: KeyFaults.partitionKeyTooLong)
        }
        for attribute in rangeKey {
            try check(
                attribute, byteCountMax: Limits.sortKeyBytesMax, fault: KeyFaults.sortKeyTooLong)
        }
        if let tooLong { throw isUpdated ? KeyFaults.updatedIndexKeyTooLong : tooLong }
    }

    /// Refuses a value of another type than an attribute of the index's key has.
    func checkType(_ tag: ValueTag, of attribute: String) throws(ServiceError) {
        for key in hashKey where key.name == attribute && key.type.tag != tag {
            throw KeyFaults.indexTypeMismatch(key, actual: tag, index: name)
        }
        for key in rangeKey where key.name == attribute && key.type.tag != tag {
            throw KeyFaults.indexTypeMismatch(key, actual: tag, index: name)
        }
    }

    /// The table key that tells entries of equal index keys apart.
    func appendTableKey(of item: ItemBytes, in table: Table, to key: inout [UInt8]) -> Bool {
        if kind == .global {
            guard let partition = item.value(named: table.partitionKey.utf8) else { return false }
            OrderedKey.append(partition, to: &key)
        }
        if let sortKey = table.sortKey {
            guard let sort = item.value(named: sortKey.utf8) else { return false }
            OrderedKey.append(sort, to: &key)
        }
        return true
    }

    private func indexable(_ attribute: KeyAttribute, of item: ItemBytes) -> ItemValue? {
        guard let value = item.value(named: attribute.utf8), value.tag == attribute.type.tag,
            value.tag == .number || !value.scalar.isEmpty
        else { return nil }
        return value
    }
}

extension GlobalIndexDefinition.State {
    /// Whether the index has come to a stored key.
    func covers(storedKey: [UInt8]) -> Bool {
        switch self {
        case .active: true
        case .backfilling(let cursor):
            cursor.map { !$0.lexicographicallyPrecedes(storedKey) } ?? false
        }
    }
}
