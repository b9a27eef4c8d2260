/// What a table or global index is entitled to, in units per second.
package enum ThroughputSetting: Sendable, Hashable {
    /// PAY_PER_REQUEST: at least the warm throughput, never more than the maxima (nil: none).
    case onDemand(warmRead: Double, warmWrite: Double, maxRead: Double?, maxWrite: Double?)
    case provisioned(read: Double, write: Double)
}
