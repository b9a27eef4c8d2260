internal import Dispatch
package import Logging
package import Operations
package import Storage
internal import Synchronization

/// What logs may take.
package struct LogLimits: Sendable {
    /// Bytes of the events of a group; beyond it, the oldest go.
    package var groupBytesMax = 64 << 20
    /// The same for a group with a retention policy, whose user asked to keep things.
    package var retainedGroupBytesMax = 1 << 30
    /// Days that events of a group without a retention policy are kept.
    package var retentionDays = 14
    /// Bytes that wait to be written; what comes beyond them is dropped, and counted.
    package var pendingBytesMax = 32 << 20
    /// Seconds that events may wait for others to be written with.
    package var writeDelay = 0.1

    package init() {}
}

/// Log groups, streams and their events, kept in the store.
///
/// Groups and streams are in memory for reading; events are read from the store. Changes are
/// gathered and written together: `append` never waits, and `flush` tells when everything before
/// it is durable.
package final class LogStore: FunctionLog {
    /// A stream of a group.
    struct StreamName: Hashable {
        var group: LogGroupName
        var stream: String
    }

    struct State {
        var groups: [LogGroupName: LogGroup] = [:]
        /// The last id given to a group or stream, and the last sequence given to an event.
        var lastID: UInt64 = 0
        var lastSequence: UInt64 = 0
        /// What is to be written, beside the records of what is dirty.
        var changes: [(key: [UInt8], value: [UInt8]?)] = []
        var dirtyGroups: Set<LogGroupName> = []
        var dirtyStreams: Set<StreamName> = []
        /// Bytes of the events in `changes`.
        var eventBytes = 0
        /// The same, with those of the write that runs.
        var pendingBytes = 0
        var isWriting = false
        /// Whether a write is due soon.
        var isScheduled = false
        var waiters: [@Sendable (StorageError?) -> Void] = []
        /// Events that found no place, by stream.
        var droppedCounts: [StreamName: Int] = [:]
        var trims: Set<LogGroupName> = []
        var isTrimming = false
        var hasFailed = false
    }

    let records: RecordStore
    let accountID: String
    let clock: any ServiceClock
    let limits: LogLimits
    let logger: Logger
    let state = Mutex(State())
    /// Writes and trims, one after another.
    let worker = DispatchQueue(label: "basalt.logs")
    /// Looks for what is too old.
    private let chore = Mutex<Task<Void, Never>?>(nil)

    /// Reads the groups and streams of a store.
    package init(
        records: RecordStore, accountID: String, clock: any ServiceClock,
        limits: LogLimits = LogLimits(), logger: Logger
    ) throws(StorageError) {
        self.records = records
        self.accountID = accountID
        self.clock = clock
        self.limits = limits
        self.logger = logger
        let loaded = try Self.load(records)
        state.withLock { $0 = loaded }
    }

    private static func load(_ records: RecordStore) throws(StorageError) -> State {
        var state = State()
        if let counters = try records.get(LogKeys.counters), counters.count == 16 {
            state.lastID = LogKeys.number(counters[0..<8])
            state.lastSequence = LogKeys.number(counters[8..<16])
        }
        var names: [UInt64: LogGroupName] = [:]
        for record in try records.records(prefix: LogKeys.groups) where record.key.count == 9 {
            let id = LogKeys.number(record.key[1..<9])
            guard let group = LogGroup(id: id, record: record.value) else {
                throw .corrupt("the record of log group \(id)")
            }
            names[id] = group.name
            state.groups[group.name] = group
        }
        for record in try records.records(prefix: LogKeys.streams) where record.key.count == 17 {
            let id = LogKeys.number(record.key[9..<17])
            guard let stream = LogStream(id: id, record: record.value) else {
                throw .corrupt("the record of log stream \(id)")
            }
            guard let name = names[LogKeys.number(record.key[1..<9])] else { continue }
            state.groups[name]?.add(stream)
        }
        return state
    }

    // MARK: Life

    /// Begins to remove what is too old.
    package func start() {
        finishPurges()
        let task = Task { [weak self] in
            while !Task.isCancelled {
                self?.trimAll()
                guard let clock = self?.clock else { return }
                do { try await clock.sleep(seconds: 600) } catch { return }
            }
        }
        chore.withLock { $0 = task }
    }

    /// Writes what is not written yet.
    package func stop() async {
        chore.withLock { $0?.cancel() }
        await withCheckedContinuation { continuation in
            flush { _ in continuation.resume() }
        }
    }

    // MARK: Appending

    /// Now, in milliseconds since 1970.
    var now: Int { Self.milliseconds(clock.now()) }

    static func milliseconds(_ time: Timestamp) -> Int {
        guard time.isFinite else { return 0 }
        return Int((min(max(time, 0), TimeText.timestampMax) * 1000).rounded(.down))
    }

    package func append(
        _ lines: [LogLine], group: String, stream: String, region: String
    ) {
        guard !lines.isEmpty else { return }
        let now = now
        let name = StreamName(
            group: LogGroupName(region: region, name: group), stream: stream)
        let isDue = state.withLock { state in
            state.makeStream(name, now: now, isImplicit: true)
            if let count = state.droppedCounts[name],
                state.pendingBytes < limits.pendingBytesMax / 2
            {
                state.droppedCounts[name] = nil
                state.add(
                    ArraySlice("\(count) log events were dropped: they came too fast\n".utf8),
                    timestamp: now, ingestionTime: now, to: name)
            }
            for line in lines {
                let timestamp = Self.milliseconds(line.timestamp)
                for piece in Self.pieces(line.message) {
                    guard state.pendingBytes + piece.count <= limits.pendingBytesMax else {
                        state.droppedCounts[name, default: 0] += 1
                        continue
                    }
                    state.add(piece, timestamp: timestamp, ingestionTime: now, to: name)
                }
            }
            return state.schedule()
        }
        if isDue { writeSoon() }
    }

    /// A printed line with its end, in pieces that each make an event.
    private static func pieces(_ message: String) -> [ArraySlice<UInt8>] {
        let bytesMax = 262_144 - 26
        let bytes = Array(message.utf8) + [0x0A]
        guard bytes.count > bytesMax else { return [bytes[...]] }
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        while start < bytes.count {
            var end = min(start + bytesMax, bytes.count)
            // Not within a character: continuation bytes of UTF-8 begin with the bits 10.
            while end < bytes.count, end > start + 4, bytes[end] & 0xC0 == 0x80 { end -= 1 }
            pieces.append(bytes[start..<end])
            start = end
        }
        return pieces
    }

    // MARK: Writing

    /// Calls back, on another thread, when everything before is durable, or with why it isn't.
    package func flush(_ completion: @escaping @Sendable (StorageError?) -> Void) {
        state.withLock { state in
            state.waiters.append(completion)
            state.isScheduled = true
        }
        worker.async { self.write() }
    }

    func writeSoon() {
        worker.asyncAfter(deadline: .now() + limits.writeDelay) { self.write() }
    }

    private func write() {
        let waiting = state.withLock { state -> PendingWrite? in
            guard !state.isWriting else { return nil }
            state.isScheduled = false
            let write = state.takeWrite()
            state.isWriting = write.map { !$0.changes.isEmpty } ?? false
            return write
        }
        guard let waiting else { return }
        guard !waiting.changes.isEmpty else {
            for waiter in waiting.waiters { waiter(nil) }
            return
        }
        records.write(waiting.changes) { result in
            self.didWrite(waiting, result)
        }
    }

    private func didWrite(_ write: PendingWrite, _ result: Result<Void, StorageError>) {
        var fault: StorageError?
        if case .failure(let error) = result { fault = error }
        let isFailed = fault != nil
        let (isDue, isFirstFailure) = state.withLock { state in
            state.isWriting = false
            state.pendingBytes -= write.eventBytes
            let isFirstFailure = isFailed && !state.hasFailed
            state.hasFailed = isFailed
            let hasMore = !state.changes.isEmpty || !state.waiters.isEmpty
            if hasMore { state.isScheduled = true }
            return (hasMore, isFirstFailure)
        }
        if isFirstFailure, let fault { logger.error("Logs cannot be written: \(fault)") }
        for waiter in write.waiters { waiter(fault) }
        if isDue { worker.async { self.write() } }
        trim(write.groups)
    }
}

