package import Operations

extension TableRequest {
    /// Deletes the table with its items, indexes and settings, on the commit path.
    ///
    /// The answer tells the table DELETING; it is gone at once.
    ///
    /// - Throws: ResourceNotFoundException; ValidationException while deletion protection is on;
    ///   ResourceInUseException while the table is UPDATING; AccessDeniedException.
    package func stageDeletion(
        in staging: any TableStaging, context: RequestContext, environment: EngineEnvironment
    ) throws(ServiceError) -> OperationOutcome {
        let table = try TableLocation(
            tableName: tableName, for: "DeleteTable", context: context, environment: environment
        ).existing(in: staging)
        guard !table.definition.deletionProtectionEnabled else {
            throw .validation(
                "Resource cannot be deleted as it is currently protected against deletion. "
                    + "Disable deletion protection first.")
        }
        guard !table.definition.isUpdating else { throw .tableIsBeingUpdated(named: table.name) }
        let builder = TableDescriptionBuilder(table, environment: environment)
        let description = builder.descriptionOfDeletion()
        staging.dropTable(table)
        return OperationOutcome(.tableDescription(description))
    }
}
