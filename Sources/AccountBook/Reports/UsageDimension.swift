/// What usage is told apart by: `--by`.
package enum UsageDimension: String, Sendable, Hashable, CaseIterable {
    case table
    case index
    case operation
    case partition
    case key
    case caller
}
