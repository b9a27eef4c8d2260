internal import Items
internal import Operations
internal import Wire

/// One change to write, and where it stands.
struct ImportEntry: Sendable {
    var change: ItemChange
    /// Equal for changes of the same item.
    var identity: [UInt8]
    var place: ImportPlace
    var name: String

    /// The bytes that the service will count.
    var size: Int {
        switch change {
        case .put(let item): item.size
        case .delete(let key): key.size
        }
    }

    /// The least that writing it consumes in the table.
    var units: Double {
        Double(max(1, (size + Limits.writeUnitBytes - 1) / Limits.writeUnitBytes))
    }
}

/// Changes that are written in one request.
struct ImportBatch: Sendable {
    var id = 0
    var entries: [ImportEntry] = []
    /// The place of the first of its records, those that a later one took the place of included.
    var first: ImportPlace?
    /// Records that a later one of the same item took the place of.
    var superseded = 0

    var bytes: Int { entries.reduce(0) { $0 + $1.size } }
    var units: Double { entries.reduce(0) { $0 + $1.units } }
}

/// Hands out what an import has to write, in batches, to writers that work at the same time.
///
/// Changes of the same item keep their order: in a batch the last wins, and no batch has an item
/// that is under way in another. It also knows up to where everything is acknowledged, and keeps
/// that in the checkpoint.
actor ImportQueue {
    private let table: TransferTable
    private let reader: ImportReader
    private let skipsBad: Bool
    private let checkpointPath: String?
    private let progress: TransferProgress
    private let onBad: @Sendable (String) -> Void
    private var checkpoint: ImportCheckpoint
    private var keptAt = Seconds.monotonic()

    private var nextID = 0
    private var underWay: [Int: ImportPlace] = [:]
    private var itemsUnderWay: Set<[UInt8]> = []
    /// Changes of items that are under way, in order.
    private var held: [ImportEntry] = []
    private var readAhead: ImportEntry?
    private var waiters: [CheckedContinuation<Void, Never>] = []
    private var isBroken = false
    /// The place of a record that ended the import.
    private var brokenAt: ImportPlace?

    private static let batchBytesMax = 2 << 20
    private static let heldCountMax = 1_000
    private static let checkpointSeconds = 1.0

    init(
        table: TransferTable, reader: sending ImportReader, checkpoint: ImportCheckpoint,
        checkpointPath: String?, skipsBad: Bool, progress: TransferProgress,
        onBad: @escaping @Sendable (String) -> Void
    ) {
        self.table = table
        self.reader = reader
        self.checkpoint = checkpoint
        self.checkpointPath = checkpointPath
        self.skipsBad = skipsBad
        self.progress = progress
        self.onBad = onBad
    }

    /// The next batch; nil when everything has been handed out.
    ///
    /// - Parameter unitsMax: what its writes may consume, as far as sizes tell; a batch has one
    ///   change whatever it consumes.
    func next(unitsMax: Double) async throws -> ImportBatch? {
        while true {
            let batch = try attempt(unitsMax: unitsMax)
            guard let batch else { return nil }
            if !batch.entries.isEmpty { return batch }
            if held.isEmpty { return nil }
            await change()
        }
    }

    // These two stand apart: Swift 6.3's optimiser crashes on a loop that both throws and waits.
    @inline(never)
    private func attempt(unitsMax: Double) throws -> ImportBatch? {
        try Task.checkCancellation()
        // The writer that failed tells why.
        return isBroken ? nil : try fill(unitsMax: unitsMax)
    }

    private func change() async {
        await withCheckedContinuation { waiters.append($0) }
    }

    /// A batch of what can be written now; empty where nothing can.
    func fill(unitsMax: Double) throws(TransferError) -> ImportBatch {
        var batch = ImportBatch(id: nextID)
        var units = 0.0
        var bytes = 0
        var places: [[UInt8]: Int] = [:]
        func hasRoom(_ entry: ImportEntry) -> Bool {
            batch.entries.isEmpty
                || batch.entries.count < Limits.batchWriteItemsMax
                    && units + entry.units <= unitsMax && bytes + entry.size <= Self.batchBytesMax
        }
        func take(_ entry: ImportEntry) {
            batch.first = min(batch.first ?? entry.place, entry.place)
            if let place = places[entry.identity] {
                units -= batch.entries[place].units
                bytes -= batch.entries[place].size
                batch.entries[place] = entry
                batch.superseded += 1
            } else {
                places[entry.identity] = batch.entries.count
                batch.entries.append(entry)
            }
            units += entry.units
            bytes += entry.size
        }
        var stillHeld: [ImportEntry] = []
        var heldItems: Set<[UInt8]> = []
        for entry in held {
            let mustWait =
                itemsUnderWay.contains(entry.identity) || heldItems.contains(entry.identity)
            if mustWait || !hasRoom(entry) {
                heldItems.insert(entry.identity)
                stillHeld.append(entry)
            } else {
                take(entry)
            }
        }
        held = stillHeld
        while held.count < Self.heldCountMax {
            var entry = readAhead
            readAhead = nil
            do throws(TransferError) {
                if entry == nil { entry = try read() }
            } catch {
                // What the batch took is not written: the checkpoint must not pass it, whatever
                // other writers still end before they see that this one failed.
                if let first = batch.first { underWay[batch.id] = first }
                nextID += 1
                isBroken = true
                throw error
            }
            guard let entry else { break }
            if itemsUnderWay.contains(entry.identity) || heldItems.contains(entry.identity) {
                heldItems.insert(entry.identity)
                held.append(entry)
            } else if hasRoom(entry) {
                take(entry)
            } else {
                readAhead = entry
                break
            }
        }
        if let first = batch.first {
            nextID += 1
            underWay[batch.id] = first
            for entry in batch.entries { itemsUnderWay.insert(entry.identity) }
        }
        return batch
    }

    /// The next record that is an item; bad ones are told, or end the import.
    private func read() throws(TransferError) -> ImportEntry? {
        while let record = try reader.next() {
            progress.update { $0.fileBytes = reader.packedBytesRead }
            let fault: String
            switch record.change {
            case .success(let change):
                let item =
                    switch change {
                    case .put(let item): item
                    case .delete(let key): key
                    }
                if let wrong = table.fault(of: item) {
                    fault = wrong
                    break
                }
                return ImportEntry(
                    change: change, identity: table.identity(of: item), place: record.place,
                    name: record.name)
            case .failure(let error): fault = error.message
            }
            do throws(TransferError) {
                try reject(record.name, fault)
            } catch {
                brokenAt = min(brokenAt ?? record.place, record.place)
                throw error
            }
        }
        return nil
    }

    /// Tells of a record that is no item.
    ///
    /// - Throws: unless such records are to be left out.
    func reject(_ name: String, _ fault: String) throws(TransferError) {
        guard skipsBad else {
            throw TransferError("\(name): \(fault); --skip-bad leaves such records out")
        }
        progress.update { $0.skipped += 1 }
        onBad("\(name): \(fault)")
    }

    /// Takes note that a batch has been written.
    func finish(_ batch: ImportBatch, written: [ImportEntry], units: Double) throws(TransferError) {
        underWay[batch.id] = nil
        for entry in batch.entries { itemsUnderWay.remove(entry.identity) }
        progress.update {
            $0.items += written.count
            $0.itemBytes += written.reduce(0) { $0 + $1.size }
            $0.units += units
        }
        if Seconds.monotonic() - keptAt >= Self.checkpointSeconds { try keep() }
        wake()
    }

    /// Ends the handing out: a writer failed.
    func breakOff() {
        isBroken = true
        wake()
    }

    private func wake() {
        let waiting = waiters
        waiters = []
        for waiter in waiting { waiter.resume() }
    }

    /// Keeps how far the import is when it is broken off; nothing where nothing was written.
    func keepAtEnd() throws(TransferError) {
        try keep()
        if let checkpointPath, checkpoint.counts.items == 0 { FilePath.remove(checkpointPath) }
    }

    /// Keeps in the checkpoint up to where everything is acknowledged.
    func keep() throws(TransferError) {
        keptAt = Seconds.monotonic()
        guard let checkpointPath else { return }
        var place = readAhead?.place ?? reader.place
        if let brokenAt { place = min(place, brokenAt) }
        for first in underWay.values { place = min(place, first) }
        for entry in held { place = min(place, entry.place) }
        let entrance = reader.entrance(before: place)
        checkpoint.entrance =
            entrance ?? (place == checkpoint.place ? checkpoint.entrance : nil)
        checkpoint.place = place
        checkpoint.counts = progress.counts
        try FilePath.write(checkpoint.json.encoded, to: checkpointPath)
    }
}
