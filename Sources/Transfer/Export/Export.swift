package import Client
internal import Items
internal import Wire

/// Copies a table's items to files: segments in parallel, page by page, resumable.
///
/// Each page's records are packed as a whole of their own and appended with the key that the
/// segment goes on from, so that output and checkpoint agree wherever the work is broken off. The
/// output has its name only when it is complete.
package struct Export: Sendable {
    private let plan: ExportPlan
    private let client: ServiceClient
    package let progress: TransferProgress

    /// Segments that are read at the same time, at most.
    private static let concurrentSegmentsMax = 32
    /// Bytes of records that a segment gathers before it packs and appends them.
    private static let pieceBytes = 1 << 18

    package init(
        _ plan: ExportPlan, client: ServiceClient, progress: TransferProgress = TransferProgress()
    ) {
        self.plan = plan
        self.client = client
        self.progress = progress
    }

    /// Does all of it.
    ///
    /// Cancelled, it keeps how far it is, and throws.
    package func run() async throws -> TransferSummary {
        let started = Seconds.monotonic()
        let table = try await TransferTable.describe(plan.table, client)
        if let index = plan.index, !table.hasIndex(index) {
            throw TransferError("\(plan.table) has no index '\(index)'")
        }
        // Columns that nobody told show only at the end: the items are kept as JSON until then.
        let spools = plan.format == .csv && plan.selection.columns == nil
        let layout = try ExportLayout(plan, table: table, spools: spools)
        defer { layout.cleanUp() }
        let checkpoint = try layout.begin(segments: plan.partCount)
        let printer = ItemPrinter(
            spools ? .dynamodbJSON : plan.format, columns: plan.selection.columns ?? [])
        let files = try ExportFiles(
            checkpoint, directory: layout.directory, checkpointPath: layout.checkpointPath)
        let compression = spools ? .none : plan.compression
        try await files.begin(with: try compression.packed(nonempty: printer.heading))
        progress.update {
            $0.items = checkpoint.items
            $0.itemBytes = checkpoint.itemBytes
            $0.units = checkpoint.units
            $0.expectedItems = plan.selection.hasAllItems ? table.itemCount : nil
        }
        do {
            try await scan(checkpoint.segments, printer, compression, files, spools: spools)
        } catch {
            try? await files.keep()
            throw error
        }
        let end = try await files.close(compression)
        if spools {
            let columns = table.keyNames + end.columns.filter { !table.keyNames.contains($0) }
            try layout.convertSpool(columns: columns, compression: plan.compression)
        }
        if plan.withTable, let path = layout.tablePath {
            let definition = TableDefinitionFile.parameters(of: table.description)
            try FilePath.write(definition.encoded, to: path)
        }
        try layout.finish(end, table: table)
        var summary = TransferSummary()
        summary.counts = progress.counts
        summary.counts.fileBytes = try layout.outputBytes(end)
        summary.seconds = Seconds.monotonic() - started
        summary.place = layout.place
        summary.tableClass = table.tableClass
        return summary
    }

    /// Reads all segments that aren't done.
    private func scan(
        _ segments: [ExportCheckpoint.Segment], _ printer: ItemPrinter, _ compression: Compression,
        _ files: ExportFiles, spools: Bool
    ) async throws {
        let limiter = UnitLimiter(unitsPerSecond: plan.readUnitsPerSecond)
        let open = segments.indices.filter { !segments[$0].isDone }
        try await withThrowingTaskGroup(of: Void.self) { group in
            var waiting = open[...]
            func startNext() {
                guard let segment = waiting.popFirst() else { return }
                let scan = SegmentScan(
                    client: client, table: plan.table, index: plan.index,
                    selection: plan.selection, segment: segment, segmentCount: segments.count,
                    limiter: limiter, startKey: segments[segment].startKey)
                group.addTask {
                    try await copy(scan, printer, compression, files, spools: spools)
                }
            }
            for _ in 0..<Self.concurrentSegmentsMax { startNext() }
            while try await group.next() != nil { startNext() }
        }
    }

    private func copy(
        _ scan: SegmentScan, _ printer: ItemPrinter, _ compression: Compression,
        _ files: ExportFiles, spools: Bool
    ) async throws {
        var scan = scan
        var piece = ExportFiles.Piece()
        while !scan.isAtEnd {
            try Task.checkCancellation()
            let page = try await scan.next()
            var pageBytes = 0
            for item in page.items {
                printer.append(item, to: &piece.bytes)
                pageBytes += item.size
                if spools { piece.columns.formUnion(item.names) }
            }
            piece.items += page.items.count
            piece.itemBytes += pageBytes
            piece.units += page.consumedUnits
            progress.update {
                $0.items += page.items.count
                $0.itemBytes += pageBytes
                $0.units += page.consumedUnits
            }
            guard piece.bytes.count >= Self.pieceBytes || scan.isAtEnd || scan.isRateLimited
            else { continue }
            piece.bytes = try compression.packed(nonempty: piece.bytes)
            let count = piece.bytes.count
            try await files.append(
                piece, of: scan.segment,
                then: ExportCheckpoint.Segment(startKey: scan.startKey, isDone: scan.isAtEnd))
            progress.update { $0.fileBytes += count }
            piece = ExportFiles.Piece()
        }
    }
}

extension Compression {
    /// Packed bytes; none where there are none.
    fileprivate func packed(nonempty bytes: [UInt8]) throws(TransferError) -> [UInt8] {
        bytes.isEmpty ? [] : try packed(bytes)
    }
}