/// What is written together.
struct PendingWrite: Sendable {
    var changes: [(key: [UInt8], value: [UInt8]?)]
    var eventBytes: Int
    var groups: [LogGroupName]
    var waiters: [@Sendable (StorageError?) -> Void]
}

extension LogStore.State {
    /// Whether the caller is to see to a write; one that is due already, or runs, sees to it.
    mutating func schedule() -> Bool {
        guard !isScheduled, !isWriting else { return false }
        isScheduled = true
        return true
    }

    /// Takes what there is to write; nil where nothing is, and nobody waits.
    mutating func takeWrite() -> PendingWrite? {
        guard !changes.isEmpty || !dirtyGroups.isEmpty || !dirtyStreams.isEmpty || !waiters.isEmpty
        else { return nil }
        var taken = changes
        for name in dirtyStreams {
            guard let group = groups[name.group], let stream = group.streams[name.stream] else {
                continue
            }
            taken.append((LogKeys.stream(stream.id, group: group.id), stream.encoded))
        }
        for name in dirtyGroups {
            guard let group = groups[name] else { continue }
            taken.append((LogKeys.group(group.id), group.encoded))
        }
        if !taken.isEmpty {
            taken.append(
                (LogKeys.counters, LogKeys.bytes(lastID) + LogKeys.bytes(lastSequence)))
        }
        let write = PendingWrite(
            changes: taken, eventBytes: eventBytes, groups: Array(dirtyGroups), waiters: waiters)
        changes = []
        eventBytes = 0
        waiters = []
        dirtyGroups = []
        dirtyStreams = []
        return write
    }

