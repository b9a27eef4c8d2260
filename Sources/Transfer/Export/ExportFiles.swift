internal import Wire

/// The files that an export writes, and its checkpoint: the one place that all segments write to.
actor ExportFiles {
    private let checkpointPath: String?
    private let directory: String
    private var files: [FileDescriptor]
    private(set) var checkpoint: ExportCheckpoint
    private var columns: Set<String>
    private var keptAt: Double
    private var bytesSinceKept = 0
    /// Files that were written to since then.
    private var unkept: Set<Int> = []

    private static let checkpointSeconds = 2.0
    private static let checkpointBytes = 256 << 20

    /// Opens the files, each cut off where the checkpoint tells.
    ///
    /// - Parameters:
    ///   - directory: where they lie.
    ///   - checkpointPath: nil: everything goes to the standard output, and cannot go on later.
    init(
        _ checkpoint: ExportCheckpoint, directory: String, checkpointPath: String?
    ) throws(TransferError) {
        self.checkpoint = checkpoint
        self.directory = directory
        self.checkpointPath = checkpointPath
        columns = Set(checkpoint.columns)
        files = []
        keptAt = Seconds.monotonic()
        guard checkpointPath != nil else {
            files = [.standardOutput]
            return
        }
        for entry in checkpoint.files {
            let file = try FileDescriptor.writing(
                FilePath.joined(directory, entry.name), keepsContent: true)
            guard let length = file.length, length >= entry.length else {
                throw TransferError(
                    "\(file.path): is shorter than its checkpoint tells; begin again with --force")
            }
            try file.truncate(to: entry.length)
            files.append(file)
        }
    }

    /// Writes what stands before the first record of files that are empty.
    func begin(with heading: [UInt8]) throws(TransferError) {
        for index in files.indices where checkpoint.files[index].length == 0 {
            if heading.isEmpty { continue }
            unkept.insert(index)
            try files[index].write(heading)
            checkpoint.files[index].length += heading.count
        }
        try keep()
    }

    /// What a segment has to add to its file.
    struct Piece: Sendable {
        var bytes: [UInt8] = []
        var items = 0
        var itemBytes = 0
        var units = 0.0
        /// Names of attributes, where CSV needs them.
        var columns: Set<String> = []
    }

    /// Appends a piece, after which its segment goes on as told.
    func append(
        _ piece: Piece, of segment: Int, then state: ExportCheckpoint.Segment
    ) throws(TransferError) {
        let file = segment % files.count
        unkept.insert(file)
        try files[file].write(piece.bytes)
        checkpoint.files[file].length += piece.bytes.count
        checkpoint.files[file].items += piece.items
        checkpoint.segments[segment] = state
        checkpoint.itemBytes += piece.itemBytes
        checkpoint.units += piece.units
        columns.formUnion(piece.columns)
        bytesSinceKept += piece.bytes.count
        if Seconds.monotonic() - keptAt >= Self.checkpointSeconds
            || bytesSinceKept >= Self.checkpointBytes
        {
            try keep()
        }
    }

    /// Makes what was written durable, and then tells so in the checkpoint.
    func keep() throws(TransferError) {
        keptAt = Seconds.monotonic()
        bytesSinceKept = 0
        checkpoint.columns = columns.sorted()
        guard let checkpointPath else { return }
        for file in unkept { try files[file].synchronize() }
        unkept = []
        try FilePath.write(checkpoint.json.encoded, to: checkpointPath)
    }

    /// Ends the files: a packed one without records is a whole of nothing.
    func close(_ compression: Compression) throws(TransferError) -> ExportCheckpoint {
        if compression != .none {
            for index in files.indices where checkpoint.files[index].length == 0 {
                let empty = try compression.packed([])
                unkept.insert(index)
                try files[index].write(empty)
                checkpoint.files[index].length += empty.count
            }
        }
        try keep()
        files = []
        return checkpoint
    }
}
