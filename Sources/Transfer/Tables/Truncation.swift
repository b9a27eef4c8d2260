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

    /// Deletes the table and makes one with the same definition, tags and time to live.
    package func recreate() async throws {
        if table.description["DeletionProtectionEnabled"]?.bool == true {
            throw TransferError(
                "\(table.name) is protected from deletion; leave --recreate out, or take the "
                    + "protection away first")
        }
        if table.description["GlobalTableVersion"] != nil,
            !(table.description["Replicas"]?.elements ?? []).isEmpty
        {
            throw TransferError("\(table.name) has replicas: it cannot be made anew")
        }
        let name = JSONValue.object([("TableName", .string(table.name))])
        let expiry = try await client.call(.dynamodb, "DescribeTimeToLive", name)
        let tags = try await tags()
        var parameters = TableDefinitionFile.parameters(of: table.description).members ?? []
        if !tags.isEmpty { parameters.append(("Tags", .array(tags))) }
        try await TableMaking.delete(table.name, client)
        try await TableMaking.create(.object(parameters), client)
        let told = expiry["TimeToLiveDescription"]
        if told?["TimeToLiveStatus"]?.string?.hasPrefix("ENABL") == true,
            let attribute = told?["AttributeName"]
        {
            let specification = JSONValue.object([
                ("AttributeName", attribute), ("Enabled", .bool(true)),
            ])
            _ = try await client.call(
                .dynamodb, "UpdateTimeToLive",
                .object([
                    ("TableName", .string(table.name)),
                    ("TimeToLiveSpecification", specification),
                ]))
        }
    }

    private func tags() async throws -> [JSONValue] {
        var tags: [JSONValue] = []
        var token: JSONValue?
        repeat {
            let page = try await client.call(
                .dynamodb, "ListTagsOfResource",
                .object(present: [("ResourceArn", .string(table.arn)), ("NextToken", token)]))
            tags += page["Tags"]?.elements ?? []
            token = page["NextToken"]
        } while token != nil
        return tags
    }
}
