import Operations

/// The billing mode and the three throughputs.
extension TableUpdate {
    /// Whether the request makes a PAY_PER_REQUEST table PROVISIONED; `previous` is as it was.
    func becomesProvisioned(since previous: TableDefinition) -> Bool {
        previous.billingMode == .payPerRequest && definition.billingMode == .provisioned
    }

    /// Changes the billing mode and the table's own provisioned throughput.
    mutating func changeBilling() throws(ServiceError) {
        let mode = request.billingMode ?? definition.billingMode
        guard mode == definition.billingMode else {
            switchBillingMode(to: mode)
            return
        }
        guard let throughput = request.provisionedThroughput else { return }
        try ThroughputValidation.check(throughput, billingMode: mode, indexName: nil)
        definition.provisionedThroughput = try ThroughputValidation.changed(
            definition.provisionedThroughput, to: throughput, indexName: nil, now: now)
    }

    /// Checks that a table that became PROVISIONED got throughput for each index it had.
    func checkIndexesAreProvisioned(since previous: TableDefinition) throws(ServiceError) {
        guard becomesProvisioned(since: previous) else { return }
        for index in definition.globalIndexes where index.provisionedThroughput.isZero {
            try ThroughputValidation.check(
                ProvisionedThroughput?.none, billingMode: .provisioned,
                indexName: index.index.indexName)
        }
    }

    /// Changes the table's maximum of on-demand throughput.
    mutating func changeOnDemandThroughput() throws(ServiceError) {
        guard let requested = request.onDemandThroughput else { return }
        try ThroughputValidation.check(
            requested, billingMode: definition.billingMode, indexName: nil)
        definition.onDemandThroughput = .merged(definition.onDemandThroughput, with: requested)
    }

    /// Raises the warm throughput of table and indexes; it outlives what granted it.
    ///
    /// Call it after all other changes of throughput.
    mutating func changeWarmThroughput(since previous: TableDefinition) throws(ServiceError) {
        let current = WarmThroughput.greatest(
            previous.currentWarmThroughput, definition.currentWarmThroughput)
        definition.warmThroughput = try ThroughputValidation.raised(
            current, to: request.warmThroughput, indexName: nil)
        let requested = (request.globalSecondaryIndexUpdates ?? []).compactMap(\.update)
        for position in definition.globalIndexes.indices {
            let index = definition.globalIndexes[position]
            let name = index.index.indexName
            guard let before = previous.globalIndexes.first(where: { $0.id == index.id }) else {
                continue
            }
            let current = WarmThroughput.greatest(
                previous.currentWarmThroughput(of: before),
                definition.currentWarmThroughput(of: index))
            definition.globalIndexes[position].index.warmThroughput =
                try ThroughputValidation.raised(
                    current, to: requested.first { $0.indexName == name }?.warmThroughput,
                    indexName: name)
        }
    }

    private mutating func switchBillingMode(to mode: BillingMode) {
        definition.billingMode = mode
        switch mode {
        case .payPerRequest:
            definition.payPerRequestSince = now
            definition.provisionedThroughput.setUnits(ProvisionedThroughput())
            for position in definition.globalIndexes.indices {
                definition.globalIndexes[position].provisionedThroughput.setUnits(
                    ProvisionedThroughput())
            }
        case .provisioned:
            definition.provisionedThroughput.setUnits(
                request.provisionedThroughput ?? ProvisionedThroughput())
            definition.onDemandThroughput = nil
            for position in definition.globalIndexes.indices {
                definition.globalIndexes[position].index.onDemandThroughput = nil
            }
        }
    }
}

extension ProvisionedThroughputDescription {
    /// Whether no units are provisioned: the table is PAY_PER_REQUEST.
    var isZero: Bool { readCapacityUnits == 0 && writeCapacityUnits == 0 }

    /// Sets the units where the billing mode changes: neither an increase nor a decrease.
    mutating func setUnits(_ throughput: ProvisionedThroughput) {
        readCapacityUnits = throughput.readCapacityUnits
        writeCapacityUnits = throughput.writeCapacityUnits
    }
}
