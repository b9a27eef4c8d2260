package import Operations

/// What a table or global index is entitled to, in units per second.
package enum ThroughputSetting: Sendable, Hashable, Codable {
    /// PAY_PER_REQUEST: at least the warm throughput, never more than the maxima (nil: none).
    case onDemand(warmRead: Double, warmWrite: Double, maxRead: Double?, maxWrite: Double?)
    case provisioned(read: Double, write: Double)

    package var isOnDemand: Bool {
        if case .onDemand = self { true } else { false }
    }

    /// What is provisioned, or warm.
    package func units(_ kind: CapacityKind) -> Double {
        switch self {
        case .onDemand(let read, let write, _, _), .provisioned(let read, let write):
            kind == .read ? read : write
        }
    }

    /// The maximum of an on-demand table; nil: none.
    package func maximum(_ kind: CapacityKind) -> Double? {
        guard case .onDemand(_, _, let read, let write) = self else { return nil }
        return kind == .read ? read : write
    }
}
