package import Operations
package import Wire

/// What is exported, and where to.
package struct ExportPlan: Sendable, Hashable {
    package enum Target: Sendable, Hashable {
        case standardOutput
        case file(String)
        /// A file for each segment; for `s3Export` the service's layout.
        case directory(String)
    }

    package var table: String
    package var index: String?
    package var selection = ScanSelection.everything
    package var format = TransferFormat.jsonl
    package var compression = Compression.none
    package var target: Target
    /// Parts of the key space that are read at the same time.
    package var segments = 4
    package var readUnitsPerSecond: Double?
    /// Goes on with an export that was broken off.
    package var resumes = false
    /// Takes the place of what is there.
    package var replaces = false
    /// Writes the table's definition beside the output.
    package var withTable = false

    package init(table: String, target: Target) {
        self.table = table
        self.target = target
    }

    /// The parts that are read at the same time: a query is one.
    var partCount: Int { selection.keyCondition == nil ? segments : 1 }

    /// The file that tells how far an unfinished export is; nil for what cannot go on.
    package var checkpointPath: String? {
        switch target {
        case .standardOutput: nil
        case .file(let path): path + ".checkpoint"
        case .directory(let path): Self.checkpointPath(directory: path)
        }
    }

    static func checkpointPath(directory: String) -> String {
        FilePath.joined(directory, ".export.checkpoint")
    }

    /// What must be the same for an export to go on, by the options' names.
    func settings(of table: TransferTable) -> [(String, String)] {
        [
            ("table", table.identity), ("--index", index ?? ""), ("--format", format.rawValue),
            ("--compress", compression.rawValue), ("the selection", selection.text),
        ]
    }
}

/// What a transfer did.
package struct TransferSummary: Sendable, Hashable {
    package var counts = TransferProgress.Counts()
    package var seconds = 0.0
    /// Where the output is, or the table's name.
    package var place = ""
    /// The table's, which says at which prices units are paid.
    package var tableClass: TableClass?
}
