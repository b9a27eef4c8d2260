/// What usage is told apart by: `--by`.
package enum UsageDimension: String, Sendable, Hashable, CaseIterable {
    case table
    case index
    case operation
    case partition
    case key
    case caller
    /// By table and index, and what is paid for.
    case charge
}
