import Engine
import Permissions

/// What permissions ask about tables, answered by the engine's catalogue.
struct EngineTables: TableDirectory {
    let engine: Engine

    func facts(tableName: String, region: String) -> TableFacts? {
        guard let table = engine.table(named: tableName, region: region) else { return nil }
        var keys = ["": [table.partitionKey.name]]
        for index in table.localIndexes + table.globalIndexes {
            keys[index.name] = index.hashKey.map(\.name)
        }
        let policy = table.definition.attachedPolicy
        return TableFacts(
            partitionKeys: keys,
            resourcePolicy: policy.map { (document: $0.document, revision: $0.revisionID) })
    }
}
