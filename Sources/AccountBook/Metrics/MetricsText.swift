internal import Metering
internal import Operations

/// The metrics in Prometheus' text format, under CloudWatch's names.
struct MetricsText {
    private let counts: LiveCounts
    private let mappings: [MappingAge]

    init(_ counts: LiveCounts, mappings: [MappingAge]) {
        self.counts = counts
        self.mappings = mappings
    }

    private typealias Labels = [(name: String, value: String)]

    var text: String {
        var text = ""
        consumed(&text)
        throttles(&text)
        latencies(&text)
        returned(&text)
        errors(&text)
        provisioned(&text)
        family(
            "TimeToLiveDeletedItemCount", "counter", "Items that time to live deleted.",
            counts.resources.values.filter { $0.kind == .table }.map {
                (labels($0.id), Double(counts.expired[$0.id] ?? 0))
            }, &text)
        ages(&text)
        return text
    }

    // MARK: Families

    private func consumed(_ text: inout String) {
        family(
            "ConsumedReadCapacityUnits", "counter", "Read units consumed.",
            sums({ $0.isWork }, { $0.readUnits }), &text)
        family(
            "ConsumedWriteCapacityUnits", "counter", "Write units consumed.",
            sums({ $0.isWork }, { $0.writeUnits }), &text)
    }

    private func throttles(_ text: inout String) {
        func isThrottled(_ kind: BookedKind, _ capacity: CapacityKind?) -> Bool {
            guard case .throttled(let found, _) = kind else { return false }
            return capacity == nil || capacity == found
        }
        family(
            "ReadThrottleEvents", "counter", "Reads that met a limit.",
            sums({ isThrottled($0, .read) }, { Double($0.requests) }), &text)
        family(
            "WriteThrottleEvents", "counter", "Writes that met a limit.",
            sums({ isThrottled($0, .write) }, { Double($0.requests) }), &text)
        family(
            "ThrottledRequests", "counter", "Requests of which any part met a limit.",
            sums({ isThrottled($0, nil) }, { Double($0.requests) }, byOperation: true), &text)
    }

    private func errors(_ text: inout String) {
        family(
            "UserErrors", "counter", "Requests refused with HTTP 400.",
            sums({ $0 == .userError }, { Double($0.requests) }, byOperation: true), &text)
        family(
            "SystemErrors", "counter", "Requests failed with HTTP 500.",
            sums({ $0 == .systemError }, { Double($0.requests) }, byOperation: true), &text)
        family(
            "ConditionalCheckFailedRequests", "counter", "Writes whose condition failed.",
            sums({ $0 == .failedCondition }, { Double($0.requests) }), &text)
        family(
            "TransactionConflict", "counter", "Requests that met a transaction on their items.",
            sums({ $0 == .transactionConflict }, { Double($0.requests) }), &text)
    }

    private func returned(_ text: inout String) {
        let lists = counts.latencies.filter { $0.operation == .query || $0.operation == .scan }
        family(
            "ReturnedItemCount", "counter", "Items that queries and scans returned.",
            lists.map { (labels($0.resource, $0.operation), Double($0.returned.items)) }, &text)
        let records = counts.latencies.filter { $0.operation == .getRecords }
        family(
            "ReturnedRecordsCount", "counter", "Stream records returned.",
            records.map { (labels($0.resource, $0.operation), Double($0.returned.items)) }, &text)
        family(
            "ReturnedBytes", "counter", "Bytes of items read by queries and scans, evaluated.",
            lists.map { entry in
                let bytes = counts.counts.filter {
                    $0.key.resource == entry.resource && $0.key.operation == entry.operation
                        && $0.key.kind.isWork
                }.reduce(0.0) { $0 + Double($1.value.bytes) }
                return (labels(entry.resource, entry.operation), bytes)
            }, &text)
    }

    private func latencies(_ text: inout String) {
        let name = "SuccessfulRequestLatency"
        head(name, "histogram", "Milliseconds from the decoded request to its outcome.", &text)
        for entry in sorted(counts.latencies.map { (labels($0.resource, $0.operation), $0) }) {
            let histogram = entry.1.histogram
            var count: UInt64 = 0
            for (bound, bucket) in zip(LatencyHistogram.bounds, histogram.counts) {
                count &+= bucket
                let limit = Self.number(bound)
                line("\(name)_bucket", entry.0 + [("le", limit)], Double(count), &text)
            }
            line("\(name)_bucket", entry.0 + [("le", "+Inf")], Double(histogram.count), &text)
            line("\(name)_sum", entry.0, Double(histogram.nanoseconds) / 1_000_000, &text)
            line("\(name)_count", entry.0, Double(histogram.count), &text)
        }
    }

