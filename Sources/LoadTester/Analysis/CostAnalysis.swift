internal import Metering
internal import Operations

extension RunMeasurement {
    /// What a month at the measured rate costs, line by line.
    var costReport: CostReport {
        var report = costReport { $0 }
        report.otherClassUSDPerMonth =
            costReport { $0 == .standard ? .standardInfrequentAccess : .standard }.usdPerMonth
        return report
    }

    /// The same with other classes than the tables'.
    private func costReport(tableClass: (TableClass) -> TableClass) -> CostReport {
        let measured = record(phases: measuredPhases).units
        let classes = design.resources.map { tableClass($0.table.tableClass) }
        let requests = design.resources.indices.flatMap {
            requestLines(of: $0, measured: measured, tableClass: classes[$0])
        }
        let storage = storageLines(classes: classes)
        let requestCost = requests.reduce(0) { $0 + $1.usdPerMonth }
        let storageCost = storage.reduce(0) { $0 + $1.usdPerMonth }
        return CostReport(
            lines: requests + storage, requestUSDPerMonth: requestCost,
            storageUSDPerMonth: storageCost, usdPerMonth: requestCost + storageCost,
            otherClassUSDPerMonth: 0)
    }

    /// Request units on demand, or the capacity that is provisioned.
    private func requestLines(
        of number: Int, measured: [Units], tableClass: TableClass
    ) -> [CostReport.Line] {
        let resource = design.resources[number]
        switch resource.throughput {
        case .onDemand:
            let seconds = seconds(of: measuredPhases)
            let reads = rate(measured[number].read.value, in: seconds) * Month.seconds
            let writes = rate(measured[number].write.value, in: seconds) * Month.seconds
            return [
                CostReport.Line(
                    resource: resource.name, kind: "reads", quantity: reads, unit: "read units",
                    usdPerMonth: prices.cost(
                        ofReadUnits: reads, writeUnits: 0, tableClass: tableClass)),
                CostReport.Line(
                    resource: resource.name, kind: "writes", quantity: writes, unit: "write units",
                    usdPerMonth: prices.cost(
                        ofReadUnits: 0, writeUnits: writes, tableClass: tableClass)),
            ].filter { $0.quantity > 0 }
        case .provisioned(let read, let write):
            guard resource.kind != .localIndex else { return [] }
            return [
                CostReport.Line(
                    resource: resource.name, kind: "provisioned reads",
                    quantity: read * Month.hours, unit: "unit hours",
                    usdPerMonth: prices.cost(
                        ofReadCapacity: read, writeCapacity: 0, tableClass: tableClass)),
                CostReport.Line(
                    resource: resource.name, kind: "provisioned writes",
                    quantity: write * Month.hours, unit: "unit hours",
                    usdPerMonth: prices.cost(
                        ofReadCapacity: 0, writeCapacity: write, tableClass: tableClass)),
            ]
        }
    }

    /// What the tables were filled with, stored for a month.
    ///
    /// The free GB are taken off in a line of their own.
    private func storageLines(classes: [TableClass]) -> [CostReport.Line] {
        var lines: [CostReport.Line] = []
        var bytesByClass: [TableClass: Double] = [:]
        for (number, resource) in design.resources.enumerated() {
            guard let bytes = billedBytes(of: number), bytes > 0 else { continue }
            bytesByClass[classes[number], default: 0] += bytes
            lines.append(
                CostReport.Line(
                    resource: resource.name, kind: "storage",
                    quantity: bytes / PriceList.bytesPerGB, unit: "GB",
                    usdPerMonth: prices.cost(
                        ofStoredBytes: bytes, tableClass: classes[number])))
        }
        for (tableClass, bytes) in bytesByClass.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let allowance = prices.storageAllowance(ofStoredBytes: bytes, tableClass: tableClass)
            guard allowance > 0 else { continue }
            let free = min(
                bytes / PriceList.bytesPerGB, prices.prices(of: tableClass).freeStorageGB)
            lines.append(
                CostReport.Line(
                    resource: "all tables", kind: "free storage", quantity: free, unit: "GB",
                    usdPerMonth: -allowance))
        }
        return lines
    }

    /// The bytes that storage is billed by; nil where nobody told.
    func billedBytes(of number: Int) -> Double? {
        guard stored.indices.contains(number), let size = stored[number] else { return nil }
        let isIndex = design.resources[number].index != nil
        return prices.storedBytes(
            byteCount: size.byteCount, indexEntryCount: isIndex ? size.itemCount : 0)
    }

    /// What provisioned mode would need for the traffic of a table or global index.
    func provisioningReport(of number: Int, measured: [Units]) -> ProvisioningReport? {
        let resource = design.resources[number]
        guard resource.kind != .localIndex else { return nil }
        // A local index draws on its table's capacity.
        let sharing = design.resources.indices.filter {
            $0 == number
                || (resource.kind == .table && design.resources[$0].kind == .localIndex
                    && tableNumber(of: $0) == number)
        }
        let read = provisionedNeed(of: sharing, .read)
        let write = provisionedNeed(of: sharing, .write)
        let (fixedRead, fixedWrite) = (Double(read.fixedUnits), Double(write.fixedUnits))
        let tableClass = resource.table.tableClass
        let units = sharing.reduce(into: Units()) { $0 += measured[$1] }
        let perSecond = 1 / max(seconds(of: measuredPhases), .leastNonzeroMagnitude)
        return ProvisioningReport(
            fixedReadUnits: fixedRead, fixedWriteUnits: fixedWrite,
            fixedUSDPerMonth: prices.cost(
                ofReadCapacity: fixedRead, writeCapacity: fixedWrite,
                tableClass: tableClass),
            scaledReadUnits: read.autoscaledMeanUnits, scaledWriteUnits: write.autoscaledMeanUnits,
            scaledUSDPerMonth: prices.cost(
                ofReadCapacity: read.autoscaledMeanUnits, writeCapacity: write.autoscaledMeanUnits,
                tableClass: tableClass),
            onDemandUSDPerMonth: units.isZero
                ? 0
                : prices.cost(of: units, tableClass: tableClass) * perSecond * Month.seconds,
            asDesignedUSDPerMonth: designedCost(of: resource))
    }

    private func designedCost(of resource: DesignResource) -> Double? {
        guard case .provisioned(let read, let write) = resource.throughput else { return nil }
        return prices.cost(
            ofReadCapacity: read, writeCapacity: write, tableClass: resource.table.tableClass)
    }
}
