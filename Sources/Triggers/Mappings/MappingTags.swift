internal import Functions
package import Operations

/// The tags of mappings, for Lambda's TagResource, UntagResource and ListTags.
package struct MappingTags: TagKeeper {
    private let catalogue: MappingCatalogue
    private let accountID: String

    package init(_ catalogue: MappingCatalogue, accountID: String) {
        self.catalogue = catalogue
        self.accountID = accountID
    }

    package func keepsTags(of arn: String) -> Bool { arn.contains(":event-source-mapping:") }

    package func tags(
        of arn: String, region: String
    ) async throws(ServiceError) -> [String: String] {
        try mapping(arn, region: region).tags
    }

    package func changeTags(
        of arn: String, _ changes: [String: String?], region: String
    ) async throws(ServiceError) {
        let uuid = try mapping(arn, region: region).uuid
        try await catalogue.setTags(uuid, region: region) { tags throws(ServiceError) in
            for (key, value) in changes { tags[key] = value }
            tags = try Self.checked(tags)
        }
    }

    private func mapping(
        _ arn: String, region: String
    ) throws(ServiceError) -> EventSourceMapping {
        guard let arn = ResourceARN(arn), arn.region == region, arn.accountID == accountID,
            arn.resourceParts.count == 2,
            let mapping = catalogue.mapping(arn.resourceParts[1].lowercased(), region: region)
        else { throw MappingCatalogue.notFound }
        return mapping
    }

    /// Tags that are within the service's limits.
    ///
    /// - Throws: InvalidParameterValueException where they aren't.
    static func checked(_ tags: [String: String]) throws(ServiceError) -> [String: String] {
        guard tags.count <= Limits.tagsMax else {
            throw MappingRules.refusal("Number of tags exceeds resource tag limit.")
        }
        for (key, value) in tags {
            guard (1...Limits.tagKeyLengthMax).contains(key.utf16.count),
                !key.lowercased().hasPrefix("aws:")
            else { throw MappingRules.refusal("The tag key is invalid: \(key)") }
            guard value.utf16.count <= Limits.tagValueLengthMax else {
                throw MappingRules.refusal("The tag value of \(key) is too long.")
            }
        }
        return tags
    }
}
