/// What is imported, and how.
package struct ImportPlan: Sendable, Hashable {
    package var table: String
    /// A file, a directory of files, an export of the service, or `-`.
    package var source: String
    /// nil: told by names and contents.
    package var format: TransferFormat?
    /// Of the columns of CSV that are no keys' and no strings.
    package var columnTypes: [String: ColumnType] = [:]
    /// Requests under way at the same time.
    package var writers = 8
    package var writeUnitsPerSecond: Double?
    package var resumes = false
    /// Begins again where an unfinished import is.
    package var beginsAgain = false
    /// Leaves out what is no item, and goes on.
    package var skipsBad = false
    /// Makes the table from a definition first.
    package var createsTable = false
    /// The definition's file; nil: the one beside the source.
    package var definitionPath: String?

    package init(table: String, source: String) {
        self.table = table
        self.source = source
    }

    /// The file that tells how far an unfinished import is; nil for what cannot go on.
    package var checkpointPath: String? {
        let isThere = FilePath.isDirectory(source) || FilePath.isFileOrNothing(source)
        guard source != "-", isThere else { return nil }
        let name = ".import-\(table.split(separator: "/").last ?? "").checkpoint"
        if FilePath.isDirectory(source) { return FilePath.joined(source, name) }
        return FilePath.joined(FilePath.directory(source), "." + FilePath.name(source) + name)
    }
}
