internal import Operations

/// A ClientRequestToken and what its request asked, by which a repetition is known.
struct TransactionToken: Sendable {
    let token: String
    /// A digest of everything the request asks, the same however its JSON was written:
    /// `RequestFingerprint` makes it.
    let fingerprint: [UInt8]
}

/// What a transaction is asked to tell.
struct TransactionReturns: Sendable {
    var returnConsumedCapacity = ReturnConsumedCapacity.none
    var returnItemCollectionMetrics = false
}