    /// Makes a group where there is none.
    mutating func makeGroup(_ name: LogGroupName, now: Int) {
        guard groups[name] == nil else { return }
        lastID += 1
        groups[name] = LogGroup(id: lastID, name: name, creationTime: now)
        dirtyGroups.insert(name)
    }

    /// Makes a stream, and its group, where there are none.
    mutating func makeStream(_ name: LogStore.StreamName, now: Int, isImplicit: Bool) {
        makeGroup(name.group, now: now)
        guard groups[name.group]?.streams[name.stream] == nil else { return }
        lastID += 1
        groups[name.group]?.add(
            LogStream(id: lastID, name: name.stream, creationTime: now, isImplicit: isImplicit))
        dirtyStreams.insert(name)
    }

    /// Adds an event to a stream that is there.
    mutating func add(
        _ message: ArraySlice<UInt8>, timestamp: Int, ingestionTime: Int,
        to name: LogStore.StreamName
    ) {
        // Ids alone: a copy of the group would be copied out when it is changed below.
        guard let groupID = groups[name.group]?.id, let trimmedTo = groups[name.group]?.trimmedTo,
            let streamID = groups[name.group]?.streams[name.stream]?.id
        else { return }
        lastSequence += 1
        let position = LogPosition(timestamp: timestamp, sequence: lastSequence)
        let record = LogEventRecord(
            streamID: streamID, ingestionTime: ingestionTime, message: message
        ).encoded
        changes.append((LogKeys.event(position, group: groupID), record))
        eventBytes += record.count
        pendingBytes += record.count
        groups[name.group]?.streams[name.stream]?.note(
            timestamp: timestamp, ingestionTime: ingestionTime)
        groups[name.group]?.storedBytes += LogEventRecord.byteCount(messageBytes: message.count)
        if position < trimmedTo { groups[name.group]?.trimmedTo = position }
        dirtyStreams.insert(name)
        dirtyGroups.insert(name.group)
    }
}
