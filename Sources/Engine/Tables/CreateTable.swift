package import Operations

extension CreateTableRequest {
    /// Checks what can be checked without knowing what tables there are.
    ///
    /// - Throws: ValidationException for the first rule broken, in the service's order.
    package func validate() throws(ServiceError) {
        try checkRequiredMembers()
        _ = try ResourceName(tableName: tableName)
        let billingMode = billingMode ?? .provisioned
        try ThroughputValidation.check(
            provisionedThroughput, billingMode: billingMode, indexName: nil)
        let keySchema = keySchema ?? []
        let keys = try KeySchemaValidation(attributeDefinitions ?? [])
        let hasIndexes = localSecondaryIndexes != nil || globalSecondaryIndexes != nil
        try keys.checkTable(keySchema, hasIndexes: hasIndexes)
        var indexes = IndexValidation(
            keys: keys, tableKey: keySchema, billingMode: billingMode)
        if let localSecondaryIndexes { try indexes.check(localSecondaryIndexes) }
        if let globalSecondaryIndexes { try indexes.check(globalSecondaryIndexes) }
        try keys.checkAllUsed(
            by: [keySchema] + (localSecondaryIndexes ?? []).map(\.keySchema)
                + (globalSecondaryIndexes ?? []).map(\.keySchema))
        try SettingsValidation.check(streamSpecification)
        try SettingsValidation.check(sseSpecification)
        try ThroughputValidation.check(
            onDemandThroughput, billingMode: billingMode, indexName: nil)
        try checkWarmThroughput(billingMode)
        if let resourcePolicy { try PolicyDocument.check(resourcePolicy) }
        try SettingsValidation.check(tags ?? [])
        try SettingsValidation.checkTagCount(tags?.count ?? 0)
    }

    /// Makes the table, on the commit path.
    ///
    /// Precondition: `validate()` passed. The answer tells the table CREATING; it can be used at
    /// once.
    ///
    /// - Throws: ResourceInUseException for a name that is taken, LimitExceededException for one
    ///   table too many in the region, AccessDeniedException for another account's ARN.
    package func stage(
        in staging: any TableStaging, context: RequestContext, environment: EngineEnvironment
    ) throws(ServiceError) -> OperationOutcome {
        let location = try TableLocation(
            tableName: tableName, for: "CreateTable", context: context, environment: environment)
        guard staging.table(named: location.name, region: location.region) == nil else {
            throw .resourceInUse("Table already exists: \(location.name)")
        }
        guard staging.tables(in: location.region).count < Limits.tablesMax else {
            throw .subscriberLimitExceeded(
                "There is a limit of \(Limits.tablesMax) tables per subscriber")
        }
        let definition = definition(at: location, in: staging, environment: environment)
        staging.putTable(definition)
        let table = Table(
            definition: definition, accountID: environment.accountID,
            statistics: { _ in Statistics() })
        let builder = TableDescriptionBuilder(table, environment: environment)
        return OperationOutcome(.tableDescription(builder.descriptionOfCreation()))
    }

    private func definition(
        at location: TableLocation, in staging: any TableStaging, environment: EngineEnvironment
    ) -> TableDefinition {
        let now = environment.nowInMilliseconds
        var definition = TableDefinition(
            id: staging.makeStorageID(), region: location.region, name: location.name,
            tableID: environment.makeTableID(), createdAt: now,
            attributeDefinitions: attributeDefinitions ?? [], keySchema: keySchema ?? [],
            billingMode: billingMode ?? .provisioned)
        definition.localIndexes = (localSecondaryIndexes ?? []).map {
            LocalIndexDefinition(id: staging.makeStorageID(), index: $0)
        }
        definition.globalIndexes = (globalSecondaryIndexes ?? []).map {
            GlobalIndexDefinition(id: staging.makeStorageID(), creating: $0, state: .active)
        }
        if definition.billingMode == .payPerRequest { definition.payPerRequestSince = now }
        definition.provisionedThroughput = ProvisionedThroughputDescription(provisionedThroughput)
        if let streamSpecification, streamSpecification.streamEnabled {
            definition.streamSpecification = streamSpecification
            definition.latestStreamLabel = staging.freshStreamLabel(
                tableName: location.name, region: location.region, after: nil, now: now)
        }
        definition.sseSpecification = sseSpecification
        definition.tableClass = tableClass
        definition.deletionProtectionEnabled = deletionProtectionEnabled ?? false
        definition.onDemandThroughput = onDemandThroughput?.withoutRemovedMaxima
        definition.warmThroughput = warmThroughput
        definition.growPartitions()
        definition.attachedPolicy = resourcePolicy.map {
            AttachedPolicy($0, after: nil, now: now)
        }
        definition.tags = tags ?? []
        return definition
    }

    /// The model asks for a name only; a table of ours needs both of these.
    private func checkRequiredMembers() throws(ServiceError) {
        var violations: [String] = []
        for (member, isMissing) in [
            ("attributeDefinitions", attributeDefinitions == nil), ("keySchema", keySchema == nil),
        ] where isMissing {
            violations.append(
                "Value null at '\(member)' failed to satisfy constraint: Member must not be null")
        }
        if let violation = KeySchemaValidation.lengthViolation(keySchema ?? [], path: "keySchema") {
            violations.append(violation)
        }
        for (offset, index) in (localSecondaryIndexes ?? []).enumerated() {
            let path = "localSecondaryIndexes.\(offset + 1).member.keySchema"
            if let violation = KeySchemaValidation.lengthViolation(index.keySchema, path: path) {
                violations.append(violation)
            }
        }
        guard violations.isEmpty else { throw .constraints(violations) }
    }

    private func checkWarmThroughput(_ billingMode: BillingMode) throws(ServiceError) {
        try ThroughputValidation.checkInitial(
            warmThroughput, provisioned: provisionedThroughput, billingMode: billingMode,
            indexName: nil)
        for index in globalSecondaryIndexes ?? [] {
            try ThroughputValidation.checkInitial(
                index.warmThroughput, provisioned: index.provisionedThroughput,
                billingMode: billingMode, indexName: index.indexName)
        }
    }
}

extension GlobalIndexDefinition {
    /// An index as a request asks for it.
    init(id: UInt32, creating index: GlobalSecondaryIndex, state: State) {
        self.init(id: id, index: index, state: state)
        self.index.onDemandThroughput = index.onDemandThroughput?.withoutRemovedMaxima
        provisionedThroughput = ProvisionedThroughputDescription(index.provisionedThroughput)
    }
}
