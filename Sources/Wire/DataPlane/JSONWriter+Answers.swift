import Items
internal import Operations

// The answers of the data plane. Members come in alphabetical order, as the service's do.

extension JSONWriter {
    mutating func answer(_ response: GetItemResponse) {
        reserve([response.item])
        beginObject()
        consumedCapacity(response.consumedCapacity)
        if let item = response.item {
            name("Item")
            self.item(item)
        }
        endObject()
    }

    mutating func answer(_ response: WriteItemResponse) {
        reserve([response.attributes])
        beginObject()
        if let attributes = response.attributes {
            name("Attributes")
            item(attributes)
        }
        consumedCapacity(response.consumedCapacity)
        if let metrics = response.itemCollectionMetrics {
            name("ItemCollectionMetrics")
            itemCollectionMetrics(metrics)
        }
        endObject()
    }

    mutating func answer(_ response: PageResponse) {
        reserve(response.items ?? [])
        beginObject()
        consumedCapacity(response.consumedCapacity)
        name("Count")
        integer(response.count)
        if let items = response.items {
            name("Items")
            self.items(items)
        }
        if let key = response.lastEvaluatedKey {
            name("LastEvaluatedKey")
            item(key)
        }
        name("ScannedCount")
        integer(response.scannedCount)
        endObject()
    }

    mutating func answer(_ response: BatchGetItemResponse) {
        reserve(response.responses.lazy.flatMap { $0.items })
        beginObject()
        consumedCapacities(response.consumedCapacity)
        name("Responses")
        beginObject()
        for (table, items) in response.responses {
            name(table)
            self.items(items)
        }
        endObject()
        name("UnprocessedKeys")
        beginObject()
        for (table, keys) in response.unprocessedKeys {
            name(table)
            keysAndAttributes(keys)
        }
        endObject()
        endObject()
    }

    mutating func answer(_ response: BatchWriteItemResponse) {
        beginObject()
        consumedCapacities(response.consumedCapacity)
        itemCollectionMetrics(response.itemCollectionMetrics)
        name("UnprocessedItems")
        beginObject()
        for (table, writes) in response.unprocessedItems {
            name(table)
            list(writes) { writer, write in writer.writeRequest(write) }
        }
        endObject()
        endObject()
    }

    // MARK: Parts

    /// Makes room for items once, rather than by doubling on the way.
    mutating func reserve(_ items: some Sequence<ItemBytes?>, besides otherCount: Int = 0) {
        var count = 512 + otherCount
        for item in items {
            if let item { count += item.bytes.count + item.bytes.count / 4 + 16 * item.count }
        }
        bytes.reserveCapacity(bytes.count + count)
    }

    mutating func list<Element>(
        _ elements: [Element], _ write: (inout JSONWriter, Element) -> Void
    ) {
        beginArray()
        for value in elements {
            element()
            write(&self, value)
        }
        endArray()
    }

    mutating func items(_ items: [ItemBytes]) {
        list(items) { writer, item in writer.item(item) }
    }

    private mutating func strings(_ strings: [String]) {
        list(strings) { writer, string in writer.string(string) }
    }

    private mutating func keysAndAttributes(_ part: KeysAndAttributes) {
        beginObject()
        if let attributes = part.attributesToGet {
            name("AttributesToGet")
            strings(attributes)
        }
        if let consistentRead = part.consistentRead {
            name("ConsistentRead")
            bool(consistentRead)
        }
        if let names = part.names {
            name("ExpressionAttributeNames")
            beginObject()
            for (placeholder, attribute) in names.sorted(by: { $0.key < $1.key }) {
                name(placeholder)
                string(attribute)
            }
            endObject()
        }
        name("Keys")
        items(part.keys)
        if let projection = part.projectionExpression {
            name("ProjectionExpression")
            string(projection)
        }
        endObject()
    }

    private mutating func writeRequest(_ write: WriteRequest) {
        beginObject()
        switch write {
        case .put(let item):
            name("PutRequest")
            beginObject()
            name("Item")
            self.item(item)
            endObject()
        case .delete(let key):
            name("DeleteRequest")
            beginObject()
            name("Key")
            item(key)
            endObject()
        case .malformed:
            // Such a request is refused as a whole; it is never handed back.
            break
        }
        endObject()
    }

    /// The metrics of each table; none for nil.
    mutating func itemCollectionMetrics(
        _ tables: [(tableName: String, metrics: [ItemCollectionMetrics])]?
    ) {
        guard let tables else { return }
        name("ItemCollectionMetrics")
        beginObject()
        for (table, metrics) in tables {
            name(table)
            list(metrics) { writer, metrics in writer.itemCollectionMetrics(metrics) }
        }
        endObject()
    }

    private mutating func itemCollectionMetrics(_ metrics: ItemCollectionMetrics) {
        beginObject()
        name("ItemCollectionKey")
        item(metrics.itemCollectionKey)
        name("SizeEstimateRangeGB")
        beginArray()
        double(metrics.sizeEstimateRangeGB.0)
        element()
        double(metrics.sizeEstimateRangeGB.1)
        endArray()
        endObject()
    }

    // MARK: Consumed capacity

    mutating func consumedCapacity(_ capacity: ConsumedCapacity?) {
        guard let capacity, capacity.detail != .none else { return }
        name("ConsumedCapacity")
        self.capacity(capacity)
    }

    mutating func consumedCapacities(_ capacities: [ConsumedCapacity]?) {
        guard let capacities else { return }
        name("ConsumedCapacity")
        list(capacities) { writer, capacity in writer.capacity(capacity) }
    }

    private mutating func capacity(_ capacity: ConsumedCapacity) {
        let consumption = capacity.consumption
        let split = capacity.tellsReadWriteSplit
        let tellsIndexes = capacity.detail == .indexes
        let total = consumption.total
        beginObject()
        name("CapacityUnits")
        units(total.read + total.write)
        if tellsIndexes {
            indexes("GlobalSecondaryIndexes", consumption.globalIndexes, split: split)
            indexes("LocalSecondaryIndexes", consumption.localIndexes, split: split)
        }
        if split { units("ReadCapacityUnits", total.read) }
        if tellsIndexes {
            name("Table")
            arm(consumption.table, split: split)
        }
        name("TableName")
        string(consumption.tableName)
        if split { units("WriteCapacityUnits", total.write) }
        endObject()
    }

    private mutating func indexes(_ member: StaticString, _ indexes: [String: Units], split: Bool) {
        guard !indexes.isEmpty else { return }
        name(member)
        beginObject()
        for (index, units) in indexes.sorted(by: { $0.key < $1.key }) {
            name(index)
            arm(units, split: split)
        }
        endObject()
    }

    private mutating func arm(_ consumed: Units, split: Bool) {
        beginObject()
        name("CapacityUnits")
        units(consumed.read + consumed.write)
        if split {
            units("ReadCapacityUnits", consumed.read)
            units("WriteCapacityUnits", consumed.write)
        }
        endObject()
    }

    /// A half of the split; what wasn't consumed isn't told.
    private mutating func units(_ member: StaticString, _ units: RequestUnits) {
        guard units != .zero else { return }
        name(member)
        self.units(units)
    }

    /// Request units as a double: halves make it exact, and cheap to write.
    private mutating func units(_ units: RequestUnits) {
        guard units.halves >= 0, units.halves < 20_000_000 else { return double(units.value) }
        integer(units.halves / 2)
        if units.halves & 1 == 0 { literal(".0") } else { literal(".5") }
    }
}
