package import Operations

extension Consumption {
    /// What an answer tells of this consumption; nil where nothing was asked.
    package func report(
        _ detail: ReturnConsumedCapacity, tellsReadWriteSplit: Bool = false
    ) -> [ConsumedCapacity]? {
        guard detail != .none else { return nil }
        return tables.map {
            ConsumedCapacity(
                consumption: $0, detail: detail, tellsReadWriteSplit: tellsReadWriteSplit)
        }
    }
}
