internal import Metering
internal import Operations
internal import Synchronization
internal import Wire

/// What was counted since the server started, by table and index.
package struct LiveCounts: Sendable {
    struct Latency: Sendable {
        var resource: UInt32
        var operation: BookedOperation
        var histogram: LatencyHistogram
        var returned: UsageCounts
    }

    /// In seconds since 1970.
    var time: Double
    var resources: [UInt32: MeteredResource]
    /// Items that time to live deleted, by table.
    var expired: [UInt32: UInt64]
    var partitionCounts: [UInt32: Int]
    /// Without minutes and callers.
    var counts: [UsageKey: UsageCounts]
    var latencies: [Latency]
    /// Of the present minute, or of the last where it has none yet.
    var hotKeys: [UInt32: [HotKey]]
    /// Likewise, the keys whose work met limits: a half unit for each time.
    var throttledKeys: [UInt32: [HotKey]]
}

extension AccountBook {
    /// What was counted since the server started.
    ///
    /// On the book's own thread.
    func liveCounts() -> LiveCounts {
        var (counts, recentKeys) = state.withLock { ($0.totals, $0.recentKeys) }
        var histograms: [LiveStripe.Timed: LatencyHistogram] = [:]
        var returned: [LiveStripe.Timed: UsageCounts] = [:]
        var resources: [UInt32: MeteredResource] = [:]
        for stripe in stripes {
            let look = stripe.look()
            for (key, added) in look.counts { counts[key, default: UsageCounts()] += added }
            for (key, added) in look.latencies {
                histograms[key, default: LatencyHistogram()] += added
            }
            for (key, added) in look.returned { returned[key, default: UsageCounts()] += added }
            recentKeys.add(look.keys)
        }
        for resource in directory.resources() { resources[resource.id] = resource }
        // What was dropped is told together, without a name.
        counts = Dictionary(
            counts.map { ($0.key.withResource(in: resources), $0.value) },
            uniquingKeysWith: UsageCounts.sum)
        histograms = Dictionary(
            histograms.map { ($0.key.withResource(in: resources), $0.value) },
            uniquingKeysWith: LatencyHistogram.sum)
        returned = Dictionary(
            returned.map { ($0.key.withResource(in: resources), $0.value) },
            uniquingKeysWith: UsageCounts.sum)
        let now = clock.now()
        let minute = Self.minute(now)
        return LiveCounts(
            time: now, resources: resources, expired: directory.expiredItemCounts(),
            partitionCounts: resources.mapValues { directory.partitionCount(id: $0.id) },
            counts: counts,
            latencies: histograms.map {
                LiveCounts.Latency(
                    resource: $0.key.resource, operation: $0.key.operation, histogram: $0.value,
                    returned: returned[$0.key] ?? UsageCounts())
            },
            hotKeys: resources.mapValues { recentKeys.hottest(of: $0.id, minute: minute) },
            throttledKeys: resources.mapValues { recentKeys.throttled(of: $0.id, minute: minute) })
    }
}

extension UsageKey {
    func withResource(in resources: [UInt32: MeteredResource]) -> UsageKey {
        guard resources[resource] == nil else { return self }
        var key = self
        key.resource = 0
        key.partition = 0
        return key
    }
}

extension LiveStripe.Timed {
    func withResource(in resources: [UInt32: MeteredResource]) -> LiveStripe.Timed {
        resources[resource] == nil ? Self(resource: 0, operation: operation) : self
    }
}

extension LiveStripe {
    struct Look: Sendable {
        var counts: [UsageKey: UsageCounts] = [:]
        var latencies: [Timed: LatencyHistogram]
        var returned: [Timed: UsageCounts]
        var keys = RecentKeys()
    }

    /// What it holds now, without taking it away.
    func look() -> Look {
        inspect { state in
            var look = Look(latencies: state.latencies, returned: state.returned)
            for slot in state.chunks.lazy.flatMap(LiveSlot.slots) {
                guard let key = slot.key else { continue }
                look.counts[key.forTotals, default: UsageCounts()] += slot.counts
            }
            look.keys.add(state.notes)
            return look
        }
    }
}

extension LiveCounts {
    /// The body of the answer that `basalt top` reads.
    var json: JSONValue {
        var rows: [JSONValue] = []
        for (id, resource) in resources.sorted(by: { UsageReport.order($0.value, $1.value) }) {
            rows.append(row(id, resource))
        }
        return .object([("time", .number(time)), ("resources", .array(rows))])
    }

    private func row(_ id: UInt32, _ resource: MeteredResource) -> JSONValue {
        var partitions: [UInt32: UsageCounts] = [:]
        var throttles: [String: UInt64] = [:]
        var sum = UsageCounts()
        for (key, counts) in counts where key.resource == id {
            if key.kind.isWork {
                sum += counts
                partitions[key.partition, default: UsageCounts()] += counts
            } else if case .throttled(let kind, let limit) = key.kind {
                throttles[kind.rawValue + limit.rawValue, default: 0] += counts.requests
            }
        }
        let attributes = keyAttributes(of: resource)
        let keys = HotKey.merged([hotKeys[id] ?? []], limit: 10).map { key in
            JSONValue.object([
                ("key", .string(KeyText.text(of: key.place, attributes: attributes))),
                ("readUnits", .number(Double(key.readHalves) / 2)),
                ("writeUnits", .number(Double(key.writeHalves) / 2)),
            ])
        }
        let throttled = HotKey.merged([throttledKeys[id] ?? []], limit: 10).map { key in
            JSONValue.object([
                ("key", .string(KeyText.text(of: key.place, attributes: attributes))),
                ("reads", .number(key.readHalves)), ("writes", .number(key.writeHalves)),
            ])
        }
        return .object(
            present: [
                ("table", .string(resource.tableName)),
                ("index", resource.indexName.map { .string($0) }),
                ("region", .string(resource.region)),
                ("requests", .number(sum.requests)),
                ("readUnits", .number(sum.readUnits)), ("writeUnits", .number(sum.writeUnits)),
                ("bytes", .number(sum.bytes)),
                ("partitionCount", .number(UInt64(clamping: partitionCounts[id] ?? 1))),
                (
                    "partitions",
                    .array(
                        partitions.sorted { $0.key < $1.key }.map {
                            .object([
                                ("partition", .number(UInt64($0.key))),
                                ("readUnits", .number($0.value.readUnits)),
                                ("writeUnits", .number($0.value.writeUnits)),
                            ])
                        })
                ),
                (
                    "throttles",
                    .object(
                        throttles.sorted { $0.key < $1.key }.map { ($0.key, .number($0.value)) })
                ),
                ("hotKeys", .array(keys)),
                ("throttledKeys", .array(throttled)),
            ])
    }

    private func keyAttributes(of resource: MeteredResource) -> [MeteredResource.KeyAttribute] {
        guard resource.kind != .table else { return resource.keyAttributes }
        let table = resources.values.first {
            $0.kind == .table && $0.tableName == resource.tableName
                && $0.region == resource.region
        }
        let keys = table?.keyAttributes ?? []
        return resource.keyAttributes
            + (resource.kind == .globalIndex ? keys : Array(keys.dropFirst()))
    }
}
