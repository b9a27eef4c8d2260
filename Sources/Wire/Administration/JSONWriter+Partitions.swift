internal import Operations

extension JSONWriter {
    /// The members of what `GET /_basalt/partitions` answers.
    mutating func partitions(_ resources: [ResourcePartitions], _ mode: ThrottlingMode) {
        name("throttling")
        string(mode.rawValue)
        name("resources")
        list(resources) { writer, resource in
            writer.beginObject()
            writer.member("TableName", resource.tableName)
            writer.member("IndexName", resource.indexName)
            writer.gauge("read", resource.read)
            writer.gauge("write", resource.write)
            writer.name("partitions")
            writer.list(Array(resource.partitions.indices)) { writer, number in
                writer.partition(number, of: resource.partitions)
            }
            writer.endObject()
        }
    }

    private mutating func partition(_ number: Int, of all: [ResourcePartitions.Partition]) {
        beginObject()
        name("partition")
        integer(number)
        member("from", Self.hex(all[number].lower))
        if number + 1 < all.count { member("to", Self.hex(all[number + 1].lower)) }
        use("read", all[number].read)
        use("write", all[number].write)
        endObject()
    }

    private mutating func use(_ title: StaticString, _ use: ResourcePartitions.Use?) {
        guard let use else { return }
        name(title)
        beginObject()
        amount("demand", use.demand)
        amount("unitsPerSecond", use.capacity.unitsPerSecond)
        amount("unitsLeft", use.capacity.unitsLeft)
        name("throttled")
        integer(use.throttledCount)
        endObject()
    }

    private mutating func gauge(_ title: StaticString, _ gauge: ResourcePartitions.Gauge?) {
        guard let gauge else { return }
        name(title)
        beginObject()
        amount("unitsPerSecond", gauge.unitsPerSecond)
        amount("unitsLeft", gauge.unitsLeft)
        endObject()
    }

    /// Units with at most three decimals.
    private mutating func amount(_ title: StaticString, _ units: Double) {
        name(title)
        double(units.isFinite ? (units * 1_000).rounded() / 1_000 : 0)
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] },
            as: UTF8.self)
    }
}
