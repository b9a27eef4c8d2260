internal import Items
internal import Operations
internal import Streams

extension Staging {
    /// Stages the stream record of an item's change, where the table has a stream and the change
    /// changes anything.
    func appendStreamRecord(
        _ table: Table, storedKey: [UInt8], old: ItemBytes?, new: ItemBytes?, origin: ChangeOrigin
    ) {
        guard let stream = table.stream, old != new else { return }
        let partition = table.partitions.partition(ofStoredKey: storedKey)
        guard partition < stream.shards.count else { return }
        streamWriter.append(
            old, new, to: stream.id, shard: stream.shards[partition], view: stream.view,
            keySchema: stream.keySchema, isTimeToLiveDeletion: origin == .timeToLive)
    }

    // MARK: Streams follow their tables

    /// A table's definition with its stream set up as it asks: made, switched off, or cut as the
    /// table's partitions are.
    func settingUpStream(of definition: TableDefinition) -> TableDefinition {
        var definition = definition
        guard let view = definition.streamView, let label = definition.latestStreamLabel else {
            disableStream(of: definition)
            definition.stream = nil
            return definition
        }
        let partitions = definition.currentPartitions
        definition.partitions = partitions
        let name = definition.streamName(label: label)
        if var open = definition.stream {
            guard open.shards.count != partitions.count else { return definition }
            open.shards = streamWriter.reshape(name, lowerHashes: partitions.lowerHashes)
            definition.stream = open
        } else {
            let descriptor = StreamDescriptor(
                id: makeStorageID(), name: name, view: view,
                keySchema: definition.streamKeySchema, createdAt: streamWriter.now)
            definition.stream = OpenStream(
                id: descriptor.id, label: label,
                shards: streamWriter.create(descriptor, lowerHashes: partitions.lowerHashes))
        }
        return definition
    }

    /// Switches the stream of a table off; it stays readable for a day.
    func disableStream(of definition: TableDefinition) {
        guard let open = definition.stream else { return }
        streamWriter.disable(definition.streamName(label: open.label))
    }

    package func hasStream(tableName: String, region: String, label: String) -> Bool {
        let name = StreamName(region: region, tableName: tableName, label: label)
        return streamWriter.stream(name) != nil
    }
}
