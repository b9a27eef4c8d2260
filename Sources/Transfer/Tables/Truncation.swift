package import Client
internal import Items
internal import Operations
internal import Wire

/// Deletes all items of a table, or makes the table anew.
package struct Truncation: Sendable {
    private let table: TransferTable
    private let client: ServiceClient
    /// Write units a second, at most.
    private let writeUnitsPerSecond: Double?
    private let segments: Int
    package let progress: TransferProgress

    package init(
        _ table: TransferTable, client: ServiceClient, segments: Int = 8,
        writeUnitsPerSecond: Double? = nil, progress: TransferProgress = TransferProgress()
    ) {
        self.table = table
        self.client = client
        self.segments = segments
        self.writeUnitsPerSecond = writeUnitsPerSecond
        self.progress = progress
    }

    /// Deletes item by item: the table, its stream and its settings stay.
    package func deleteItems() async throws -> TransferSummary {
        let started = Seconds.monotonic()
        progress.update { $0.expectedItems = table.itemCount }
        let readLimiter = UnitLimiter(unitsPerSecond: nil)
        let writer = BatchWriter(
            client: client, table: table.name,
            limiter: UnitLimiter(unitsPerSecond: writeUnitsPerSecond))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for segment in 0..<max(1, segments) {
                let scan = SegmentScan(
                    client: client, table: table.name, selection: .attributes(table.keyNames),
                    segment: segment, segmentCount: max(1, segments), limiter: readLimiter)
                group.addTask { try await delete(scan, writer) }
            }
            try await group.waitForAll()
        }
        var summary = TransferSummary()
        summary.counts = progress.counts
        summary.seconds = Seconds.monotonic() - started
        summary.place = table.name
        summary.tableClass = table.tableClass
        return summary
    }

    private func delete(_ scan: SegmentScan, _ writer: BatchWriter) async throws {
        var scan = scan
        while !scan.isAtEnd {
            var keys = try await scan.next().items[...]
            while !keys.isEmpty {
                try Task.checkCancellation()
                let room = Int(min(writer.batchUnitsMax, Double(Limits.batchWriteItemsMax)))
                let batch = keys.prefix(max(1, room))
                keys = keys.dropFirst(batch.count)
                let (units, refused) = try await writer.write(
                    batch.map { .delete(key: $0) }, toldUnits: Double(batch.count))
                if let fault = refused.first?.fault {
                    throw ServiceError.validation(fault)
                }
                progress.update {
                    $0.items += batch.count
                    $0.units += units
                }
            }
        }
    }

    /// One line: what `recreate` cannot carry over.
    package var lossesOfRecreation: String {
        var losses = ["its id", "the history of point-in-time recovery"]
        if table.description["StreamSpecification"]?["StreamEnabled"]?.bool == true {
            losses.append(
                "its stream (event source mappings and other readers stay with the old one: point "
                    + "them to the new one)")
        }
        losses.append("automatic scaling that is kept outside the table")
        return "lost with \(table.name): \(losses.joined(separator: ", ")); "
            + "backups stay, as backups of the old table"
    }

    /// - Throws: where the table may not be deleted.
    package func checkRecreation() throws(TransferError) {
        if table.description["DeletionProtectionEnabled"]?.bool == true {
            throw TransferError(
                "\(table.name) is protected from deletion; leave --recreate out, or take the "
                    + "protection away first")
        }
        if !(table.description["Replicas"]?.elements ?? []).isEmpty {
            throw TransferError("\(table.name) has replicas: it cannot be made anew")
        }
    }

    /// Deletes the table and makes one with the same definition and settings.
    ///
    /// All of them are read before anything is deleted; what makes the table again is kept in a
    /// file of the working directory meanwhile.
    ///
    /// - Throws: where the table has not been made, with the name of that file; where settings were
    ///   refused, with their names.
    package func recreate() async throws {
        try checkRecreation()
        var patient = client
        patient.retries = RetryPolicy(attemptsMax: 4)
        let settingsClient = patient
        let call: TableSettings.Call = {
            (operation, parameters) async throws(ServiceError) in
            try await settingsClient.call(.dynamodb, operation, parameters)
        }
        let settings = try await TableSettings(of: table, call)
        var parameters = TableDefinitionFile.parameters(of: table.description).members ?? []
        if let tags = settings.tags { parameters.append(("Tags", tags)) }
        let definition = JSONValue.object(parameters)
        // Whatever happens between the two, somebody can make the table from this.
        let path = "\(table.name).recreate.json"
        try FilePath.write(definition.encoded, to: path)
        let (table, client) = (self.table, self.client)
        // An interruption must not come between them either.
        try await Task {
            try await TableMaking.delete(table.name, client)
            do {
                try await TableMaking.create(definition, client)
            } catch {
                let reason = (error as? ServiceError)?.message ?? "\(error)"
                throw TransferError(
                    "\(table.name) is deleted, and was not made anew: \(reason); its definition is "
                        + "in \(path): 'basalt create --file \(path)' makes it")
            }
            FilePath.remove(path)
            let faults = await settings.apply(
                to: try await TransferTable.describe(table.name, client), call)
            guard faults.isEmpty else {
                throw TransferError(
                    "made \(table.name) anew, but without \(faults.joined(separator: ", "))")
            }
        }.value
    }
}
