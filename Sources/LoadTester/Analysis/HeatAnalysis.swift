internal import Items
internal import Metering
internal import Operations

extension RunMeasurement {
    /// The heat of each partition that a table or index begins with.
    func heatReport(of number: Int) -> HeatReport {
        let heat = recording.resources[number].heat
        let rules = CapacityRules.standard
        let boundaries = partitionBoundaries(of: number)
        let seconds = Double(heat.secondsPerSlot)
        var partitions = boundaries.indices.map { partition in
            HeatReport.Partition(
                from: boundaries[partition],
                to: partition + 1 < boundaries.count ? boundaries[partition + 1] : 1,
                readUnitsPerSecond: [], writeUnitsPerSecond: [], peakReadUnitsPerSecond: 0,
                peakWriteUnitsPerSecond: 0, share: 0)
        }
        var weights = [Double](repeating: 0, count: partitions.count)
        var walk = [Double](repeating: 0, count: HeatSlot.rangeCount)
        let walked = walkedPlaces(of: number)
        for place in walked {
            walk[HeatSlot.range(of: place.hash)] += 1 / Double(walked.count)
        }
        func rates(_ kind: CapacityKind, _ slot: HeatSlot) -> [Double] {
            distribute(slot.halves(kind, walk: walk), over: boundaries)
                .map { $0 / 2 / seconds }
        }
        for slot in heat.slots {
            let (read, write) = (rates(.read, slot), rates(.write, slot))
            for partition in partitions.indices {
                partitions[partition].readUnitsPerSecond.append(read[partition])
                partitions[partition].writeUnitsPerSecond.append(write[partition])
                weights[partition] +=
                    read[partition] / rules.partitionReadUnits
                    + write[partition] / rules.partitionWriteUnits
            }
        }
        let total = weights.reduce(0, +)
        for partition in partitions.indices {
            partitions[partition].share = total > 0 ? weights[partition] / total : 0
            partitions[partition].peakReadUnitsPerSecond =
                partitions[partition].readUnitsPerSecond.max() ?? 0
            partitions[partition].peakWriteUnitsPerSecond =
                partitions[partition].writeUnitsPerSecond.max() ?? 0
        }
        let hottest = weights.max() ?? 0
        return HeatReport(
            secondsPerSlot: heat.secondsPerSlot, firstSecond: heat.first * heat.secondsPerSlot,
            partitionReadUnitsMax: rules.partitionReadUnits,
            partitionWriteUnitsMax: rules.partitionWriteUnits, partitions: partitions,
            imbalance: total > 0 ? hottest / (total / Double(weights.count)) : nil)
    }

    /// Where each partition begins, as a share of the hash space.
    private func partitionBoundaries(of number: Int) -> [Double] {
        let capacity = ResourceCapacity(
            resourceID: UInt32(clamping: number), throughput: design.resources[number].throughput,
            now: 0)
        let starts = capacity.partitions.map { Double($0.hash) / 0x1p64 }
        return starts.isEmpty ? [0] : [0] + starts.dropFirst()
    }

    /// What of the ranges' halves falls on each partition; a range that lies in two is shared.
    private func distribute(_ halves: [Double], over boundaries: [Double]) -> [Double] {
        var sums = [Double](repeating: 0, count: boundaries.count)
        var partition = 0
        let width = 1 / Double(HeatSlot.rangeCount)
        for (range, count) in halves.enumerated() {
            let (from, to) = (Double(range) * width, Double(range + 1) * width)
            while partition + 1 < boundaries.count, boundaries[partition + 1] <= from + width * 1e-6
            {
                partition += 1
            }
            guard count > 0 else { continue }
            var position = from
            var current = partition
            while position < to - width * 1e-6 {
                let end =
                    current + 1 < boundaries.count ? min(to, boundaries[current + 1]) : to
                sums[current] += count * (end - position) / width
                position = end
                if position < to - width * 1e-6 { current += 1 }
            }
        }
        return sums
    }

    /// The keys that most of the work fell on, of partition keys or of whole keys.
    func keyReports(
        _ keys: HottestKeys, of number: Int, wholeKeys: Bool, units measured: Units, limit: Int = 10
    ) -> [KeyReport] {
        let resource = design.resources[number]
        let all = recording.resources[number].heat.slots.reduce(into: Units()) { $0 += $1.units }
        let weight = Double(HottestKeys.weight(of: all))
        guard weight > 0 else { return [] }
        let seconds = seconds(of: measuredPhases)
        return keys.heaviest.prefix(limit).map { counter in
            KeyReport(
                attributes: attributes(
                    of: counter.place, in: resource,
                    count: wholeKeys ? resource.placeKeys.count : resource.hashKeyCount),
                share: Double(HottestKeys.weight(of: counter.units)) / weight,
                requestCount: counter.requestCount,
                readUnitsPerSecond: portion(
                    counter.units.read, of: all.read, measured: measured.read, in: seconds),
                writeUnitsPerSecond: portion(
                    counter.units.write, of: all.write, measured: measured.write, in: seconds))
        }
    }

    /// A key's part of the measured rate, by its part of all the work.
    private func portion(
        _ units: RequestUnits, of all: RequestUnits, measured: RequestUnits, in seconds: Double
    ) -> Double {
        guard all.halves > 0 else { return 0 }
        return rate(measured.value, in: seconds) * units.value / all.value
    }

    /// The readable values of a place's first attributes.
    func attributes(
        of place: KeyPlace, in resource: DesignResource, count: Int
    ) -> [KeyReport.Attribute] {
        var offset = 4 + PartitionHash.byteCount
        var attributes: [KeyReport.Attribute] = []
        for key in resource.placeKeys.prefix(count) {
            guard let value = OrderedKey.read(key.type, from: place.storedKey, at: &offset) else {
                break
            }
            attributes.append(KeyReport.Attribute(name: key.name, value: value.plainText))
        }
        return attributes
    }
}

extension AttributeValue {
    /// A key value as people write it; a binary in hexadecimal.
    fileprivate var plainText: String {
        switch self {
        case .string(let text): text
        case .number(let number): number.description
        case .binary(let bytes):
            bytes.reduce(into: "0x") { text, byte in
                text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        default: ""
        }
    }
}
