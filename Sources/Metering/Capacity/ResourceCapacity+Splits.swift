package import Items
internal import Operations

extension ResourceCapacity {
    /// Cuts the partitions whose heat or size has called for it, one cut each, and as many of the
    /// widest as the throughput asks for.
    ///
    /// Cheap where nothing is due: to be called every few seconds.
    ///
    /// - Parameters:
    ///   - byteCount: about how much a partition holds; nil: unknown.
    ///   - sizeCut: where to cut one that holds too much, by its first place; nil: nowhere. The
    ///     middle of its range, unless somebody knows better.
    /// - Returns: the cuts, in the order in which they were made.
    package mutating func splitIfDue(
        now: Double, byteCount: (Int) -> Int? = { _ in nil },
        sizeCut: ((KeyPlace) -> KeyPlace?)? = nil
    ) -> [Split] {
        let now = moved(to: now)
        reads.advance(rules: rules, now: now)
        writes.advance(rules: rules, now: now)
        var splits: [Split] = []
        var partition = 0
        // Sizes are told of the partitions as they were before any cut.
        var uncutPartition = 0
        while partition < places.count {
            let boundary =
                heatCut(of: partition, now: now)
                ?? self.sizeCut(
                    of: partition, byteCount: byteCount(uncutPartition), at: sizeCut)
            if let boundary, cut(partition, at: boundary) {
                splits.append(Split(partition: partition, boundary: boundary))
                partition += 1
            }
            partition += 1
            uncutPartition += 1
        }
        let needed = rules.partitionCount(
            read: reads.unitsPerSecond, write: writes.unitsPerSecond)
        return splits + grow(to: needed, now: now)
    }

    /// Cuts the widest partitions until there are so many.
    @discardableResult
    package mutating func grow(to count: Int, now: Double) -> [Split] {
        _ = moved(to: now)
        var splits: [Split] = []
        while places.count < count {
            let widest = places.widest
            guard let boundary = middle(of: widest), cut(widest, at: boundary) else { break }
            splits.append(Split(partition: widest, boundary: boundary))
        }
        return splits
    }

    /// Cuts a partition where somebody else decided it, at a place inside of it.
    ///
    /// In a table with a local index the cut is moved to where the place's partition key begins.
    package mutating func split(at boundary: KeyPlace, now: Double) {
        _ = moved(to: now)
        let boundary = splitsCollections ? boundary : boundary.collectionRange
        _ = cut(places.partition(of: boundary), at: boundary)
    }

    /// Where a partition that was hot for long is to be cut; nil: it wasn't, or no cut would help.
    private mutating func heatCut(of partition: Int, now: Double) -> KeyPlace? {
        states[partition].heat.advance(rules: rules, now: now)
        guard states[partition].heat.isDue else { return nil }
        let boundary = states[partition].heat.cut(
            splitsCollections: splitsCollections, rules: rules)
        // Where no cut would help now, the next heat is looked at afresh.
        if boundary == nil { states[partition].heat.cool() }
        return boundary
    }

    private func sizeCut(
        of partition: Int, byteCount: Int?, at boundary: ((KeyPlace) -> KeyPlace?)?
    ) -> KeyPlace? {
        guard let byteCount, byteCount > rules.partitionBytesMax else { return nil }
        return boundary.map { $0(partitions[partition]) } ?? middle(of: partition)
    }

    private func middle(of partition: Int) -> KeyPlace? {
        places.middle(of: partition).map { KeyPlace(resourceID: resourceID, hash: $0) }
    }

    /// Cuts a partition; false where it begins there, doesn't hold the place, or is one too many.
    private mutating func cut(_ partition: Int, at boundary: KeyPlace) -> Bool {
        guard places.count < Limits.tablePartitionsMax, places.partition(of: boundary) == partition,
            places.split(at: boundary) != nil
        else { return false }
        states[partition].heat.cool()
        // Each half serves as much as the whole did; what that had left, or owed, both take over.
        var upper = states[partition]
        upper.refusedReads = 0
        upper.refusedWrites = 0
        states.insert(upper, at: partition + 1)
        return true
    }
}
