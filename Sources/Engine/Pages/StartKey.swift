internal import Items
internal import Operations

/// ExclusiveStartKey: the keys of the last item of the page before, as a stored key.
enum StartKey {
    static let invalid = "The provided starting key is invalid"

    /// The stored key that a starting key stands for, in a table or index.
    ///
    /// - Throws: a ValidationException where the attributes are not exactly the keys of the table
    ///   (and of the index), or have other types.
    static func storedKey(
        _ key: ItemBytes, table: Table, index: SecondaryIndex?
    ) throws(ServiceError) -> [UInt8] {
        var names = [table.partitionKey]
        if let sortKey = table.sortKey { names.append(sortKey) }
        if let index {
            for attribute in index.hashKey + index.rangeKey
            where !names.contains(where: { $0.name == attribute.name }) {
                names.append(attribute)
            }
        }
        guard key.count == names.count else {
            if index == nil, key.count != names.count {
                throw .validation(
                    "\(invalid): The provided key element does not match the schema")
            }
            throw .validation(invalid)
        }
        for attribute in names {
            guard let value = key.value(named: attribute.utf8),
                value.tag == attribute.type.tag
            else {
                throw .validation(
                    "\(invalid): The provided key element does not match the schema")
            }
        }
        if let index {
            guard let entryKey = index.entryKey(of: key, in: table) else {
                throw .validation(invalid)
            }
            return entryKey
        }
        do throws(ServiceError) {
            return try table.storedKey(ofKey: key)
        } catch {
            throw .validation("\(invalid): \(error.message)")
        }
    }

    /// The LastEvaluatedKey of an item: the keys of the table, and of the index walked.
    static func key(of item: ItemBytes, table: Table, index: SecondaryIndex?) -> ItemBytes {
        var names: Set<[UInt8]> = [table.partitionKey.utf8]
        if let sortKey = table.sortKey { names.insert(sortKey.utf8) }
        for attribute in (index?.hashKey ?? []) + (index?.rangeKey ?? []) {
            names.insert(attribute.utf8)
        }
        return item.filter { names.contains(Array($0)) }
    }
}
