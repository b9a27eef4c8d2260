internal import Operations

/// What became of an access pattern's requests in one phase.
struct PatternRecord: Sendable {
    private(set) var requestCount = 0
    /// Of requests that were answered without an error; from when each was due.
    private(set) var latencies = Latencies()
    /// The same from when each was sent.
    private(set) var serviceTimes = Latencies()
    /// By code; throttles are not among them.
    private(set) var errors: [String: Int] = [:]
    private(set) var throttleCount = 0
    /// By reason: a request may have several.
    private(set) var throttleReasons: [String: Int] = [:]
    /// By number in `Design.resources`.
    private(set) var units: [Units]
    private(set) var itemSizes = ItemSizes()
    private(set) var returnedCount = 0
    private(set) var evaluatedCount = 0

    init(resourceCount: Int) {
        units = [Units](repeating: Units(), count: resourceCount)
    }

    var errorCount: Int { errors.values.reduce(0, +) }
    var total: Units { units.reduce(into: Units()) { $0 += $1 } }

    mutating func add(_ request: CompletedRequest) {
        requestCount += 1
        switch request.outcome {
        case .success:
            latencies.record(from: request.due, to: request.answered)
            serviceTimes.record(from: request.sent, to: request.answered)
        case .failure(let code, let reasons):
            if Throttles.isThrottle(code, reasons) {
                throttleCount += 1
                for reason in reasons.isEmpty ? [code] : reasons {
                    throttleReasons[reason, default: 0] += 1
                }
            } else {
                errors[code, default: 0] += 1
            }
        }
        for consumed in request.consumed where units.indices.contains(consumed.resource) {
            units[consumed.resource] += consumed.units
        }
        itemSizes.record(request.itemByteCount)
        returnedCount += request.returnedCount
        evaluatedCount += request.evaluatedCount
    }

    mutating func add(_ other: PatternRecord) {
        requestCount += other.requestCount
        latencies.add(other.latencies)
        serviceTimes.add(other.serviceTimes)
        errors.merge(other.errors, uniquingKeysWith: +)
        throttleCount += other.throttleCount
        throttleReasons.merge(other.throttleReasons, uniquingKeysWith: +)
        for resource in units.indices where other.units.indices.contains(resource) {
            units[resource] += other.units[resource]
        }
        itemSizes.add(other.itemSizes)
        returnedCount += other.returnedCount
        evaluatedCount += other.evaluatedCount
    }
}

/// Which errors mean that capacity was lacking.
enum Throttles {
    /// Whether a failure is a throttle; of a cancelled transaction the reasons decide.
    ///
    /// A batch of which the service left something met one too: where nothing of a batch is done,
    /// the service throws.
    static func isThrottle(_ code: String, _ reasons: [String]) -> Bool {
        switch code {
        case "ProvisionedThroughputExceededException", "ThrottlingException",
            "RequestLimitExceeded", "UnprocessedItems", "UnprocessedKeys":
            true
        case "TransactionCanceledException":
            !cancellations.isDisjoint(with: reasons)
        default: false
        }
    }

    private static let cancellations: Set<String> = [
        "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded",
    ]
}

/// All requests of one slot of time.
struct SecondRecord: SlotFigures {
    private(set) var requestCount = 0
    private(set) var errorCount = 0
    private(set) var throttleCount = 0
    private(set) var units = Units()
    private(set) var latencies = SlotLatencies()

    init() {}

    mutating func add(_ request: CompletedRequest) {
        requestCount += 1
        switch request.outcome {
        case .success: latencies.record(from: request.due, to: request.answered)
        case .failure(let code, let reasons):
            if Throttles.isThrottle(code, reasons) { throttleCount += 1 } else { errorCount += 1 }
        }
        for consumed in request.consumed { units += consumed.units }
    }

    mutating func add(_ other: SecondRecord) {
        requestCount += other.requestCount
        errorCount += other.errorCount
        throttleCount += other.throttleCount
        units += other.units
        latencies.add(other.latencies)
    }
}
