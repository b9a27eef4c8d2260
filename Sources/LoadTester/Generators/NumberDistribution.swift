internal import Glibc

/// How numbers are spread: amounts, sizes, counts.
package enum NumberDistribution: Sendable, Hashable {
    case fixed(Double)
    /// Both ends included where whole numbers are drawn.
    case uniform(from: Double, to: Double)
    case normal(mean: Double, deviation: Double, min: Double, max: Double)
    case lognormal(median: Double, sigma: Double, min: Double, max: Double)
    /// `from` comes most often.
    case zipfian(from: Int, to: Int, theta: Double)
    /// A share of the draws falls to a share of the numbers, the lowest.
    case hotspot(from: Int, to: Int, keys: Double, traffic: Double)
    /// Values at shares of the draws, ascending; straight lines between them.
    case percentiles([Percentile])

    package struct Percentile: Sendable, Hashable {
        /// 0…1.
        package var share: Double
        package var value: Double

        package init(share: Double, value: Double) {
            self.share = share
            self.value = value
        }
    }

    package func draw(_ random: inout SeededRandom) -> Double {
        switch self {
        case .fixed(let value): return value
        case .uniform(let from, let to): return from + (to - from) * random.unit()
        case .normal(let mean, let deviation, let min, let max):
            return Self.clamped(mean + deviation * Self.gauss(&random), min, max)
        case .lognormal(let median, let sigma, let min, let max):
            return Self.clamped(median * exp(sigma * Self.gauss(&random)), min, max)
        case .percentiles(let points):
            return Self.value(at: random.unit(), of: points)
        case .zipfian, .hotspot: return Double(whole(&random))
        }
    }

    /// A whole number of the distribution.
    package func whole(_ random: inout SeededRandom) -> Int {
        switch self {
        case .uniform(let from, let to):
            let first = Self.integer(from.rounded(.up))
            let last = Self.integer(to.rounded(.down))
            return first + random.below(last - first + 1)
        case .zipfian(let from, let to, let theta):
            return from + Zipfian(count: to - from + 1, theta: theta).rank(&random)
        case .hotspot(let from, let to, let keys, let traffic):
            return from
                + Self.hotspot(count: to - from + 1, keys: keys, traffic: traffic, &random)
        default: return Self.integer(draw(&random).rounded())
        }
    }

    /// An index below a count, of which the lowest share gets a share of the draws.
    static func hotspot(
        count: Int, keys: Double, traffic: Double, _ random: inout SeededRandom
    ) -> Int {
        let hotCount = min(max(integer((Double(count) * keys).rounded(.up)), 1), count)
        let isHot = random.unit() < traffic
        if isHot || hotCount == count { return random.below(hotCount) }
        return hotCount + random.below(count - hotCount)
    }

    /// A double as a whole number; what is out of bounds comes as the nearest that is within.
    static func integer(_ value: Double) -> Int {
        value.isNaN ? 0 : Int(Swift.min(Swift.max(value, -9e15), 9e15))
    }

    private static func clamped(_ value: Double, _ min: Double, _ max: Double) -> Double {
        Swift.min(Swift.max(value, min), max)
    }

    private static func value(at share: Double, of points: [Percentile]) -> Double {
        guard var lower = points.first else { return 0 }
        for point in points {
            if share <= point.share {
                let width = point.share - lower.share
                let part = width > 0 ? (share - lower.share) / width : 1
                return lower.value + (point.value - lower.value) * Swift.max(part, 0)
            }
            lower = point
        }
        return lower.value
    }

    /// A standard normal number, by Box and Muller.
    private static func gauss(_ random: inout SeededRandom) -> Double {
        let radius = (-2 * log(1 - random.unit())).squareRoot()
        return radius * cos(2 * .pi * random.unit())
    }
}
