/// What instances of entities are: drawn from their numbers alone.
extension Workload {
    /// What streams of random numbers are for.
    enum Stream {
        static let field: UInt64 = 1
        static let addition: UInt64 = 2
        static let childCount: UInt64 = 3
        static let load: UInt64 = 4
        static let request: UInt64 = 5
        static let arrival: UInt64 = 6
    }

    /// The instance that an instance belongs to; nil where its entity has no parent.
    func parent(of instance: Drawing.Instance) -> Drawing.Instance? {
        let entity = entities[instance.entity]
        guard let parent = entity.parent else { return nil }
        if instance.index < entity.count {
            return Drawing.Instance(
                entity: parent, index: Self.owner(of: instance.index, firsts: entity.firsts))
        }
        var random = SeededRandom(
            seed: seed, Stream.addition, UInt64(instance.entity),
            UInt64(truncatingIfNeeded: instance.index))
        let index = entity.addition.index(
            count: entities[parent].count, ordinal: instance.index - entity.count, &random)
        return Drawing.Instance(entity: parent, index: index)
    }

    /// A field of an instance.
    func field(_ field: Int, of instance: Drawing.Instance) -> GeneratedValue {
        let stream =
            Stream.field | UInt64(instance.entity) << 8 | UInt64(field) << 32
        var drawing = Drawing(
            workload: self,
            random: SeededRandom(
                seed: seed, stream, UInt64(truncatingIfNeeded: instance.index)))
        drawing.picks = [instance]
        drawing.ordinal = instance.index
        return drawing.value(entities[instance.entity].fields[field].value)
    }

    /// The instances before the run that belong to one of the parent's.
    func children(_ entity: Int, of index: Int) -> Range<Int> {
        let firsts = entities[entity].firsts
        guard index >= 0, index + 1 < firsts.count else { return 0..<0 }
        return firsts[index]..<firsts[index + 1]
    }

    /// The last place whose first instance isn't after an index.
    private static func owner(of index: Int, firsts: [Int]) -> Int {
        var low = 0
        var high = firsts.count - 1
        while high - low > 1 {
            let middle = (low + high) / 2
            if firsts[middle] <= index { low = middle } else { high = middle }
        }
        return low
    }
}
