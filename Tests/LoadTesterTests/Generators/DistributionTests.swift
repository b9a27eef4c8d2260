import Testing

@testable import LoadTester

@Suite("Distributions")
struct DistributionTests {
    private func counts(
        _ draws: Int, _ bound: Int, _ draw: (inout SeededRandom) -> Int
    ) -> [Int] {
        var random = SeededRandom(seed: 7, 1)
        var counts = [Int](repeating: 0, count: bound)
        for _ in 0..<draws {
            let drawn = draw(&random)
            #expect((0..<bound).contains(drawn))
            if counts.indices.contains(drawn) { counts[drawn] += 1 }
        }
        return counts
    }

    @Test("the same seed gives the same numbers, another seed or stream others")
    func seeds() {
        func draw(_ seed: UInt64, _ stream: UInt64) -> [UInt64] {
            var random = SeededRandom(seed: seed, stream)
            return (0..<8).map { _ in random.next() }
        }
        #expect(draw(1, 1) == draw(1, 1))
        #expect(Set(draw(1, 1) + draw(1, 2) + draw(2, 1)).count == 24)
    }

    @Test("uniform: every number about as often")
    func uniform() {
        let counts = counts(100_000, 10) { NumberDistribution.uniform(from: 0, to: 9).whole(&$0) }
        for count in counts { #expect(abs(count - 10_000) < 500) }
    }

    @Test(
        "zipfian: ranks come in proportion to their power",
        arguments: [0.5, 0.99, 1.0, 1.5])
    func zipfian(theta: Double) {
        let bound = 50
        let zipfian = Zipfian(count: bound, theta: theta)
        let counts = counts(200_000, bound) { zipfian.rank(&$0) }
        let weights = (1...bound).map { 1 / power(Double($0), theta) }
        let sum = weights.reduce(0, +)
        for rank in [0, 1, 2, 9, 49] {
            let expected = weights[rank] / sum * 200_000
            #expect(abs(Double(counts[rank]) - expected) < 5 * expected.squareRoot() + 5)
        }
    }

    /// The sum of squared distances from what is expected, each in shares of it.
    private func chiSquare(_ counts: [Int], _ shares: [Double]) -> Double {
        let draws = Double(counts.reduce(0, +))
        return zip(counts, shares).reduce(0) { sum, pair in
            let expected = pair.1 * draws
            return sum + (Double(pair.0) - expected) * (Double(pair.0) - expected) / expected
        }
    }

    @Test("picks fit their distributions by chi-square, at one in a thousand")
    func fits() {
        let bound = 50
        // Of 49 degrees of freedom; the seed is fixed.
        let limit = 85.4
        for theta in [0.5, 0.8, 0.99, 1.2, 2] {
            let weights = (1...bound).map { 1 / power(Double($0), theta) }
            let sum = weights.reduce(0, +)
            let shares = weights.map { $0 / sum }
            let zipfian = counts(100_000, bound) {
                KeyDistribution.zipfian(theta: theta).index(count: bound, ordinal: 0, &$0)
            }
            #expect(chiSquare(zipfian, shares) < limit, "zipfian \(theta)")
            let latest = counts(100_000, bound) {
                KeyDistribution.latest(theta: theta).index(count: bound, ordinal: 0, &$0)
            }
            #expect(chiSquare(latest.reversed(), shares) < limit, "latest \(theta)")
        }
        let hot = counts(100_000, bound) {
            KeyDistribution.hotspot(keys: 0.1, traffic: 0.75).index(
                count: bound, ordinal: 0, &$0)
        }
        let shares = (0..<bound).map { $0 < 5 ? 0.75 / 5 : 0.25 / 45 }
        #expect(chiSquare(hot, shares) < limit)
        let even = counts(100_000, bound) {
            KeyDistribution.uniform.index(count: bound, ordinal: 0, &$0)
        }
        #expect(chiSquare(even, Array(repeating: 1 / Double(bound), count: bound)) < limit)
    }

    private func power(_ base: Double, _ exponent: Double) -> Double {
        // By squares and roots: the test has no mathematics library of its own.
        var result = 1.0
        var rest = exponent
        var factor = base
        while rest >= 1 {
            result *= base
            rest -= 1
        }
        for _ in 0..<40 {
            factor = factor.squareRoot()
            rest *= 2
            if rest >= 1 {
                result *= factor
                rest -= 1
            }
        }
        return result
    }

    @Test("one instance, and none, are no trouble to any pick")
    func smallest() {
        var random = SeededRandom(seed: 3)
        let all: [KeyDistribution] = [
            .uniform, .zipfian(theta: 0.99), .hotspot(keys: 0.1, traffic: 0.9), .sequential,
            .latest(theta: 0.99), .fixed(4),
        ]
        for distribution in all {
            #expect(distribution.index(count: 1, ordinal: 5, &random) == 0)
            #expect(distribution.index(count: 0, ordinal: 5, &random) == 0)
        }
    }

    @Test("hotspot: the share of traffic goes to the share of keys")
    func hotspot() {
        let distribution = KeyDistribution.hotspot(keys: 0.02, traffic: 0.8)
        let counts = counts(50_000, 100) { distribution.index(count: 100, ordinal: 0, &$0) }
        let hot = counts[0] + counts[1]
        #expect(abs(hot - 40_000) < 600)
        #expect(counts[2...].allSatisfy { $0 > 0 })
    }

    @Test("latest prefers the newest; sequential goes round")
    func latest() {
        let counts = counts(20_000, 20) {
            KeyDistribution.latest(theta: 0.99).index(count: 20, ordinal: 0, &$0)
        }
        #expect(counts[19] > counts[10] && counts[10] > counts[0])
        var random = SeededRandom(seed: 1)
        #expect(
            (0..<7).map { KeyDistribution.sequential.index(count: 3, ordinal: $0, &random) }
                == [0, 1, 2, 0, 1, 2, 0])
    }

    @Test("normal and lognormal: mean or median, and within their bounds")
    func bell() {
        var random = SeededRandom(seed: 11)
        let normal = NumberDistribution.normal(mean: 50, deviation: 10, min: 30, max: 70)
        let lognormal = NumberDistribution.lognormal(median: 100, sigma: 1, min: 1, max: 10_000)
        var sum = 0.0
        var below = 0
        for _ in 0..<20_000 {
            let drawn = normal.draw(&random)
            #expect((30...70).contains(drawn))
            sum += drawn
            if lognormal.draw(&random) < 100 { below += 1 }
        }
        #expect(abs(sum / 20_000 - 50) < 0.5)
        #expect(abs(below - 10_000) < 400)
    }

    @Test("percentiles are met")
    func percentiles() {
        let distribution = NumberDistribution.percentiles([
            .init(share: 0, value: 0), .init(share: 0.5, value: 100), .init(share: 1, value: 1_000),
        ])
        var random = SeededRandom(seed: 5)
        var below = 0
        for _ in 0..<20_000 {
            let drawn = distribution.draw(&random)
            #expect((0...1_000).contains(drawn))
            if drawn < 100 { below += 1 }
        }
        #expect(abs(below - 10_000) < 400)
    }
}
