package import Operations

/// What a write intent sees and changes on the commit path. (Signatures; the commit path fills it.)
package final class Staging {
    /// The table, staged changes of this group of commits included.
    func table(named name: String, region: String) -> Table? { nil }
    /// All tables of a region, by name.
    func tables(in region: String) -> [Table] { [] }
    /// A fresh storage id for a table or an index.
    func makeStorageID() -> UInt32 { 0 }
    /// Makes or replaces a table's definition. Entries of an index that the new definition no
    /// longer has are deleted in the same batch.
    func putTable(_ definition: TableDefinition) {}
    /// Deletes a table, its items and its indexes in the same batch.
    func dropTable(_ table: Table) {}
}
