extension Drawing {
    /// Draws the instances that a repetition of a request's actions is about, and its `let`.
    ///
    /// - Parameter added: instances of each entity that earlier arrivals added.
    mutating func pick(
        _ choices: [RequestTemplate.Pick], _ lets: [ValueTemplate], repetition: Int, added: [Int]
    ) {
        picks.removeAll(keepingCapacity: true)
        locals.removeAll(keepingCapacity: true)
        for pick in choices {
            let count = workload.entities[pick.entity].count + added[pick.entity]
            let index: Int
            switch pick.choice {
            case .existing(let distribution):
                index = distribution.index(count: count, ordinal: ordinal, &random)
            case .child(let slot, let distribution):
                let children = workload.children(pick.entity, of: picks[slot].index)
                index =
                    children.lowerBound
                    + distribution.index(count: children.count, ordinal: ordinal, &random)
            case .added: index = count + repetition
            }
            picks.append(Instance(entity: pick.entity, index: index))
        }
        for local in lets {
            let value = value(local)
            locals.append(value)
        }
    }
}
