/// What became of one term of a budget, in one design.
package struct BudgetOutcome: Sendable, Codable, Hashable {
    package var design: String
    /// As it was written: `p99<10ms`.
    package var term: String
    /// nil: the run told nothing of it, which misses the budget, or it has no end.
    package var value: Double?
    /// The value with its unit, for people.
    package var text: String
    package var isMet: Bool
}
