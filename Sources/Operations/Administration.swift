/// What a test may ask of the server beside the service's API.
///
/// Answered under `/_basalt/…`, and only where the operator switched it on.
package enum AdministrationRequest: Sendable {
    case readClock
    /// Moves the clock on by seconds, and does all work that becomes due.
    case advanceClock(seconds: Double)
    /// Moves the clock to a time, which must not lie before its present one.
    case setClock(Timestamp)
    /// Splits a partition of a table in two; nil: the widest one.
    case splitPartition(tableName: String, region: String, partition: Int?)
    /// Makes a share (0…1) of transactions and of writes meet a conflict, drawn from a seed.
    case provokeConflicts(rate: Double, seed: UInt64)
    /// The partitions of a table and its global indexes; nil: of every table of the region.
    case readPartitions(tableName: String?, region: String)
    case readThrottling
    /// What becomes of work over the limits from now on.
    case setThrottling(ThrottlingMode)
}

package enum AdministrationResponse: Sendable {
    case clock(ClockReading)
    /// How many partitions the table has now.
    case partitionCount(Int)
    case provokedConflicts(rate: Double, seed: UInt64)
    case partitions([ResourcePartitions], ThrottlingMode)
    case throttling(ThrottlingMode)
}

/// The partitions of a table or global index as they are now.
package struct ResourcePartitions: Sendable, Hashable {
    /// How much of a limit is used.
    package struct Gauge: Sendable, Hashable {
        /// What may be used in a second.
        package var unitsPerSecond: Double
        /// What may be used at once now; below zero: to be waited out.
        package var unitsLeft: Double

        package init(unitsPerSecond: Double, unitsLeft: Double) {
            self.unitsPerSecond = unitsPerSecond
            self.unitsLeft = unitsLeft
        }
    }

    /// Reads or writes of a partition.
    package struct Use: Sendable, Hashable {
        package var capacity: Gauge
        /// Units asked for in a second, over the last minute, served or not.
        package var demand: Double
        /// How many requests met a limit since the partition was made.
        package var throttledCount: Int

        package init(capacity: Gauge, demand: Double, throttledCount: Int) {
            self.capacity = capacity
            self.demand = demand
            self.throttledCount = throttledCount
        }
    }

    package struct Partition: Sendable, Hashable {
        /// Where it begins: the partition hash, and after it what a cut within a key's range adds.
        package var lower: [UInt8]
        /// nil where no capacity is kept.
        package var read: Use?
        package var write: Use?

        package init(lower: [UInt8], read: Use? = nil, write: Use? = nil) {
            self.lower = lower
            self.read = read
            self.write = write
        }
    }

    package var tableName: String
    /// nil: the table itself.
    package var indexName: String?
    /// nil where no capacity is kept: throttling was off since the start.
    package var read: Gauge?
    package var write: Gauge?
    package var partitions: [Partition]

    package init(tableName: String, indexName: String?, partitions: [Partition]) {
        self.tableName = tableName
        self.indexName = indexName
        self.partitions = partitions
    }
}

/// What a clock that can be moved shows.
package struct ClockReading: Sendable, Hashable {
    /// Now, in seconds since 1970.
    package var now: Timestamp
    /// How far it has been moved ahead of the machine's clock, in seconds.
    package var secondsAhead: Double

    package init(now: Timestamp, secondsAhead: Double) {
        self.now = now
        self.secondsAhead = secondsAhead
    }
}

/// Whoever does what an operator asks: the engine.
package protocol AdministrationHandler: Sendable {
    /// The completion is called exactly once, when everything that became due is done.
    func administer(
        _ request: AdministrationRequest,
        completion: @escaping @Sendable (Result<AdministrationResponse, ServiceError>) -> Void)
}
