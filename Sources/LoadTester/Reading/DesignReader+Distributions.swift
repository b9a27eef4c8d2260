/// Distributions of numbers, sizes and picks in a design file.
extension DesignReader {
    static let numberGenerators = [
        "$uniform", "$normal", "$lognormal", "$zipfian", "$hotspot", "$percentiles",
    ]

    /// A size or a count: a number, `[from, to]`, or a generator of numbers.
    mutating func size(
        _ node: DesignNode, _ path: String, max: Int
    ) -> NumberDistribution? {
        if node.number != nil {
            return integer(node, path, 0...max).map { .fixed(Double($0)) }
        }
        if node.elements != nil { return uniform(node, path, 0...Double(max)) }
        guard let generator = node.generator, Self.numberGenerators.contains(generator.key)
        else {
            return expected("a number, [from, to] or a generator of numbers", node, path)
        }
        let bounds = 0...Double(max)
        return distribution(generator, "\(path).\(generator.key)", bounds)?.distribution
    }

    /// The distribution of `$uniform: …` and the like, and its decimals.
    mutating func distribution(
        _ generator: DesignNode.Member, _ path: String, _ range: ClosedRange<Double>
    ) -> (distribution: NumberDistribution, decimals: Int)? {
        let node = generator.value
        var decimals = 0
        if let member = node["decimals"] {
            decimals = integer(member, "\(path).decimals", 0...9) ?? 0
        }
        let distribution: NumberDistribution?
        switch generator.key {
        case "$uniform": distribution = uniform(node, path, range)
        case "$normal":
            distribution = bounded(node, path, range, ["mean", "deviation"]).map {
                .normal(mean: $0.0, deviation: $0.1, min: $0.2, max: $0.3)
            }
        case "$lognormal":
            distribution = bounded(node, path, range, ["median", "sigma"]).map {
                .lognormal(median: $0.0, sigma: $0.1, min: $0.2, max: $0.3)
            }
        case "$percentiles": distribution = percentiles(node, path, range)
        default: distribution = skewed(generator, path)
        }
        return distribution.map { ($0, decimals) }
    }

    private mutating func uniform(
        _ node: DesignNode, _ path: String, _ range: ClosedRange<Double>
    ) -> NumberDistribution? {
        var ends: (DesignNode?, DesignNode?)
        if let elements = node.elements {
            guard elements.count == 2 else { return expected("[from, to]", node, path) }
            ends = (elements[0], elements[1])
        } else {
            guard
                let members = map(
                    node, path, known: ["from", "to", "decimals"], required: ["from", "to"])
            else { return nil }
            ends = (members["from"], members["to"])
        }
        guard let from = number(ends.0, "\(path).from", range),
            let to = number(ends.1, "\(path).to", range)
        else { return nil }
        guard from <= to else {
            fault(node.mark, path, "'from' is more than 'to'")
            return nil
        }
        return .uniform(from: from, to: to)
    }

    private mutating func bounded(
        _ node: DesignNode, _ path: String, _ range: ClosedRange<Double>, _ names: [String]
    ) -> (Double, Double, Double, Double)? {
        guard
            let members = map(
                node, path, known: names + ["min", "max", "decimals"], required: names),
            let first = number(members[names[0]], "\(path).\(names[0])", range),
            let second = number(members[names[1]], "\(path).\(names[1])", 0...1e12)
        else { return nil }
        let min = number(members["min"], "\(path).min", range) ?? range.lowerBound
        let max = number(members["max"], "\(path).max", range) ?? range.upperBound
        guard min <= max else {
            fault(node.mark, path, "'min' is more than 'max'")
            return nil
        }
        return (first, second, min, max)
    }

    private mutating func percentiles(
        _ node: DesignNode, _ path: String, _ range: ClosedRange<Double>
    ) -> NumberDistribution? {
        guard let members = node.members, !members.isEmpty else {
            return expected("percentiles like {p0: 10, p50: 100, p100: 1000}", node, path)
        }
        var points: [NumberDistribution.Percentile] = []
        for member in members where member.key != "decimals" {
            guard member.key.hasPrefix("p"), let percent = Double(member.key.dropFirst()),
                (0...100).contains(percent)
            else {
                fault(member.mark, path, "expected a percentile like p50, not '\(member.key)'")
                return nil
            }
            guard let value = number(member.value, "\(path).\(member.key)", range) else {
                return nil
            }
            points.append(NumberDistribution.Percentile(share: percent / 100, value: value))
        }
        points.sort { $0.share < $1.share }
        guard zip(points, points.dropFirst()).allSatisfy({ $0.value <= $1.value }) else {
            fault(node.mark, path, "higher percentiles have lower values")
            return nil
        }
        return .percentiles(points)
    }

    private mutating func skewed(
        _ generator: DesignNode.Member, _ path: String
    ) -> NumberDistribution? {
        let isZipfian = generator.key == "$zipfian"
        let bound = 1_000_000_000_000
        guard
            let members = map(
                generator.value, path,
                known: isZipfian ? ["from", "to", "theta"] : ["from", "to", "keys", "traffic"],
                required: isZipfian ? ["from", "to"] : ["from", "to", "keys", "traffic"]),
            let from = integer(members["from"], "\(path).from", -bound...bound),
            let to = integer(members["to"], "\(path).to", -bound...bound)
        else { return nil }
        guard from <= to else {
            fault(generator.mark, path, "'from' is more than 'to'")
            return nil
        }
        if isZipfian {
            let theta = number(members["theta"], "\(path).theta", 0.01...5) ?? 0.99
            return .zipfian(from: from, to: to, theta: theta)
        }
        guard let keys = number(members["keys"], "\(path).keys", 0...1),
            let traffic = number(members["traffic"], "\(path).traffic", 0...1)
        else { return nil }
        return .hotspot(from: from, to: to, keys: keys, traffic: traffic)
    }

    // MARK: Picks

    /// How instances are picked: `uniform`, `{zipfian: 0.99}`, `latest` and the like.
    mutating func keyDistribution(_ node: DesignNode, _ path: String) -> KeyDistribution? {
        let words = ["uniform", "zipfian", "sequential", "latest"]
        if let word = node.string {
            switch word {
            case "uniform": return .uniform
            case "zipfian": return .zipfian(theta: 0.99)
            case "sequential": return .sequential
            case "latest": return .latest(theta: 0.99)
            default:
                fault(
                    node.mark, path,
                    "unknown word '\(word)'"
                        + Spelling.hint(word, among: words + ["new", "{hotspot: …}", "{at: …}"]))
                return nil
            }
        }
        guard let members = node.members, members.count == 1, let only = members.first else {
            return expected("a distribution like uniform or {zipfian: 0.99}", node, path)
        }
        let place = "\(path).\(only.key)"
        switch only.key {
        case "zipfian": return number(only.value, place, 0.01...5).map { .zipfian(theta: $0) }
        case "latest": return number(only.value, place, 0.01...5).map { .latest(theta: $0) }
        case "at":
            return integer(only.value, place, 0...1_000_000_000).map { .fixed($0) }
        case "hotspot":
            guard
                let members = map(
                    only.value, place, known: ["keys", "traffic"], required: ["keys", "traffic"]),
                let keys = number(members["keys"], "\(place).keys", 0...1),
                let traffic = number(members["traffic"], "\(place).traffic", 0...1)
            else { return nil }
            return .hotspot(keys: keys, traffic: traffic)
        default:
            fault(
                only.mark, path,
                "unknown key '\(only.key)'"
                    + Spelling.hint(only.key, among: ["zipfian", "hotspot", "latest", "at", "of"]))
            return nil
        }
    }
}
