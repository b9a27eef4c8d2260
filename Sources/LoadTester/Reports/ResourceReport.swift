/// What fell on one table or index.
package struct ResourceReport: Sendable, Codable {
    package enum Kind: String, Sendable, Codable {
        case table
        case localIndex
        case globalIndex
    }

    /// `orders`, `orders/by-customer`.
    package var name: String
    package var kind: Kind
    package var keyAttributes: [String]
    package var billing: BillingReport
    /// In the measured phases.
    package var readUnits: Double
    package var writeUnits: Double
    package var readUnitsPerSecond: Double
    package var writeUnitsPerSecond: Double
    package var peakReadUnitsPerSecond: Double
    package var peakWriteUnitsPerSecond: Double
    /// Of an index: its write units for each of its table's.
    package var writeAmplification: Double?
    /// Of the requests that wrote to it; nil where none did.
    package var writeUnitsPerWrite: Double?
    /// When the workload began; nil where nobody told.
    package var itemCount: Int?
    package var byteCount: Int?
    package var itemSizes: ItemSizeReport?
    package var heat: HeatReport
    /// The share of its units of which the driver can't tell where they fell, which count as
    /// spread evenly.
    package var unplacedShare: Double
    package var hottestKeys: [KeyReport]
    /// By whole key, where partition keys hold several items.
    package var hottestItems: [KeyReport]
    /// nil of a local index: it is its table's.
    package var provisioning: ProvisioningReport?

    /// The name of the table that it is, or is an index of.
    package var table: String { name.split(separator: "/").first.map { String($0) } ?? name }
}

package struct BillingReport: Sendable, Codable {
    package enum Mode: String, Sendable, Codable {
        case onDemand
        case provisioned
    }

    package var mode: Mode
    package var tableClass: String
    /// Provisioned, or warm.
    package var readUnits: Double
    package var writeUnits: Double
    package var maxReadUnits: Double?
    package var maxWriteUnits: Double?
}

/// How much work fell on each partition, slot of time by slot.
package struct HeatReport: Sendable, Codable {
    package struct Partition: Sendable, Codable {
        /// Of the hash space, from 0 to 1.
        package var from: Double
        package var to: Double
        package var readUnitsPerSecond: [Double]
        package var writeUnitsPerSecond: [Double]
        package var peakReadUnitsPerSecond: Double
        package var peakWriteUnitsPerSecond: Double
        /// Of all units of the table or index, in partition seconds.
        package var share: Double
    }

    package var secondsPerSlot: Int
    package var firstSecond: Int
    package var partitionReadUnitsMax: Double
    package var partitionWriteUnitsMax: Double
    package var partitions: [Partition]
    /// How much hotter the hottest partition is than the mean; nil without work.
    package var imbalance: Double?
}

/// One of the keys that most of the work fell on.
package struct KeyReport: Sendable, Codable {
    package struct Attribute: Sendable, Codable {
        package var name: String
        package var value: String
    }

    package var attributes: [Attribute]
    /// Of all units of the table or index (a write unit counting as three read units).
    package var share: Double
    package var requestCount: Int
    package var readUnitsPerSecond: Double
    package var writeUnitsPerSecond: Double

    /// As people write it: `customer=42, date=2026-01-02`.
    package var text: String {
        attributes.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
    }
}

/// What provisioned mode would need for this traffic, beside what on-demand mode costs.
package struct ProvisioningReport: Sendable, Codable {
    /// Enough never to throttle.
    package var fixedReadUnits: Double
    package var fixedWriteUnits: Double
    package var fixedUSDPerMonth: Double
    /// What auto scaling at its target of use would hold on average.
    package var scaledReadUnits: Double
    package var scaledWriteUnits: Double
    package var scaledUSDPerMonth: Double
    package var onDemandUSDPerMonth: Double
    /// What is provisioned by the design; nil on demand.
    package var asDesignedUSDPerMonth: Double?
}

/// What a month at the measured rate costs.
package struct CostReport: Sendable, Codable {
    package struct Line: Sendable, Codable {
        package var resource: String
        /// What is paid for: `reads`, `writes`, `provisioned reads`, `storage` and the like.
        package var kind: String
        /// Per month: units, unit hours, or GB.
        package var quantity: Double
        package var unit: String
        package var usdPerMonth: Double
    }

    package var lines: [Line]
    package var requestUSDPerMonth: Double
    package var storageUSDPerMonth: Double
    package var usdPerMonth: Double
    /// The same if every table were of the other class.
    package var otherClassUSDPerMonth: Double
}

/// When the real service would throttle this workload, by the capacity model.
package struct PredictionReport: Sendable, Codable {
    package struct Met: Sendable, Codable {
        /// How many times the measured rate it takes.
        package var factor: Double
        package var resource: String
        /// `Read` or `Write`.
        package var kind: String
        /// `KeyRangeThroughputExceeded` …, as ThrottlingReasons name it.
        package var limit: String
        /// Of the hash space, where the limit is a partition's.
        package var partition: Int?
        /// The hottest key there, where it is a key that makes the heat.
        package var key: String?
        /// At the measured rate: what this limit alone would refuse of what it is asked for.
        package var refusedShare: Double
        /// How far the factor may be off, as a share of it.
        ///
        /// A partition's part of the work is told by so many requests; nil where the factor rests
        /// on all of the work.
        package var uncertainty: Double?
    }

    /// Rates that were tried reach so far.
    package var factorMax: Double
    /// The first limit of tables as the design makes them: an on-demand table has its warm
    /// throughput and hasn't grown yet, and no partition has split.
    package var asCreated: Met?
    /// The first limit once on-demand tables have grown with their traffic, and the partitions
    /// that could split have.
    package var grown: Met?
    /// At the measured rate: what would be refused, as a share of all requests.
    package var refusedShare: Double

    /// The first limit of hot partitions or of what is set: what growing with the traffic would
    /// lift isn't one.
    var first: Met? {
        asCreated?.partition != nil ? asCreated : grown
    }
    /// By how much splits raise the first limit; nil where they don't.
    var factorAfterSplits: Double? {
        guard let first, first.partition != nil else { return nil }
        let after = grown?.factor ?? factorMax
        return after > 1.05 * first.factor ? after : nil
    }
}

/// A finding about the design, with the figures that it rests on.
package struct Verdict: Sendable, Codable {
    package enum Severity: String, Sendable, Codable, CaseIterable {
        /// It fails at this rate.
        case critical
        /// It fails soon, or wastes much.
        case warning
        /// It could be cheaper or faster.
        case advice
        case good
    }

    package struct Figure: Sendable, Codable {
        package var name: String
        package var value: String
    }

    package var severity: Severity
    /// What rule it is of: stable, for programs.
    package var rule: String
    /// The table, index or pattern it is about; nil: the whole.
    package var subject: String?
    /// What is so.
    package var finding: String
    /// What to do about it; empty where nothing needs doing.
    package var remedy: String
    package var figures: [Figure]
}
