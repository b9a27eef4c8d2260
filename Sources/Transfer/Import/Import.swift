package import Client
internal import Items
internal import Operations
internal import Wire

/// Writes the items of files to a table: batches in parallel, resumable.
package struct Import: Sendable {
    private let plan: ImportPlan
    private let client: ServiceClient
    package let progress: TransferProgress
    private let onBad: @Sendable (String) -> Void

    /// - Parameter onBad: called with each record that is left out, and what is wrong with it.
    package init(
        _ plan: ImportPlan, client: ServiceClient,
        progress: TransferProgress = TransferProgress(),
        onBad: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.plan = plan
        self.client = client
        self.progress = progress
        self.onBad = onBad
    }

    /// Does all of it.
    ///
    /// Cancelled, it keeps how far it is, and throws.
    package func run() async throws -> TransferSummary {
        let started = Seconds.monotonic()
        let source = try ImportSource(plan.source, format: plan.format)
        if plan.createsTable { try await createTable() }
        let table = try await TransferTable.describe(plan.table, client)
        var checkpoint = ImportCheckpoint(table: table, source: source)
        try resume(&checkpoint)
        let begun = checkpoint
        progress.update {
            $0 = begun.counts
            $0.expectedFileBytes = begun.fileBytes
        }
        let reader = ImportReader(
            source, keyTypes: table.keyTypes, columnTypes: plan.columnTypes,
            keyNames: table.keyNames, from: begun.place,
            by: begun.entrance)
        let queue = ImportQueue(
            table: table, reader: reader, checkpoint: begun,
            checkpointPath: plan.checkpointPath, skipsBad: plan.skipsBad, progress: progress,
            onBad: onBad)
        let writer = BatchWriter(
            client: client, table: plan.table,
            limiter: UnitLimiter(unitsPerSecond: plan.writeUnitsPerSecond))
        do {
            try await queue.keep()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<max(1, plan.writers) {
                    group.addTask { try await write(from: queue, writer) }
                }
                try await group.waitForAll()
            }
        } catch {
            try? await queue.keepAtEnd()
            throw error
        }
        if let path = plan.checkpointPath { FilePath.remove(path) }
        var summary = TransferSummary()
        summary.counts = progress.counts
        summary.seconds = Seconds.monotonic() - started
        summary.place = plan.table
        summary.tableClass = table.tableClass
        return summary
    }

    private func resume(_ checkpoint: inout ImportCheckpoint) throws(TransferError) {
        guard let path = plan.checkpointPath else {
            if plan.resumes {
                throw TransferError(
                    "what comes from the standard input or a pipe cannot be resumed")
            }
            return
        }
        let isUnfinished = FilePath.exists(path)
        if plan.resumes {
            guard isUnfinished else {
                throw TransferError(
                    "\(plan.source): there is no unfinished import to go on with; "
                        + "leave --resume out")
            }
            try checkpoint.resume(from: path)
        } else if isUnfinished, !plan.beginsAgain {
            throw TransferError(
                "\(plan.source): an unfinished import to \(plan.table) is there; --resume goes on "
                    + "with it, --force begins again")
        }
    }

    private func write(from queue: ImportQueue, _ writer: BatchWriter) async throws {
        do {
            while let batch = try await queue.next(unitsMax: writer.batchUnitsMax) {
                let (units, refused) = try await writer.write(
                    batch.entries.map(\.change), toldUnits: batch.units)
                for (index, fault) in refused {
                    try await queue.reject(batch.entries[index].name, fault)
                }
                let bad = Set(refused.map(\.index))
                let written = batch.entries.enumerated().filter { !bad.contains($0.offset) }
                try await queue.finish(batch, written: written.map(\.element), units: units)
            }
        } catch {
            await queue.breakOff()
            throw error
        }
    }

    // MARK: The table

    private func createTable() async throws {
        let path = try definitionPath()
        guard let definition = try? JSONValue(parsing: FilePath.read(path)),
            let members = definition.members
        else { throw TransferError("\(path): is no definition of a table in JSON") }
        let named = members.filter { $0.0 != "TableName" }
        let parameters = JSONValue.object([("TableName", .string(plan.table))] + named)
        do {
            try await TableMaking.create(parameters, client)
        } catch let error as ServiceError where error.code == "ResourceInUseException" {
            if plan.resumes { return }
            throw TransferError("\(plan.table) is there already; leave --create out to add to it")
        }
    }

    private func definitionPath() throws(TransferError) -> String {
        if let path = plan.definitionPath { return path }
        let beside =
            FilePath.isDirectory(plan.source)
            ? FilePath.joined(plan.source, "table.json")
            : TableDefinitionFile.path(beside: plan.source)
        guard plan.source != "-", FilePath.exists(beside) else {
            throw TransferError(
                "--create needs the table's definition: there is no \(beside) "
                    + "(export --with-table writes it); name one with --definition")
        }
        return beside
    }
}
