package import Operations

/// Point-in-time recovery of a table that has it switched on.
package struct PointInTimeRecovery: Sendable, Codable {
    package var enabledAt: Timestamp
    package var periodInDays: Int
}

extension UpdateContinuousBackupsRequest {
    /// Switches recovery to a point in time on or off, on the commit path.
    ///
    /// The switch is kept and told, with the times that follow from it; nothing is kept to restore
    /// from. Switching on what is on changes the period alone.
    ///
    /// - Throws: TableNotFoundException, ValidationException, AccessDeniedException.
    package func stage(
        in staging: any TableStaging, context: RequestContext, environment: EngineEnvironment
    ) throws(ServiceError) -> OperationOutcome {
        let location = try TableLocation(
            tableName: tableName, for: "UpdateContinuousBackups", context: context,
            environment: environment)
        var definition = try location.backedUp(in: staging).definition
        if pointInTimeRecoveryEnabled {
            definition.pointInTimeRecovery = PointInTimeRecovery(
                enabledAt: definition.pointInTimeRecovery?.enabledAt ?? environment.now(),
                periodInDays: recoveryPeriodInDays
                    ?? definition.pointInTimeRecovery?.periodInDays
                    ?? Limits.recoveryPeriodInDaysDefault)
        } else {
            definition.pointInTimeRecovery = nil
        }
        staging.putTable(definition)
        return OperationOutcome(
            .describeContinuousBackups(definition.continuousBackups(now: environment.now())))
    }
}

extension TableLocation {
    /// The table, for the operations on backups, which have an error of their own.
    ///
    /// - Throws: TableNotFoundException.
    func backedUp(in tables: any TableLookup) throws(ServiceError) -> Table {
        guard let table = tables.table(named: name, region: region) else {
            throw ServiceError("TableNotFoundException", "Table not found: \(name)")
        }
        return table
    }
}

extension TableDefinition {
    /// What is told of the table's continuous backups.
    ///
    /// Recovery reaches back to when it was switched on or for its period, and forward to five
    /// minutes ago, in whole seconds.
    func continuousBackups(now: Timestamp) -> ContinuousBackupsDescription {
        ContinuousBackupsDescription(
            pointInTimeRecovery: pointInTimeRecovery.map { recovery in
                let enabledAt = recovery.enabledAt.rounded(.down)
                let earliest = max(
                    enabledAt, (now - Double(recovery.periodInDays) * 86_400).rounded(.down))
                return PointInTimeRecoveryDescription(
                    recoveryPeriodInDays: recovery.periodInDays, earliest: earliest,
                    latest: max(earliest, (now - 300).rounded(.down)))
            })
    }
}
