package import Operations

extension UpdateTimeToLiveRequest {
    /// Checks what can be checked without knowing what tables there are.
    ///
    /// - Throws: ValidationException.
    package func validate() throws(ServiceError) {
        _ = try ResourceName(tableName: tableName)
    }

    /// Switches the table's time to live on or off, on the commit path.
    ///
    /// The expiry index that comes with it is then filled in the background, and dropped at once
    /// when it goes. The service refuses a second change within an hour; this does not, since it
    /// protects nothing here.
    ///
    /// - Throws: ResourceNotFoundException, AccessDeniedException, and ValidationException where
    ///   nothing would change or another attribute is in use.
    package func stage(
        in staging: any TableStaging, context: RequestContext, environment: EngineEnvironment
    ) throws(ServiceError) -> OperationOutcome {
        var definition = try TableLocation(
            tableName: tableName, for: "UpdateTimeToLive", context: context,
            environment: environment
        ).existing(in: staging).definition
        if let current = definition.timeToLive, current.enabled {
            guard current.attributeName == specification.attributeName else {
                throw .validation(
                    "TimeToLive is active on a different AttributeName: "
                        + "current AttributeName is \(current.attributeName)")
            }
            guard !specification.enabled else {
                throw .validation("TimeToLive is already enabled")
            }
        } else if !specification.enabled {
            throw .validation("TimeToLive is already disabled")
        }
        definition.timeToLive = specification.enabled ? specification : nil
        definition.expiryIndex =
            specification.enabled
            ? ExpiryIndexDefinition(
                id: staging.makeStorageID(), state: .backfilling(cursor: nil)) : nil
        staging.putTable(definition)
        return OperationOutcome(.updateTimeToLive(specification))
    }
}
