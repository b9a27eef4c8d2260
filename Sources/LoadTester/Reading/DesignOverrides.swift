/// What a command line says otherwise than the design file.
package struct DesignOverrides: Sendable, Hashable {
    package enum Rate: Sendable, Hashable {
        /// Requests per second in all.
        case total(Double)
        /// So many times the file's.
        case times(Double)
        /// As many as go, in a closed loop.
        case max
    }

    package var rate: Rate?
    /// Seconds of all phases together.
    package var duration: Double?
    package var seed: UInt64?
    package var clientCount: Int?

    package init(
        rate: Rate? = nil, duration: Double? = nil, seed: UInt64? = nil, clientCount: Int? = nil
    ) {
        self.rate = rate
        self.duration = duration
        self.seed = seed
        self.clientCount = clientCount
    }
}

extension DesignOverrides.Rate {
    /// The rate of `500`, `2x` or `max`; nil for anything else.
    package init?(_ text: String) {
        if text == "max" {
            self = .max
            return
        }
        let isTimes = text.hasSuffix("x")
        guard let value = Double(isTimes ? String(text.dropLast()) : text), value > 0,
            value <= 1_000_000
        else { return nil }
        self = isTimes ? .times(value) : .total(value)
    }
}

extension DesignFile {
    /// Changes rate, duration and clients; the seed is taken when the file is read.
    mutating func apply(_ overrides: DesignOverrides) {
        if let clientCount = overrides.clientCount { design.clientCount = clientCount }
        if let duration = overrides.duration {
            let total = design.phases.reduce(0) { $0 + $1.seconds }
            for place in design.phases.indices where total > 0 {
                design.phases[place].seconds *= duration / total
            }
        }
        guard let rate = overrides.rate else { return }
        let shares = design.patterns.map { $0.targetRate ?? $0.weight }
        let sum = shares.reduce(0, +)
        guard sum > 0 else { return }
        if case .max = rate {
            workload.arrivals = .max
            for place in design.patterns.indices {
                design.patterns[place].weight = shares[place]
                design.patterns[place].targetRate = nil
            }
            return
        }
        let factor: Double
        switch rate {
        case .times(let times): factor = times
        case .total(let total): factor = total / sum
        case .max: return
        }
        if workload.arrivals == .max {
            guard case .total = rate else { return }
            workload.arrivals = .poisson
        }
        for place in design.patterns.indices {
            design.patterns[place].targetRate = shares[place] * factor
        }
    }
}
