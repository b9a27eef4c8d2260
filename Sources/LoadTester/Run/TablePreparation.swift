internal import Client
internal import Items
internal import Operations
internal import Wire

/// Makes a design's tables, fills them, and drops them again.
package struct TablePreparation: Sendable {
    private let design: Design
    private let workload: Workload
    private let client: ServiceClient

    package init(design: Design, workload: Workload, target: LoadTarget) {
        self.design = design
        self.workload = workload
        client = target.client
    }

    // MARK: Tables

    /// Makes the tables and waits until they are active.
    ///
    /// - Parameter reuses: whether tables that are there already are taken as they are.
    /// - Returns: the names of the tables it made: those to drop afterwards.
    /// - Throws: where a table is there and isn't to be reused; then none was made.
    package func createTables(reuses: Bool) async throws(LoadFault) -> [String] {
        var missing: [Int] = []
        for (number, table) in design.tables.enumerated() {
            try await waitWhileDeleted(table.name)
            if try await status(of: table.name) == nil {
                missing.append(number)
            } else if !reuses {
                throw LoadFault(
                    "the table \(table.name) is there already: drop it, or use it as it is with "
                        + "--reuse")
            }
        }
        var made: [String] = []
        for number in missing {
            do throws(ServiceError) {
                _ = try await client.call(.dynamodb, "CreateTable", workload.createTable[number])
            } catch {
                try? await drop(made)
                throw LoadFault(
                    "the table \(design.tables[number].name) cannot be made: \(error.code): "
                        + error.message)
            }
            made.append(design.tables[number].name)
        }
        do throws(LoadFault) {
            for table in design.tables { try await waitUntilActive(table.name) }
        } catch {
            try? await drop(made)
            throw error
        }
        return made
    }

    /// Drops tables; those that are gone are no matter.
    package func drop(_ names: [String]) async throws(LoadFault) {
        for name in names {
            do throws(ServiceError) {
                _ = try await client.call(
                    .dynamodb, "DeleteTable", .object([("TableName", .string(name))]))
            } catch  where error.code != "ResourceNotFoundException" {
                throw LoadFault("the table \(name) cannot be dropped: \(error.message)")
            } catch {}
        }
    }

    /// Waits while a table of the name is going: the design before may have had one.
    private func waitWhileDeleted(_ name: String) async throws(LoadFault) {
        for _ in 0..<120 where try await status(of: name) == "DELETING" {
            do {
                try await Task.sleep(for: .seconds(1))
            } catch {
                throw LoadFault("stopped")
            }
        }
    }

    private func waitUntilActive(_ name: String) async throws(LoadFault) {
        var milliseconds = 20
        while true {
            let status = try await status(of: name)
            if status == "ACTIVE" { return }
            guard status != nil else { throw LoadFault("the table \(name) has gone") }
            do {
                try await Task.sleep(for: .milliseconds(milliseconds))
            } catch {
                throw LoadFault("stopped")
            }
            milliseconds = min(milliseconds * 2, 2_000)
        }
    }

    /// nil where there is no such table.
    private func status(of name: String) async throws(LoadFault) -> String? {
        do throws(ServiceError) {
            let answer = try await client.call(
                .dynamodb, "DescribeTable", .object([("TableName", .string(name))]))
            let table = answer["Table"]
            let indexes = table?["GlobalSecondaryIndexes"]?.elements ?? []
            let isWhole = indexes.allSatisfy { ($0["IndexStatus"]?.string ?? "ACTIVE") == "ACTIVE" }
            return isWhole ? table?["TableStatus"]?.string ?? "" : "UPDATING"
        } catch {
            if error.code == "ResourceNotFoundException" { return nil }
            if error.code == ConnectionFault.noConnection {
                throw LoadFault("nobody answers on \(client.endpoint): \(error.message)")
            }
            throw LoadFault("\(client.endpoint) refuses: \(error.code): \(error.message)")
        }
    }

    // MARK: Filling

    /// Puts the items that are there before the run.
    ///
    /// - Parameters:
    ///   - isStopped: asked between batches.
    ///   - progress: told how many items are in, from any task.
    /// - Returns: what was put, by the number of the resource.
    package func fill(
        isStopped: @escaping @Sendable () -> Bool,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws(LoadFault) -> [LoadedResource] {
        var sums = design.resources.indices.map { LoadedResource(resource: $0) }
        for (number, load) in workload.loads.enumerated() {
            let batches = LoadBatches(
                design: design, workload: workload, number: number, count: load.count(workload))
            let added = try await put(batches, isStopped, progress)
            for (number, sum) in added.enumerated() { sums[number].add(sum) }
        }
        return sums
    }

    private func put(
        _ batches: LoadBatches, _ isStopped: @escaping @Sendable () -> Bool,
        _ progress: @escaping @Sendable (Int) -> Void
    ) async throws(LoadFault) -> [LoadedResource] {
        let count = batches.batchCount
        let workers = max(1, min(design.clientCount, 64, count))
        do {
            return try await withThrowingTaskGroup(of: [LoadedResource].self) { group in
                for worker in 0..<workers {
                    group.addTask {
                        var sums = self.design.resources.indices.map {
                            LoadedResource(resource: $0)
                        }
                        for number in stride(from: worker, to: count, by: workers) {
                            if isStopped() { break }
                            let batch = batches.batch(number, &sums)
                            try await self.write(batch.request)
                            progress(batch.count)
                        }
                        return sums
                    }
                }
                var sums = design.resources.indices.map { LoadedResource(resource: $0) }
                for try await part in group {
                    for (number, sum) in part.enumerated() { sums[number].add(sum) }
                }
                return sums
            }
        } catch {
            throw error as? LoadFault ?? LoadFault("\(error)")
        }
    }

    /// Writes a batch, and what is left of it again and again for some time.
    private func write(_ request: JSONValue) async throws {
        var request = request
        for attempt in 0..<40 {
            let answer: JSONValue
            do throws(ServiceError) {
                answer = try await client.call(.dynamodb, "BatchWriteItem", request)
            } catch {
                throw LoadFault("the tables cannot be filled: \(error.code): \(error.message)")
            }
            guard let left = answer["UnprocessedItems"], left.members?.isEmpty == false else {
                return
            }
            request = .object([("RequestItems", left)])
            try await Task.sleep(for: .milliseconds(min(20 << min(attempt, 6), 1_000)))
        }
        throw LoadFault(
            "the tables cannot be filled: the service keeps leaving items unprocessed; "
                + "give them more throughput")
    }
}

/// Batches of the items of a `load` step, each from its number alone.
struct LoadBatches: Sendable {
    let design: Design
    let workload: Workload
    /// The step's number in `Workload.loads`.
    let number: Int
    let count: Int
    /// Large items make small batches: a request holds 16 MB.
    private static let itemsMax = 25
    /// About how many items of a workload have their places told.
    private static let placesMax = 2_048

    var batchCount: Int { (count + Self.itemsMax - 1) / Self.itemsMax }

    /// The items of a batch as BatchWriteItem takes them; adds them to the sums by resource.
    func batch(_ batch: Int, _ sums: inout [LoadedResource]) -> (request: JSONValue, count: Int) {
        let step = workload.loads[number]
        let table = design.tables[step.table]
        let first = design.tables[..<step.table].reduce(0) { $0 + 1 + $1.indexes.count }
        var puts: [JSONValue] = []
        var seen: Set<KeyPlace> = []
        let range = (batch * Self.itemsMax)..<min((batch + 1) * Self.itemsMax, count)
        for index in range {
            let item = item(index)
            guard
                let place = RequestMaker.place(
                    resource: first, [table.hashKey], table.rangeKeys, item),
                seen.insert(place).inserted
            else { continue }
            note(item, table, first, &sums)
            if isTold(index) { tell(place, item, table, &sums) }
            var writer = JSONWriter()
            GeneratedValue.write(item, into: &writer)
            guard let json = try? JSONValue(parsing: writer.bytes) else { continue }
            puts.append(.object([("PutRequest", .object([("Item", json)]))]))
        }
        let items = JSONValue.object([(table.name, .array(puts))])
        return (.object([("RequestItems", items)]), puts.count)
    }

    /// One item of the step.
    func item(_ index: Int) -> [GeneratedValue.Member] {
        let step = workload.loads[number]
        var drawing = Drawing(
            workload: workload,
            random: SeededRandom(
                seed: workload.seed, Workload.Stream.load, UInt64(number),
                UInt64(truncatingIfNeeded: index)))
        drawing.ordinal = index
        if case .each(let entity) = step.extent {
            drawing.picks = [Drawing.Instance(entity: entity, index: index)]
        }
        for local in step.locals {
            let value = drawing.value(local)
            drawing.locals.append(value)
        }
        return drawing.item(step.item)
    }

    /// Whether an item is among those whose places are told.
    private func isTold(_ index: Int) -> Bool {
        var random = SeededRandom(seed: UInt64(number), UInt64(truncatingIfNeeded: index))
        return random.below(max(1, workload.loadCount / Self.placesMax)) == 0
    }

    private func tell(
        _ place: KeyPlace, _ item: [GeneratedValue.Member], _ table: DesignTable,
        _ sums: inout [LoadedResource]
    ) {
        let first = Int(place.resourceID)
        sums[first].places.append(place)
        for (number, index) in table.indexes.enumerated() {
            let resource = first + 1 + number
            let entry = RequestMaker.place(
                resource: resource, index.hashKeys, index.rangeKeys, item)
            if let entry { sums[resource].places.append(entry) }
        }
    }

    private func note(
        _ item: [GeneratedValue.Member], _ table: DesignTable, _ first: Int,
        _ sums: inout [LoadedResource]
    ) {
        let byteCount = item.reduce(0) { $0 + $1.byteCount }
        sums[first].itemCount += 1
        sums[first].byteCount += byteCount
        let names = Set(item.lazy.filter { !$0.value.isAbsent }.map(\.name))
        for (number, index) in table.indexes.enumerated() {
            let keys = index.hashKeys + index.rangeKeys
            guard keys.allSatisfy({ names.contains($0.name) }) else { continue }
            sums[first + 1 + number].itemCount += 1
            guard index.projectionType != .all else {
                sums[first + 1 + number].byteCount += byteCount
                continue
            }
            var projected = Set(keys.map(\.name) + [table.hashKey.name])
            if let rangeKey = table.rangeKey { projected.insert(rangeKey.name) }
            if index.projectionType == .include { projected.formUnion(index.nonKeyAttributes) }
            sums[first + 1 + number].byteCount += item.reduce(0) {
                $0 + (projected.contains($1.name) ? $1.byteCount : 0)
            }
        }
    }
}
