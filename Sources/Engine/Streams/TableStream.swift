internal import Items
internal import Operations
internal import Streams

/// Where the records of a table's changes go: one open shard for each partition.
///
/// Immutable, and part of one version of the table.
struct TableStream: Sendable {
    let id: UInt32
    let view: StreamView
    let keySchema: StreamKeySchema
    /// The number of each partition's open shard, in the order of partitions.
    let shards: [UInt32]

    /// nil where the table has no stream, or its stream isn't set up yet.
    init?(of definition: TableDefinition) {
        guard let open = definition.stream, let view = definition.streamView else { return nil }
        id = open.id
        self.view = view
        keySchema = definition.streamKeySchema
        shards = open.shards
    }
}

extension TableDefinition {
    /// The view type of the stream that is on.
    var streamView: StreamView? {
        guard let specification = streamSpecification, specification.streamEnabled,
            let viewType = specification.streamViewType
        else { return nil }
        return StreamView(rawValue: viewType.rawValue)
    }

    var streamKeySchema: StreamKeySchema {
        StreamKeySchema(
            hash: keySchema.first { $0.keyType == .hash }?.attributeName ?? "",
            range: keySchema.first { $0.keyType == .range }?.attributeName)
    }

    func streamName(label: String) -> StreamName {
        StreamName(region: region, tableName: name, label: label)
    }
}
