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
}
