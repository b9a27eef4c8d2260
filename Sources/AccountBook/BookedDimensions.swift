package import Operations

/// What usage is told apart by.
package enum BookedDimension: String, Sendable, Hashable, CaseIterable {
    case table
    case index
    case operation
    case partition
    case key
    case caller
}
