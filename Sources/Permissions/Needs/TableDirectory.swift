/// What deciding about a request needs to know of a table.
package struct TableFacts: Sendable {
    /// The names of the HASH attributes, by index; the table's own under the empty name.
    package var partitionKeys: [String: [String]]
    /// The policy that is attached to the table, as it was sent, and its revision.
    package var resourcePolicy: (document: String, revision: String)?

    package init(
        partitionKeys: [String: [String]],
        resourcePolicy: (document: String, revision: String)? = nil
    ) {
        self.partitionKeys = partitionKeys
        self.resourcePolicy = resourcePolicy
    }
}

/// Whoever knows which tables there are; answers at once, from memory.
package protocol TableDirectory: Sendable {
    func facts(tableName: String, region: String) -> TableFacts?
}
