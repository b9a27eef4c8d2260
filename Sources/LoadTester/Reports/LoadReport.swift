/// What one run, or several side by side, told: what the terminal, JSON and HTML are readings of.
///
/// Its JSON is described by docs/load/report.schema.json. Milliseconds, bytes, request units and US
/// dollars, as the names say.
package struct LoadReport: Sendable, Codable {
    /// Of the JSON: a member may be added without a change of it.
    package static let formatVersion = 1

    package struct Prices: Sendable, Codable {
        package var region: String
        package var date: String
    }

    package var version = LoadReport.formatVersion
    /// Of which list the dollars are.
    package var prices: Prices
    package var designs: [DesignReport]
    /// Of each figure, what the designs have; empty for one design.
    package var comparison: [ComparedFigure]
    /// What became of `--budget`; nil where there was none.
    package var budget: [BudgetOutcome]?
}

/// One figure of all designs, in their order.
package struct ComparedFigure: Sendable, Codable {
    package enum Verdict: String, Sendable, Codable {
        case better
        case worse
        case same
        /// No figure, or none to compare it with.
        case none
    }

    package var name: String
    /// What a number of it is: `ms`, `USD`, `units`, `requests/s`, `×`, `%`; empty for a count.
    package var unit: String
    package var lowerIsBetter: Bool
    package var values: [Double?]
    /// Whether the true figure lies beyond the value, which is as far as was looked.
    package var areBounds: [Bool]
    /// Each design against the first.
    package var verdicts: [Verdict]
    /// Each design's figure by the first's; nil where that is 0 or either lacks.
    package var ratios: [Double?]
}

/// A run of one design.
package struct DesignReport: Sendable, Codable {
    package var name: String
    package var summary: String
    package var endpoint: String
    /// In UTC, as ISO 8601 writes it.
    package var startedAt: String
    package var seed: UInt64
    package var clientCount: Int
    package var driver: DriverReport
    package var phases: [PhaseReport]
    /// The steady phases' figures; of all the workload where no phase is steady.
    package var overall: WorkloadReport
    package var patterns: [PatternReport]
    package var loading: LoadingReport
    package var timeline: TimelineReport
    package var resources: [ResourceReport]
    package var costs: CostReport
    package var prediction: PredictionReport
    package var verdicts: [Verdict]
}

/// How much of the latencies the driver itself may have made.
package struct DriverReport: Sendable, Codable {
    package var lagMillisecondsP50: Double
    package var lagMillisecondsP99: Double
    package var lagMillisecondsMax: Double
    package var cpuSeconds: Double
    /// Requests that were due and never sent, since the endpoint couldn't keep up.
    package var unsentCount: Int
    /// Whether somebody stopped the run before its time.
    package var endedEarly: Bool
}

package struct PhaseReport: Sendable, Codable {
    package var name: String
    package var kind: String
    package var beganSeconds: Double
    package var seconds: Double
    package var isMeasured: Bool
    package var requestCount: Int
    package var requestsPerSecond: Double
    package var latency: LatencyReport
    package var errorCount: Int
    package var throttleCount: Int
    package var readUnits: Double
    package var writeUnits: Double
}

package struct LatencyReport: Sendable, Codable {
    package struct Point: Sendable, Codable {
        package var percentile: Double
        package var milliseconds: Double
    }

    /// How many requests: those that were answered without an error.
    package var count: Int
    package var meanMilliseconds: Double
    package var p50Milliseconds: Double
    package var p90Milliseconds: Double
    package var p99Milliseconds: Double
    package var p999Milliseconds: Double
    package var maxMilliseconds: Double
    /// For a plot: as far into the tail as there are requests.
    package var curve: [Point]
}

package struct CountByReason: Sendable, Codable {
    package var reason: String
    package var count: Int
}

/// All requests together.
package struct WorkloadReport: Sendable, Codable {
    package var requestCount: Int
    package var seconds: Double
    package var requestsPerSecond: Double
    /// From when a request was due, so that what waited its turn counts.
    package var latency: LatencyReport
    /// From when a request was sent.
    package var serviceTime: LatencyReport
    package var errorCount: Int
    package var throttleCount: Int
    package var readUnits: Double
    package var writeUnits: Double
    package var readUnitsPerSecond: Double
    package var writeUnitsPerSecond: Double
    /// At on-demand prices.
    package var usdPerMillionRequests: Double
}

package struct UnitsByResource: Sendable, Codable {
    /// `orders`, `orders/by-customer`.
    package var resource: String
    package var readUnits: Double
    package var writeUnits: Double
}

package struct PatternReport: Sendable, Codable {
    package var name: String
    package var operation: String
    package var resource: String
    package var requestCount: Int
    package var requestsPerSecond: Double
    package var targetRequestsPerSecond: Double?
    package var latency: LatencyReport
    package var serviceTime: LatencyReport
    package var errors: [CountByReason]
    package var throttleCount: Int
    package var throttles: [CountByReason]
    package var units: [UnitsByResource]
    package var readUnitsPerRequest: Double
    package var writeUnitsPerRequest: Double
    /// At on-demand prices.
    package var usdPerMillionRequests: Double
    package var usdPerMonth: Double
    package var itemSizes: ItemSizeReport?
    /// Of a Query or Scan.
    package var returnedCount: Int
    package var evaluatedCount: Int
}

package struct ItemSizeReport: Sendable, Codable {
    package var count: Int
    package var meanBytes: Double
    package var p50Bytes: Int
    package var p99Bytes: Int
    package var maxBytes: Int
}

/// What filling the tables took, once.
package struct LoadingReport: Sendable, Codable {
    package var requestCount: Int
    package var errorCount: Int
    package var throttleCount: Int
    package var readUnits: Double
    package var writeUnits: Double
    /// At on-demand prices.
    package var usd: Double
}

/// The workload slot by slot.
package struct TimelineReport: Sendable, Codable {
    package var secondsPerSlot: Int
    /// When the first slot begins, in seconds since the run began.
    package var firstSecond: Int
    package var requestsPerSecond: [Double]
    package var p50Milliseconds: [Double]
    package var p99Milliseconds: [Double]
    package var errorsPerSecond: [Double]
    package var throttlesPerSecond: [Double]
    package var readUnitsPerSecond: [Double]
    package var writeUnitsPerSecond: [Double]
}
