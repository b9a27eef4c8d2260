import Operations

/// An UpdateTable at work: the definition as it becomes, step by step.
struct TableUpdate {
    let request: UpdateTableRequest
    let now: Timestamp
    var definition: TableDefinition

    /// - Parameters:
    ///   - definition: the table as it is.
    ///   - now: in whole milliseconds.
    init(_ request: UpdateTableRequest, of definition: TableDefinition, now: Timestamp) {
        self.request = request
        self.definition = definition
        self.now = now
    }

    /// Applies all that the request asks for, or throws at the first thing that cannot be.
    mutating func apply(in staging: any TableStaging) throws(ServiceError) {
        let previous = definition
        try checkOnlineIndexChanges()
        try changeBilling()
        try changeIndexes(makeStorageID: staging.makeStorageID)
        try checkIndexesAreProvisioned(since: previous)
        try changeOnDemandThroughput()
        try changeWarmThroughput(since: previous)
        definition.growPartitions()
        try changeStream(in: staging)
        try changeEncryption()
        if let tableClass = request.tableClass, tableClass != definition.tableClass ?? .standard {
            definition.tableClass = tableClass
            definition.tableClassUpdatedAt = now
        }
        if let isProtected = request.deletionProtectionEnabled {
            definition.deletionProtectionEnabled = isProtected
        }
    }

    private mutating func changeStream(in staging: any TableStaging) throws(ServiceError) {
        guard let stream = request.streamSpecification else { return }
        let isEnabled = definition.streamSpecification?.streamEnabled ?? false
        guard stream.streamEnabled != isEnabled else {
            let state = isEnabled ? "an enabled" : "a disabled"
            throw .validation("Table already has \(state) stream: TableName: \(definition.name)")
        }
        guard stream.streamEnabled else {
            definition.streamSpecification = nil
            return
        }
        definition.streamSpecification = stream
        definition.latestStreamLabel = staging.freshStreamLabel(
            tableName: definition.name, region: definition.region,
            after: definition.latestStreamLabel, now: now)
    }

    private mutating func changeEncryption() throws(ServiceError) {
        guard let encryption = request.sseSpecification else { return }
        let current = definition.sseSpecification
        if encryption.enabled == true, current?.enabled == true,
            encryption.kmsMasterKeyId == current?.kmsMasterKeyId
        {
            throw .invalidParameterValues("Table is already encrypted by given KMSMasterKeyId")
        }
        definition.sseSpecification = encryption
    }
}
