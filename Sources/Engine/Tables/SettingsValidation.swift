import Operations

/// The rules of a table's streams, encryption and tags.
enum SettingsValidation {
    /// A stream that is on has a view type; one that is off has none.
    static func check(_ stream: StreamSpecification?) throws(ServiceError) {
        guard let stream else { return }
        if stream.streamEnabled, stream.streamViewType == nil {
            throw .invalidParameterValues(
                "StreamViewType is required when StreamEnabled is true")
        }
        if !stream.streamEnabled, stream.streamViewType != nil {
            throw .invalidParameterValues(
                "StreamViewType can not be specified when StreamEnabled is false")
        }
    }

    /// A key or type makes sense only with encryption by KMS switched on.
    static func check(_ encryption: SSESpecification?) throws(ServiceError) {
        guard let encryption else { return }
        if encryption.enabled != true {
            guard encryption.sseType == nil else {
                throw .invalidParameterValues(
                    "SSEType can not be specified when SSE is not enabled")
            }
            guard encryption.kmsMasterKeyId == nil else {
                throw .invalidParameterValues(
                    "KMSMasterKeyId can not be specified when SSE is not enabled")
            }
        }
        if encryption.sseType == .aes256 {
            throw .invalidParameterValues("SSEType AES256 is not supported")
        }
    }

    /// Checks tags that a request gives: no key twice, none of the service's own.
    static func check(_ tags: [Tag]) throws(ServiceError) {
        var keys = Set<String>()
        for tag in tags {
            guard !tag.key.lowercased().hasPrefix("aws:") else {
                throw .invalidParameterValues(
                    "Tag keys starting with 'aws:' are reserved for system use")
            }
            guard keys.insert(tag.key).inserted else {
                throw .invalidParameterValues("Duplicate Tag Key: \(tag.key)")
            }
        }
    }

    /// Checks how many tags a resource has.
    static func checkTagCount(_ count: Int) throws(ServiceError) {
        guard count <= Limits.tagsMax else {
            throw .validation(
                "Number of Tags exceed the current limit for the provided ResourceArn")
        }
    }
}
