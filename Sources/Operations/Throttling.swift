package import Items

/// Reading or writing: they have capacities of their own.
package enum CapacityKind: String, Sendable, Hashable, CaseIterable {
    case read = "Read"
    case write = "Write"
}

/// Which limit was met, as the service's throttling reasons name it.
package enum ThrottleLimit: String, Sendable, Hashable, CaseIterable {
    /// The throughput that a table or index is provisioned with.
    case provisionedThroughput = "ProvisionedThroughputExceeded"
    /// The account's quota, in all of its tables or in one.
    case account = "AccountLimitExceeded"
    /// What one partition serves in a second.
    case keyRange = "KeyRangeThroughputExceeded"
    /// The maximum that OnDemandThroughput sets.
    case maxOnDemand = "MaxOnDemandThroughputExceeded"
}

/// One of the ThrottlingReasons of an error: `TableReadKeyRangeThroughputExceeded`, of a table's or
/// an index's ARN.
package struct ThrottlingReason: Sendable, Hashable {
    package var isIndex: Bool
    package var kind: CapacityKind
    package var limit: ThrottleLimit
    /// The ARN of the table, or of the index.
    package var resource: String

    package init(isIndex: Bool, kind: CapacityKind, limit: ThrottleLimit, resource: String) {
        self.isIndex = isIndex
        self.kind = kind
        self.limit = limit
        self.resource = resource
    }

    /// The text of `reason`.
    package var reason: String {
        (isIndex ? "Index" : "Table") + kind.rawValue + limit.rawValue
    }
}

/// Work that met a limit: refused, or served all the same where throttling is only observed.
package struct ThrottledWork: Sendable, Hashable {
    package var place: KeyPlace
    package var kind: CapacityKind
    package var limit: ThrottleLimit

    package init(place: KeyPlace, kind: CapacityKind, limit: ThrottleLimit) {
        self.place = place
        self.kind = kind
        self.limit = limit
    }
}

/// What becomes of work over the limits: `--throttling`.
package enum ThrottlingMode: String, Sendable, Hashable, CaseIterable {
    /// No limits, and nothing counted.
    case off
    /// Counted and served.
    case observe
    /// Refused as the service refuses it.
    case enforce
}
