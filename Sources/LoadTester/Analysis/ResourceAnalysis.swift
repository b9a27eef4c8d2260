internal import Metering
internal import Operations

extension BillingReport {
    init(_ throughput: ThroughputSetting, tableClass: TableClass) {
        switch throughput {
        case .onDemand(let warmRead, let warmWrite, let maxRead, let maxWrite):
            self.init(
                mode: .onDemand, tableClass: tableClass.rawValue, readUnits: warmRead,
                writeUnits: warmWrite, maxReadUnits: maxRead, maxWriteUnits: maxWrite)
        case .provisioned(let read, let write):
            self.init(
                mode: .provisioned, tableClass: tableClass.rawValue, readUnits: read,
                writeUnits: write)
        }
    }
}

extension RunMeasurement {
    var resourceReports: [ResourceReport] {
        let measured = record(phases: measuredPhases).units
        return design.resources.indices.map { report(of: $0, measured: measured) }
    }

    private func report(of number: Int, measured: [Units]) -> ResourceReport {
        let resource = design.resources[number]
        let units = measured[number]
        let seconds = seconds(of: measuredPhases)
        let heat = recording.resources[number].heat
        let slotSeconds = Double(heat.secondsPerSlot)
        let size = stored.indices.contains(number) ? stored[number] : nil
        let holdsSeveral = resource.index != nil || resource.table.rangeKey != nil
        return ResourceReport(
            name: resource.name, kind: resource.kind, keyAttributes: resource.keys.map(\.name),
            billing: BillingReport(resource.throughput, tableClass: resource.table.tableClass),
            readUnits: units.read.value, writeUnits: units.write.value,
            readUnitsPerSecond: rate(units.read.value, in: seconds),
            writeUnitsPerSecond: rate(units.write.value, in: seconds),
            peakReadUnitsPerSecond: (heat.slots.map(\.units.read).max()?.value ?? 0) / slotSeconds,
            peakWriteUnitsPerSecond: (heat.slots.map(\.units.write).max()?.value ?? 0)
                / slotSeconds,
            writeAmplification: writeAmplification(of: number, measured: measured),
            writeUnitsPerWrite: writeUnitsPerWrite(of: number),
            itemCount: size?.itemCount, byteCount: size?.byteCount,
            itemSizes: resource.index == nil ? itemSizes(ofTable: resource.table.name) : nil,
            heat: heatReport(of: number), unplacedShare: unplacedShare(of: number),
            hottestKeys: keyReports(
                recording.resources[number].collections, of: number, wholeKeys: false,
                units: units),
            hottestItems: holdsSeveral
                ? keyReports(
                    recording.resources[number].items, of: number, wholeKeys: true, units: units)
                : [],
            provisioning: provisioningReport(of: number, measured: measured))
    }

    /// An index's write units for each of its table's; nil of a table, or where nothing was
    /// written.
    private func writeAmplification(of number: Int, measured: [Units]) -> Double? {
        let resource = design.resources[number]
        guard resource.index != nil, let table = tableNumber(of: number),
            measured[table].write.halves > 0
        else { return nil }
        return measured[number].write.value / measured[table].write.value
    }

    /// The share of units whose place nobody knows, as they weigh on partitions.
    private func unplacedShare(of number: Int) -> Double {
        var (all, unplaced) = (0.0, 0.0)
        for slot in recording.resources[number].heat.slots {
            all += Double(HottestKeys.weight(of: slot.units))
            unplaced += slot.unplacedHalves(.read) + 3 * slot.unplacedHalves(.write)
        }
        return all > 0 ? unplaced / all : 0
    }

    private func writeUnitsPerWrite(of number: Int) -> Double? {
        let resource = recording.resources[number]
        guard resource.writeCount > 0 else { return nil }
        let units = resource.heat.slots.reduce(RequestUnits.zero) { $0 + $1.units.write }
        return units.value / Double(resource.writeCount)
    }

    /// The number of the table that an index, or the table itself, is of.
    func tableNumber(of number: Int) -> Int? {
        let resource = design.resources[number]
        return design.resources.firstIndex {
            $0.index == nil && $0.table.name == resource.table.name
        }
    }

    /// The sizes of the items that requests of one table's patterns read and wrote.
    private func itemSizes(ofTable name: String) -> ItemSizeReport? {
        let phases = workloadPhases
        var sizes = ItemSizes()
        for (number, pattern) in design.patterns.enumerated()
        where pattern.tableName == name && pattern.indexName == nil {
            sizes.add(record(pattern: number, phases: phases).itemSizes)
        }
        return ItemSizeReport(sizes)
    }
}
