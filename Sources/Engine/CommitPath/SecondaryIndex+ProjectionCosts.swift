internal import Items
internal import Metering
internal import Operations

extension SecondaryIndex {
    /// What a write would cost in this index, were its projection KEYS_ONLY or ALL.
    ///
    /// - Parameters:
    ///   - old: the item before, where it has an entry; `new`: after.
    ///   - moves: whether the entry's key changed.
    func projectionCosts(
        in table: Table, old: ItemBytes?, new: ItemBytes?, moves: Bool
    ) -> ProjectionCosts {
        let keys = (
            old: old.map { keyByteCount(of: $0, in: table) },
            new: new.map { keyByteCount(of: $0, in: table) }
        )
        let keysOnly: RequestUnitRules.IndexChange
        let all: RequestUnitRules.IndexChange
        switch (old, new) {
        case (let old?, let new?):
            let (before, after) = (keys.old ?? 0, keys.new ?? 0)
            if moves {
                keysOnly = .moves(oldByteCount: before, newByteCount: after)
                all = .moves(oldByteCount: old.size, newByteCount: new.size)
            } else {
                keysOnly = .none
                all = old == new ? .none : .changes(oldByteCount: old.size, newByteCount: new.size)
            }
        case (nil, let new?):
            keysOnly = .appears(byteCount: keys.new ?? 0)
            all = .appears(byteCount: new.size)
        case (let old?, nil):
            keysOnly = .disappears(byteCount: keys.old ?? 0)
            all = .disappears(byteCount: old.size)
        case (nil, nil):
            (keysOnly, all) = (.none, .none)
        }
        return ProjectionCosts(
            keysOnly: RequestUnitRules.indexWrite(keysOnly),
            keysOnlyByteCount: max(keys.old ?? 0, keys.new ?? 0),
            all: RequestUnitRules.indexWrite(all),
            allByteCount: max(old?.size ?? 0, new?.size ?? 0))
    }

    /// The size of the attributes that every projection holds: keys of the index and of the table.
    private func keyByteCount(of item: ItemBytes, in table: Table) -> Int {
        var byteCount = 0
        func add(_ attribute: KeyAttribute) {
            guard let value = item.value(named: attribute.utf8) else { return }
            byteCount += attribute.utf8.count + value.size
        }
        for attribute in hashKey { add(attribute) }
        for attribute in rangeKey { add(attribute) }
        func isCounted(_ attribute: KeyAttribute) -> Bool {
            hashKey.contains(attribute) || rangeKey.contains(attribute)
        }
        if !isCounted(table.partitionKey) { add(table.partitionKey) }
        if let sortKey = table.sortKey, !isCounted(sortKey) { add(sortKey) }
        return byteCount
    }
}
