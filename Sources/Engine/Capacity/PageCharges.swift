internal import Items
internal import Operations

/// Gathers what a page walks in each partition, and shares the page's units out among them.
struct PageCharges {
    private struct Part {
        var place: KeyPlace
        var byteCount = 0
        var itemCount = 0
    }

    /// The first place of each partition; empty where there is one.
    private let starts: [KeyPlace]
    /// What all keys of the walk begin with.
    private let prefix: KeyPlace
    /// The partition that the walk is in, or the only one it can come to.
    private var partition: Int
    /// Whether the walk may leave its partition, so that every key is looked at.
    private let crosses: Bool
    private var parts: [Part]

    init(plan: PagePlan) {
        let starts = plan.partitionStarts
        self.starts = starts
        prefix = plan.commonPlace
        let (lower, upper) = plan.partitionRange
        crosses = lower < upper
        partition = plan.firstPartition
        parts = [Part(place: starts.place(of: prefix, in: partition))]
    }

    /// Notes an item that was walked; the key is asked for only where partitions are crossed.
    mutating func add(byteCount: Int, key: () -> [UInt8]) {
        if crosses {
            let found = starts.partition(of: KeyPlace(storedKey: key()))
            if found != partition {
                partition = found
                let place = starts.place(of: prefix, in: found)
                if parts[parts.count - 1].itemCount == 0 {
                    parts[parts.count - 1].place = place
                } else {
                    parts.append(Part(place: place))
                }
            }
        }
        parts[parts.count - 1].byteCount += byteCount
        parts[parts.count - 1].itemCount += 1
    }

    /// A charge per partition walked, by its share of bytes; the last one gets what is left over.
    func charges(_ units: RequestUnits) -> [Charge] {
        let whole = parts.reduce(0) { $0 + $1.byteCount }
        var left = units.halves
        var charges: [Charge] = []
        charges.reserveCapacity(parts.count)
        for (number, part) in parts.enumerated() {
            let isLast = number == parts.count - 1
            let share = isLast || whole == 0 ? left : units.halves * part.byteCount / whole
            left -= share
            charges.append(
                Charge(
                    place: part.place, units: Units(read: RequestUnits(halves: share)),
                    byteCount: part.byteCount, itemCount: part.itemCount))
        }
        return charges
    }
}

extension [KeyPlace] {
    /// The partition that a place falls in, where these are the first places of all.
    func partition(of place: KeyPlace) -> Int {
        var low = 0
        var high = count
        while high - low > 1 {
            let middle = (low + high) / 2
            if place < self[middle] { high = middle } else { low = middle }
        }
        return low
    }

    /// The place that stands for keys of one partition which all begin with a prefix.
    func place(of prefix: KeyPlace, in partition: Int) -> KeyPlace {
        guard indices.contains(partition), prefix < self[partition] else { return prefix }
        return self[partition]
    }
}

extension PagePlan {
    /// The first and the last partition that the walk can come to.
    fileprivate var partitionRange: (lower: Int, upper: Int) {
        let last = max(0, partitionStarts.count - 1)
        return (
            partitionStarts.partition(of: KeyPlace(storedKey: lower)),
            upper.map { partitionStarts.partition(of: KeyPlace(storedKey: $0)) } ?? last
        )
    }

    /// The partition that the walk begins in.
    fileprivate var firstPartition: Int {
        if let startKey { return partitionStarts.partition(of: KeyPlace(storedKey: startKey)) }
        return isForward ? partitionRange.lower : partitionRange.upper
    }

    /// Where the page's first work falls.
    var firstPlace: KeyPlace { partitionStarts.place(of: commonPlace, in: firstPartition) }

    /// What all keys to walk begin with: the partition key's part, or the id of what is scanned.
    fileprivate var commonPlace: KeyPlace {
        let start = 4 + PartitionHash.byteCount
        guard lower.count > start else { return KeyPlace(storedKey: Array(lower.prefix(4))) }
        var end = start
        for attribute in index?.hashKey ?? [table.partitionKey] {
            guard OrderedKey.read(attribute.type, from: lower, at: &end) != nil else { break }
        }
        return KeyPlace(storedKey: Array(lower.prefix(end)))
    }
}
