package import Items
package import Operations

/// What one request consumed in one table or index.
package struct MeasuredUnits: Sendable {
    /// Its number in `Design.resources`.
    package var resource: Int
    /// Where it fell, with `resource` as the id; nil where the driver can't tell.
    package var place: KeyPlace?
    package var units: Units

    package init(resource: Int, place: KeyPlace?, units: Units) {
        self.resource = resource
        self.place = place
        self.units = units
    }
}

/// One request of a run, as the driver saw it end.
package struct CompletedRequest: Sendable {
    package enum Outcome: Sendable, Hashable {
        case success
        /// The error's code; where it was a throttle, what the service gave as reasons.
        case failure(code: String, reasons: [String])

        var isFailedCondition: Bool {
            if case .failure(code: "ConditionalCheckFailedException", _) = self { return true }
            return false
        }
    }

    /// Its number in `Design.patterns`.
    package var pattern: Int
    /// Its number in `Design.phases`.
    package var phase: Int
    /// Nanoseconds since the run began: when it was due, was sent, was answered.
    ///
    /// Latency is from when it was due, so that a stalled server isn't flattered.
    package var due: UInt64
    package var sent: UInt64
    package var answered: UInt64
    package var outcome: Outcome
    package var consumed: [MeasuredUnits]
    /// The DynamoDB size of the item written or read; 0 where unknown.
    package var itemByteCount: Int
    /// Of a Query or Scan.
    package var returnedCount: Int
    package var evaluatedCount: Int

    package init(
        pattern: Int, phase: Int, due: UInt64, sent: UInt64, answered: UInt64, outcome: Outcome,
        consumed: [MeasuredUnits], itemByteCount: Int = 0, returnedCount: Int = 0,
        evaluatedCount: Int = 0
    ) {
        self.pattern = pattern
        self.phase = phase
        self.due = due
        self.sent = sent
        self.answered = answered
        self.outcome = outcome
        self.consumed = consumed
        self.itemByteCount = itemByteCount
        self.returnedCount = returnedCount
        self.evaluatedCount = evaluatedCount
    }
}

/// Who is told of a run's requests: one per thread of the driver, called by that thread alone.
package protocol RunRecorder: AnyObject {
    func record(_ request: CompletedRequest)
}

/// Items that were put into a table before the run, and the entries they made in an index.
package struct LoadedResource: Sendable, Hashable {
    /// Its number in `Design.resources`.
    package var resource: Int
    package var itemCount: Int
    /// DynamoDB sizes, of the projected attributes in an index.
    package var byteCount: Int
    /// Where some thousand of the items are, each as likely; empty where nobody tells.
    package var places: [KeyPlace] = []

    package init(
        resource: Int, itemCount: Int = 0, byteCount: Int = 0, places: [KeyPlace] = []
    ) {
        self.resource = resource
        self.itemCount = itemCount
        self.byteCount = byteCount
        self.places = places
    }

    /// Adds what was put of the same table or index.
    mutating func add(_ other: LoadedResource) {
        itemCount += other.itemCount
        byteCount += other.byteCount
        places += other.places
    }
}

/// What the driver tells of a run beside its requests.
package struct RunFacts: Sendable {
    package var endpoint: String
    /// When it began, in seconds since 1970.
    package var startedAt: Double
    /// When each phase began and ended, in nanoseconds since the run began.
    package var phases: [(began: UInt64, ended: UInt64)]
    /// How late the driver itself sent requests that were due, in nanoseconds: its own share of the
    /// latencies.
    package var lagP50: UInt64
    package var lagP99: UInt64
    package var lagMax: UInt64
    /// CPU seconds that the driver used.
    package var driverCPUSeconds: Double
    /// Requests that were sent in all phases, whatever became of them.
    package var sentCount = 0
    /// Requests that were due and never sent, since the server couldn't keep up.
    package var unsentCount = 0
    /// Whether somebody stopped the run.
    package var endedEarly = false
    /// What was in the tables before the run, by the number of the resource.
    package var loaded: [LoadedResource] = []

    package init(
        endpoint: String, startedAt: Double, phases: [(began: UInt64, ended: UInt64)],
        lagP50: UInt64, lagP99: UInt64, lagMax: UInt64, driverCPUSeconds: Double
    ) {
        self.endpoint = endpoint
        self.startedAt = startedAt
        self.phases = phases
        self.lagP50 = lagP50
        self.lagP99 = lagP99
        self.lagMax = lagMax
        self.driverCPUSeconds = driverCPUSeconds
    }
}
