package import Operations

/// Whoever reads objects of buckets: where a function's code may lie.
package protocol ObjectReader: Sendable {
    /// The bytes of an object.
    ///
    /// - Parameter version: nil for the latest.
    /// - Throws: what the caller answers with; `NoSuchKey` and `NoSuchBucket` of S3 keep their
    ///   code, message and status.
    func object(
        bucket: String, key: String, version: String?, region: String
    ) async throws(ServiceError) -> [UInt8]
}