    private func provisioned(_ text: inout String) {
        var read: [(Labels, Double)] = []
        var write: [(Labels, Double)] = []
        var maxRead: [(Labels, Double)] = []
        var maxWrite: [(Labels, Double)] = []
        var account = (read: 0.0, write: 0.0)
        for (id, resource) in counts.resources where resource.kind != .localIndex {
            let names = labels(id)
            switch resource.throughput {
            case .provisioned(let reads, let writes):
                read.append((names, reads))
                write.append((names, writes))
                account.read += reads
                account.write += writes
            case .onDemand(_, _, let reads, let writes):
                if let reads { maxRead.append((names, reads)) }
                if let writes { maxWrite.append((names, writes)) }
            }
        }
        let gauges: [(String, String, [(Labels, Double)])] = [
            ("ProvisionedReadCapacityUnits", "Read units provisioned.", read),
            ("ProvisionedWriteCapacityUnits", "Write units provisioned.", write),
            ("OnDemandMaxReadRequestUnits", "The most read units by request.", maxRead),
            ("OnDemandMaxWriteRequestUnits", "The most write units by request.", maxWrite),
            (
                "AccountProvisionedReadCapacityUtilization",
                "Percent of the account's quota of read units that is provisioned.",
                [([], account.read / Double(Limits.accountCapacityUnitsMax) * 100)]
            ),
            (
                "AccountProvisionedWriteCapacityUtilization",
                "Percent of the account's quota of write units that is provisioned.",
                [([], account.write / Double(Limits.accountCapacityUnitsMax) * 100)]
            ),
        ]
        for (name, help, samples) in gauges { family(name, "gauge", help, samples, &text) }
    }

    private func ages(_ text: inout String) {
        family(
            "IteratorAge", "gauge", "Milliseconds from a record's write to its handler.",
            mappings.map { age in
                (
                    [
                        (name: "FunctionName", value: age.functionName),
                        (name: "EventSource", value: age.eventSource),
                    ], age.milliseconds
                )
            }, &text)
    }

    // MARK: Samples

    /// Sums of what was counted, by table and index, and by operation where asked.
    private func sums(
        _ kinds: (BookedKind) -> Bool, _ value: (UsageCounts) -> Double, byOperation: Bool = false
    ) -> [(Labels, Double)] {
        struct Place: Hashable {
            var resource: UInt32
            var operation: BookedOperation
        }
        var sums: [Place: Double] = [:]
        for (key, counted) in counts.counts where kinds(key.kind) {
            let place = Place(
                resource: key.resource, operation: byOperation ? key.operation : .none)
            sums[place, default: 0] += value(counted)
        }
        var byLabels: [String: (Labels, Double)] = [:]
        for (place, sum) in sums {
            // Tables that were dropped are told together, as requests that name none are.
            let names = labels(place.resource, place.operation)
            let text = Self.text(names)
            byLabels[text] = (names, (byLabels[text]?.1 ?? 0) + sum)
        }
        return Array(byLabels.values)
    }

    private func labels(_ id: UInt32, _ operation: BookedOperation = .none) -> Labels {
        var labels: Labels = []
        if let resource = counts.resources[id] {
            labels.append((name: "TableName", value: resource.tableName))
            if let index = resource.indexName {
                let name =
                    resource.kind == .localIndex
                    ? "LocalSecondaryIndexName" : "GlobalSecondaryIndexName"
                labels.append((name: name, value: index))
            }
            labels.append((name: "Region", value: resource.region))
        }
        if operation != .none { labels.append((name: "Operation", value: operation.name)) }
        return labels
    }

    // MARK: Text

    private func family(
        _ name: String, _ type: String, _ help: String, _ samples: [(Labels, Double)],
        _ text: inout String
    ) {
        head(name, type, help, &text)
        for (labels, value) in sorted(samples) { line(name, labels, value, &text) }
    }

    private func sorted<Value>(_ samples: [(Labels, Value)]) -> [(Labels, Value)] {
        samples.map { (Self.text($0.0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    private func head(_ name: String, _ type: String, _ help: String, _ text: inout String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private func line(_ name: String, _ labels: Labels, _ value: Double, _ text: inout String) {
        text += "\(name)\(Self.text(labels)) \(Self.number(value))\n"
    }

    private static func text(_ labels: Labels) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.map { "\($0.name)=\"\(escaped($0.value))\"" }
        return "{\(pairs.joined(separator: ","))}"
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    private static func number(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }
}
