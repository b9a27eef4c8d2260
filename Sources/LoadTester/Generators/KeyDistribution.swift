/// Which instances of an entity requests are about: an index below their count.
///
/// Index 0 is the most popular one where some are more so than others.
package enum KeyDistribution: Sendable, Hashable {
    case uniform
    case zipfian(theta: Double)
    /// A share of the traffic goes to a share of the keys.
    case hotspot(keys: Double, traffic: Double)
    /// One after another, and from the start again.
    case sequential
    /// Mostly the newest.
    case latest(theta: Double)
    /// Always the same one.
    case fixed(Int)

    /// - Parameter ordinal: the number of the request among those of its pattern.
    func index(count: Int, ordinal: Int, _ random: inout SeededRandom) -> Int {
        guard count > 0 else { return 0 }
        switch self {
        case .uniform: return random.below(count)
        case .zipfian(let theta): return Zipfian(count: count, theta: theta).rank(&random)
        case .hotspot(let keys, let traffic):
            return NumberDistribution.hotspot(
                count: count, keys: keys, traffic: traffic, &random)
        case .sequential: return ordinal % count
        case .latest(let theta):
            return count - 1 - Zipfian(count: count, theta: theta).rank(&random)
        case .fixed(let index): return min(index, count - 1)
        }
    }
}
