internal import Operations

/// Where operations find tables: the catalogue, or a group of commits with what it staged.
package protocol TableLookup {
    /// The table with a name in a region.
    func table(named name: String, region: String) -> Table?
    /// All tables of a region, sorted by name.
    func tables(in region: String) -> [Table]
}

/// Where changes of tables are staged: one group of commits, on the commit path's thread.
///
/// Lookups see what was staged before in the same group.
package protocol TableStaging: AnyObject, TableLookup {
    /// A fresh storage id for a table or an index.
    func makeStorageID() -> UInt32
    /// Makes or replaces a table's definition.
    ///
    /// Entries of an index that the new definition no longer has are deleted in the same batch.
    func putTable(_ definition: TableDefinition)
    /// Deletes a table, its items, indexes and statistics in the same batch.
    func dropTable(_ table: Table)
    /// Whether a stream with this name is there, be it of an earlier table.
    func hasStream(tableName: String, region: String, label: String) -> Bool
}

extension TableStaging {
    /// The label of a stream made now: past the latest one, and of no other stream of a table with
    /// this name, even where the clock stands still.
    func freshStreamLabel(
        tableName: String, region: String, after latest: String?, now: Timestamp
    ) -> String {
        var milliseconds = 0.0
        while true {
            let label = CalendarTime(now + milliseconds / 1_000).label
            let isTaken =
                label <= latest ?? ""
                || hasStream(tableName: tableName, region: region, label: label)
            if !isTaken || milliseconds >= 1_000 { return label }
            milliseconds += 1
        }
    }
}
