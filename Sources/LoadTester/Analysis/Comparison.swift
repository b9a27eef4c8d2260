extension ComparedFigure {
    /// A difference of less than this share is none: two runs of one design differ as much.
    private static let sameShare = 0.05

    private init(
        _ name: String, unit: String, lowerIsBetter: Bool = true, of designs: [DesignReport],
        isBound: (DesignReport) -> Bool = { _ in false }, _ value: (DesignReport) -> Double?
    ) {
        let values = designs.map { value($0).flatMap { $0.isFinite ? $0 : nil } }
        let first = values.first ?? nil
        let ratios = values.map { value -> Double? in
            guard let value, let first, first != 0 else { return nil }
            return value / first
        }
        let verdicts = values.enumerated().map { number, value -> Verdict in
            guard number > 0, let value, let first else { return .none }
            if abs(value - first) <= Self.sameShare * max(abs(first), abs(value)) { return .same }
            return (value < first) == lowerIsBetter ? .better : .worse
        }
        self.init(
            name: name, unit: unit, lowerIsBetter: lowerIsBetter, values: values,
            areBounds: designs.map(isBound), verdicts: verdicts, ratios: ratios)
    }

    /// A design's value as it is shown.
    func text(of design: Int) -> String {
        (areBounds[design] ? "over " : "") + FigureText.value(values[design], unit: unit)
    }

    /// How many times the first design's value another's is, in brackets; empty where that can't be
    /// told.
    func ratioText(of design: Int) -> String {
        guard let ratio = ratios[design], areBounds.first == false else { return "" }
        return " (\(areBounds[design] ? "over " : "")\(FigureText.factor(ratio)))"
    }

    /// The figures that tell designs apart, and those of the patterns that all of them have.
    static func all(of designs: [DesignReport]) -> [ComparedFigure] {
        overall(of: designs) + capacity(of: designs) + patterns(of: designs)
    }

    private static func overall(of designs: [DesignReport]) -> [ComparedFigure] {
        [
            ComparedFigure(
                "requests per second", unit: "requests/s", lowerIsBetter: false, of: designs
            ) { $0.overall.requestsPerSecond },
            ComparedFigure("latency p50", unit: "ms", of: designs) { $0.latency?.p50Milliseconds },
            ComparedFigure("latency p99", unit: "ms", of: designs) { $0.latency?.p99Milliseconds },
            ComparedFigure("dollars per month", unit: "USD", of: designs) { $0.costs.usdPerMonth },
            ComparedFigure("dollars per million requests", unit: "USD", of: designs) {
                $0.overall.usdPerMillionRequests
            },
            ComparedFigure("read units per second", unit: "units/s", of: designs) {
                $0.overall.readUnitsPerSecond
            },
            ComparedFigure("write units per second", unit: "units/s", of: designs) {
                $0.overall.writeUnitsPerSecond
            },
            ComparedFigure("errors", unit: "", of: designs) { Double($0.overall.errorCount) },
            ComparedFigure("throttled requests", unit: "", of: designs) {
                Double($0.overall.throttleCount)
            },
        ]
    }

    private static func capacity(of designs: [DesignReport]) -> [ComparedFigure] {
        [
            ComparedFigure(
                "throttles from this multiple of the rate", unit: "×", lowerIsBetter: false,
                of: designs, isBound: { $0.prediction.first == nil }
            ) { $0.prediction.first?.factor ?? $0.prediction.factorMax },
            ComparedFigure("hottest partition key's share", unit: "%", of: designs) { design in
                design.resources.compactMap { $0.hottestKeys.first?.share }.max().map { $0 * 100 }
            },
            ComparedFigure("hottest partition, of its ceiling", unit: "%", of: designs) { design in
                design.resources.map(\.heat.peakShareOfCeiling).max().map { $0 * 100 }
            },
        ]
    }

    private static func patterns(of designs: [DesignReport]) -> [ComparedFigure] {
        let names = designs.first?.patterns.map(\.name) ?? []
        let common = names.filter { name in
            designs.allSatisfy { $0.patterns.contains { $0.name == name } }
        }
        return common.flatMap { name in
            [
                ComparedFigure("\(name): p99", unit: "ms", of: designs) { design in
                    design.patterns.first { $0.name == name && $0.latency.count > 0 }?
                        .latency.p99Milliseconds
                },
                ComparedFigure("\(name): dollars per million", unit: "USD", of: designs) { design in
                    design.patterns.first { $0.name == name && $0.requestCount > 0 }?
                        .usdPerMillionRequests
                },
            ]
        }
    }
}

extension DesignReport {
    /// The latencies of all requests; nil where none was answered.
    var latency: LatencyReport? { overall.latency.count > 0 ? overall.latency : nil }
}

extension HeatReport {
    /// The highest that any partition reached, of what it can bear.
    var peakShareOfCeiling: Double {
        partitions.map {
            max(
                $0.peakReadUnitsPerSecond / partitionReadUnitsMax,
                $0.peakWriteUnitsPerSecond / partitionWriteUnitsMax)
        }.max() ?? 0
    }
}
