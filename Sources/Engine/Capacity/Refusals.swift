internal import Operations

/// Which items of a batch were throttled; the others are served.
struct Refusals {
    private var first: ServiceError?
    private var throttles: [ThrottledWork] = []
    private var servesAny = false

    mutating func add(_ error: ServiceError) {
        if first == nil { first = error }
        throttles += error.consumption?.throttles ?? []
    }

    mutating func countServed() { servesAny = true }

    /// The work that was refused.
    ///
    /// - Throws: the first item's error, where every item was refused.
    func checked() throws(ServiceError) -> [ThrottledWork] {
        guard !servesAny, var error = first else { return throttles }
        error.consumption?.throttles = throttles
        throw error
    }
}
