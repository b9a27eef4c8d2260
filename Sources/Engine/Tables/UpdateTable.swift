package import Operations

extension UpdateTableRequest {
    /// Checks what can be checked without knowing the table.
    ///
    /// - Throws: ValidationException for the first rule broken, in the service's order.
    package func validate() throws(ServiceError) {
        _ = try ResourceName(tableName: tableName)
        try checkSomethingIsAsked()
        if sseSpecification != nil, asksMoreThanEncryption {
            throw .invalidParameterValues(
                "Server-Side Encryption modification must be the only operation in the request")
        }
        if let billingMode {
            try ThroughputValidation.check(
                provisionedThroughput, billingMode: billingMode, indexName: nil)
        } else if let provisionedThroughput {
            try ThroughputValidation.checkBounds(provisionedThroughput, indexName: nil)
        }
        try checkIndexUpdates()
        try SettingsValidation.check(streamSpecification)
        try SettingsValidation.check(sseSpecification)
        if hasReplicaUpdates {
            throw .invalidParameterValues("ReplicaUpdates is not supported: there is one region")
        }
    }

    /// Changes the table, on the commit path.
    ///
    /// Precondition: `validate()` passed. The answer tells the table UPDATING with the throughput
    /// that it had; all changes hold at once, but a new index must be filled first.
    ///
    /// - Throws: ResourceNotFoundException for a table or index that isn't there;
    ///   ResourceInUseException while an index is being filled (that index may be deleted, though);
    ///   LimitExceededException; ValidationException for changes that the table's present state
    ///   doesn't allow; AccessDeniedException.
    package func stage(
        in staging: any TableStaging, context: RequestContext, environment: EngineEnvironment
    ) throws(ServiceError) -> OperationOutcome {
        let table = try TableLocation(
            tableName: tableName, for: "UpdateTable", context: context, environment: environment
        ).existing(in: staging)
        guard !table.definition.isUpdating || deletesOnlyUnfilledIndex(of: table.definition) else {
            throw .tableIsBeingUpdated(named: table.name)
        }
        var update = TableUpdate(self, of: table.definition, now: environment.nowInMilliseconds)
        try update.apply(in: staging)
        staging.putTable(update.definition)
        return OperationOutcome(
            .tableDescription(answer(from: table, to: update.definition, environment: environment)))
    }

    private func checkSomethingIsAsked() throws(ServiceError) {
        guard
            sseSpecification != nil || asksMoreThanEncryption
        else {
            throw .validation(
                "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
                    + "GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is "
                    + "required")
        }
    }

    private var asksMoreThanEncryption: Bool {
        asksMoreThanIndexUpdates || !(globalSecondaryIndexUpdates ?? []).isEmpty
    }

    /// Whether anything but encryption and global indexes is to change.
    private var asksMoreThanIndexUpdates: Bool {
        billingMode != nil || provisionedThroughput != nil || streamSpecification != nil
            || hasReplicaUpdates || tableClass != nil || deletionProtectionEnabled != nil
            || onDemandThroughput != nil || warmThroughput != nil
    }

    private func checkIndexUpdates() throws(ServiceError) {
        var names = Set<String>()
        for update in globalSecondaryIndexUpdates ?? [] {
            let given = [update.update?.indexName, update.create?.indexName, update.delete]
                .compactMap { $0 }
            let members =
                "GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
                + "GlobalSecondaryIndexUpdate.Delete"
            guard let name = given.first else {
                throw .invalidParameterValues("One of \(members) must not be null")
            }
            guard given.count == 1 else {
                throw .invalidParameterValues("Only one of \(members) may be specified")
            }
            if let change = update.update { try check(change) }
            guard names.insert(name).inserted else {
                throw .invalidParameterValues(
                    "Only one global secondary index update per index is allowed simultaneously. "
                        + "Index: \(name)")
            }
        }
    }

    private func check(_ update: GlobalSecondaryIndexUpdate.Update) throws(ServiceError) {
        if let throughput = update.provisionedThroughput {
            try ThroughputValidation.checkBounds(throughput, indexName: update.indexName)
        } else if update.onDemandThroughput == nil, update.warmThroughput == nil {
            throw .invalidParameterValues(
                "At least one of ProvisionedThroughput, OnDemandThroughput or WarmThroughput is "
                    + "required for index: \(update.indexName)")
        }
    }

    /// An index that is being filled can be deleted, though the table is UPDATING.
    private func deletesOnlyUnfilledIndex(of definition: TableDefinition) -> Bool {
        guard sseSpecification == nil, !asksMoreThanIndexUpdates,
            let updates = globalSecondaryIndexUpdates, updates.count == 1,
            let name = updates.first?.delete
        else { return false }
        return definition.globalIndexes.contains { $0.index.indexName == name && $0.isBackfilling }
    }

    /// The table between its old state and its new one, as the service tells it.
    private func answer(
        from table: Table, to definition: TableDefinition, environment: EngineEnvironment
    ) -> TableDescription {
        let statistics = Dictionary(
            ((table.localIndexes + table.globalIndexes).map { ($0.id, $0.statistics) })
                + [(table.id, table.statistics)],
            uniquingKeysWith: { first, _ in first })
        let changed = Table(
            definition: definition, accountID: environment.accountID,
            statistics: { statistics[$0] ?? Statistics() })
        let before = TableDescriptionBuilder(table, environment: environment).description()
        var answer = TableDescriptionBuilder(changed, environment: environment).description()
        answer.tableStatus = .updating
        answer.provisionedThroughput = before.provisionedThroughput
        if answer.warmThroughput != before.warmThroughput {
            answer.warmThroughput = before.warmThroughput
            answer.warmThroughput?.status = .updating
        }
        let deleted = Set((globalSecondaryIndexUpdates ?? []).compactMap(\.delete))
        if !deleted.isEmpty { answer.attributeDefinitions = before.attributeDefinitions }
        let indexes = indexAnswers(
            before: before.globalSecondaryIndexes ?? [], after: answer.globalSecondaryIndexes ?? [],
            deleted: deleted)
        answer.globalSecondaryIndexes = indexes.isEmpty ? nil : indexes
        return answer
    }

    private func indexAnswers(
        before: [GlobalSecondaryIndexDescription], after: [GlobalSecondaryIndexDescription],
        deleted: Set<String>
    ) -> [GlobalSecondaryIndexDescription] {
        let updated = Set((globalSecondaryIndexUpdates ?? []).compactMap(\.update?.indexName))
        let kept = before.map { index in
            var answer = index
            if deleted.contains(index.indexName) {
                answer.indexStatus = .deleting
                answer.backfilling = nil
                answer.warmThroughput?.status = .deleting
            } else if updated.contains(index.indexName) {
                answer.indexStatus = .updating
                answer.warmThroughput?.status = .updating
            }
            return answer
        }
        let names = Set(before.map(\.indexName))
        let created = after.filter { !names.contains($0.indexName) }.map { index in
            var answer = index
            answer.backfilling = false
            return answer
        }
        return kept + created
    }
}
