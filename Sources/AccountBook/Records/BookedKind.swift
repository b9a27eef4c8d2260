package import Operations

/// What a record counts, by the number under which it has it.
///
/// A number is never given to another kind.
package enum BookedKind: Sendable, Hashable {
    /// Work in a table that is paid by request, and what is counted before that is known.
    case onDemand
    /// Work in a table that is paid by its provisioned capacity.
    case provisioned
    /// Work that met a limit, refused or (where throttling is observed) served.
    case throttled(CapacityKind, ThrottleLimit)
    /// Requests that were refused for a fault of the client's.
    case userError
    /// Requests that failed for a fault of ours.
    case systemError
    case failedCondition
    case transactionConflict
    /// What stood rather than happened, in unit-seconds: provisioned reads and writes in
    /// `readHalves` and `writeHalves`, stored bytes in `bytes`, index entries in `items`.
    case standing
    /// What recovery to a point in time held, in unit-seconds: as in `standing`.
    case continuousBackup

    private static let limits: [ThrottleLimit] = [
        .provisionedThroughput, .account, .keyRange, .maxOnDemand,
    ]

    package var number: UInt8 {
        switch self {
        case .onDemand: 0
        case .provisioned: 1
        case .throttled(let kind, let limit):
            (kind == .read ? 16 : 24) + UInt8(Self.limits.firstIndex(of: limit) ?? 0)
        case .userError: 32
        case .systemError: 33
        case .failedCondition: 34
        case .transactionConflict: 35
        case .standing: 64
        case .continuousBackup: 65
        }
    }

    /// nil for a number that stands for nothing.
    package init?(number: UInt8) {
        switch number {
        case 0: self = .onDemand
        case 1: self = .provisioned
        case 16...19: self = .throttled(.read, Self.limits[Int(number) - 16])
        case 24...27: self = .throttled(.write, Self.limits[Int(number) - 24])
        case 32: self = .userError
        case 33: self = .systemError
        case 34: self = .failedCondition
        case 35: self = .transactionConflict
        case 64: self = .standing
        case 65: self = .continuousBackup
        default: return nil
        }
    }

    /// Whether it tells what stood for a while rather than what happened.
    package var isStanding: Bool { self == .standing || self == .continuousBackup }
    /// Whether it counts work that was done and charged.
    package var isWork: Bool { self == .onDemand || self == .provisioned }

    /// The failure that a request came to.
    init(_ error: ServiceError) {
        switch error.code {
        case "ConditionalCheckFailedException": self = .failedCondition
        case "TransactionConflictException": self = .transactionConflict
        case "TransactionCanceledException":
            let codes = error.cancellationReasons?.map(\.code) ?? []
            if codes.contains("TransactionConflict") {
                self = .transactionConflict
            } else {
                self = codes.contains("ConditionalCheckFailed") ? .failedCondition : .userError
            }
        default: self = error.status >= 500 ? .systemError : .userError
        }
    }
}
