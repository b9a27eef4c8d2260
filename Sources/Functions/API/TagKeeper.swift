package import Operations

/// Whoever keeps the tags of resources that are no functions: event source mappings.
package protocol TagKeeper: Sendable {
    /// Whether an ARN is of the kind that it keeps tags of.
    func keepsTags(of arn: String) -> Bool

    /// - Throws: ResourceNotFoundException where there is no such resource.
    func tags(of arn: String, region: String) async throws(ServiceError) -> [String: String]

    /// Changes tags: sets those with a value, removes those with nil.
    func changeTags(
        of arn: String, _ changes: [String: String?], region: String
    ) async throws(ServiceError)
}
