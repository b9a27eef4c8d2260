internal import Glibc

/// Draws ranks 0, 1, 2 … of which rank k comes with a probability in proportion to 1/(k+1)^theta.
///
/// By rejection-inversion (Hörmann and Derflinger, 1996): no tables, and the same short time for
/// any count, which may differ from draw to draw.
package struct Zipfian: Sendable {
    private let count: Double
    private let theta: Double
    private let first: Double
    private let last: Double
    private let shift: Double

    /// - Parameters:
    ///   - count: how many ranks there are, at least 1.
    ///   - theta: more than 0; 0.99 is what most benchmarks take.
    package init(count: Int, theta: Double) {
        self.count = Double(max(count, 1))
        self.theta = theta
        first = Self.integral(1.5, theta) - 1
        last = Self.integral(self.count + 0.5, theta)
        shift =
            2 - Self.inverse(Self.integral(2.5, theta) - Self.density(2, theta), theta)
    }

    package func rank(_ random: inout SeededRandom) -> Int {
        while true {
            let drawn = last + random.unit() * (first - last)
            let place = Self.inverse(drawn, theta)
            let rank = min(max((place + 0.5).rounded(.down), 1), count)
            if rank - place <= shift
                || drawn >= Self.integral(rank + 0.5, theta) - Self.density(rank, theta)
            {
                return Int(rank) - 1
            }
        }
    }

    private static func density(_ place: Double, _ theta: Double) -> Double {
        exp(-theta * log(place))
    }

    /// The integral of the density, up to a constant.
    private static func integral(_ place: Double, _ theta: Double) -> Double {
        let logarithm = log(place)
        let power = (1 - theta) * logarithm
        let factor =
            abs(power) > 1e-8 ? expm1(power) / power : 1 + power / 2 * (1 + power / 3)
        return factor * logarithm
    }

    private static func inverse(_ value: Double, _ theta: Double) -> Double {
        let power = max(value * (1 - theta), -1)
        let factor =
            abs(power) > 1e-8 ? log1p(power) / power : 1 - power / 2 * (1 - power * 2 / 3)
        return exp(factor * value)
    }
}
