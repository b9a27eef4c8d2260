internal import Dispatch
internal import Glibc
internal import Items
package import Logging
package import Metering
package import Operations
package import Storage
internal import Synchronization

/// What every request consumed: counted at once, kept in the store, read by reports and metrics.
///
/// A request is counted before its answer goes out, in memory that outlives a killed process
/// (`LiveMemory`); from there the counts move into the store every minute.
package final class AccountBook: Sendable {
    /// Seconds of real time between two looks whether a minute is over, and so the most that a
    /// power cut takes.
    static let lookSeconds = 1
    /// So many chunks are brought into the store before the minute is over.
    static let chunksMax = 64
    static let stripeCount = 16

    let clock: any ServiceClock
    let directory: any ResourceDirectory
    let names: ResourceNames
    let stripes: [LiveStripe]
    let memory: LiveMemory
    let usage: UsageStore
    private let outlivesPowerCuts: Bool
    let logger: Logger
    let thread = DispatchQueue(label: "basalt.usage")
    let state: Mutex<State>

    struct Alarm: @unchecked Sendable {
        // Sendable: a dispatch source is safe from any thread.
        let source: any DispatchSourceTimer
    }

    /// What only the book's own thread changes.
    struct State: Sendable {
        var marker: UsageStore.Marker
        /// Everything counted since the server started that left the stripes.
        var totals: [UsageKey: UsageCounts] = [:]
        /// What couldn't be written yet.
        var waiting = UsageStore.Contents()
        var waitingChunks: [LiveMemory.Chunk] = []
        /// The hottest and most throttled keys of this minute and the last, for live views.
        var recentKeys = RecentKeys()
        var flushedMinute: UInt32
        /// Up to when what stands was added up.
        var standingSince: Timestamp
        /// Tables and indexes as the store has them.
        var stored: [UInt32: MeteredResource] = [:]
        var isStopped = false
        var timer: Alarm?
    }

    /// - Parameter livePath: the file that keeps what isn't in the store yet; nil for none, where
    ///   nothing is to stay.
    /// - Parameter outlivesPowerCuts: whether that file is brought onto the device every second.
    /// - Throws: `StorageError`, or what tells why there can be no live file.
    package init(
        store: any KeyValueStore, directory: any ResourceDirectory, clock: any ServiceClock,
        livePath: String?, outlivesPowerCuts: Bool = false, logger: Logger
    ) throws {
        self.clock = clock
        self.directory = directory
        self.logger = logger
        self.outlivesPowerCuts = outlivesPowerCuts
        names = ResourceNames(directory)
        usage = UsageStore(store, logger: logger)
        let marker = try usage.marker()
        var left: [LiveMemory.Chunk] = []
        if let livePath {
            let numbersAfter = max(marker.lowWater, marker.taken.max() ?? 0)
            (memory, left) = try LiveMemory.open(
                livePath, storeNumber: marker.storeNumber, numbersAfter: numbersAfter,
                logger: logger)
        } else {
            memory = LiveMemory(logger: logger)
        }
        let memory = memory
        stripes = (0..<Self.stripeCount).map { _ in
            LiveStripe(memory: memory, directory: directory)
        }
        let now = clock.now()
        state = Mutex(
            State(marker: marker, flushedMinute: Self.minute(now), standingSince: now))
        try takeIn(left, marker: marker)
    }

    /// Brings what an ended process left in its file into the store, once.
    private func takeIn(_ chunks: [LiveMemory.Chunk], marker: UsageStore.Marker) throws {
        var contents = UsageStore.Contents()
        for chunk in chunks where !marker.hasTaken(chunk.number) {
            for slot in LiveSlot.slots(of: chunk) {
                guard let key = slot.key else { continue }
                contents.counts[paid(key), default: UsageCounts()] += slot.counts
            }
        }
        var after = marker
        after.lowWater = max(marker.lowWater, memory.nextNumber)
        after.taken = []
        try usage.add(contents, marker: after)
        state.withLock { $0.marker = after }
        for chunk in chunks { memory.release(chunk) }
    }

    static func minute(_ time: Timestamp) -> UInt32 {
        UInt32(min(max(time / 60, 0), Double(UInt32.max - 1_440)))
    }

    // MARK: Life

    /// Begins to move counts into the store in the background.
    package func start() {
        let timer = DispatchSource.makeTimerSource(queue: thread)
        timer.schedule(
            deadline: .now() + .seconds(Self.lookSeconds), repeating: .seconds(Self.lookSeconds))
        timer.setEventHandler { [weak self] in self?.look() }
        timer.activate()
        state.withLock { $0.timer = Alarm(source: timer) }
    }

    /// Moves everything into the store and ends; the store may be closed afterwards.
    package func stop() {
        thread.sync {
            let timer = state.withLock { state in
                state.isStopped = true
                return state.timer
            }
            timer?.source.cancel()
            flush()
        }
    }

    private func look() {
        let minute = Self.minute(clock.now())
        let (flushed, isStopped) = state.withLock { ($0.flushedMinute, $0.isStopped) }
        guard !isStopped else { return }
        if minute != flushed || stripes.reduce(0, { $0 + $1.chunkCount }) > Self.chunksMax {
            flush()
        } else if outlivesPowerCuts {
            // Each stripe is to be asked, not the first that says yes.
            let unsynced = stripes.map { $0.takeUnsynced() }
            if unsynced.contains(true) { memory.sync() }
        }
    }

    /// Books what stood until now, where that is a second or more, and goes on.
    ///
    /// - Parameter next: called on the book's own thread, or at once.
    func settle(then next: @escaping @Sendable () -> Void) {
        guard state.withLock({ clock.now() - $0.standingSince >= 1 && !$0.isStopped }) else {
            return next()
        }
        thread.async { [self] in
            if !state.withLock(\.isStopped) { flush() }
            next()
        }
    }

    // MARK: Into the store

    /// Moves what was counted into the store.
    ///
    /// On the book's own thread.
    func flush() {
        dispatchPrecondition(condition: .onQueue(thread))
        let now = clock.now()
        let minute = Self.minute(now)
        gather(now)
        commit()
        do throws(StorageError) {
            try usage.condense(minute: minute)
        } catch {
            logger.error("usage cannot be made coarser: \(error)")
        }
        state.withLock { $0.flushedMinute = minute }
    }

    /// Takes what was counted from the stripes, and adds what stood meanwhile.
    private func gather(_ now: Timestamp) {
        var contents = UsageStore.Contents()
        var chunks: [LiveMemory.Chunk] = []
        var met: [UInt32: MeteredResource] = [:]
        var totals: [UsageKey: UsageCounts] = [:]
        var recent = RecentKeys()
        for stripe in stripes {
            let (taken, notes) = stripe.detach()
            chunks += taken
            recent.add(notes)
            for (place, sketch) in notes.hotKeys {
                contents.hotKeys[place] = HotKey.merged(
                    [contents.hotKeys[place] ?? [], sketch.keys])
            }
            met.merge(notes.resources) { $1 }
        }
        for slot in chunks.lazy.flatMap(LiveSlot.slots) {
            guard let key = slot.key else { continue }
            let counts = slot.counts
            contents.counts[paid(key, met[key.resource]), default: UsageCounts()] += counts
            totals[key.forTotals, default: UsageCounts()] += counts
        }
        let since = state.withLock { $0.standingSince }
        let resources = directory.resources()
        addStanding(of: resources, from: since, to: now, into: &contents)
        let live = Dictionary(
            resources.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for stripe in stripes { stripe.forget(allBut: live) }
        for resource in resources { met[resource.id] = resource }
        state.withLock { state in
            state.standingSince = max(now, since)
            for resource in met.values where state.stored[resource.id] != resource.named {
                state.stored[resource.id] = resource.named
                contents.resources.append(resource)
            }
            state.totals = Dictionary(
                state.totals.merging(totals, uniquingKeysWith: UsageCounts.sum)
                    .map { ($0.key.withResource(in: live), $0.value) },
                uniquingKeysWith: UsageCounts.sum)
            state.recentKeys.add(recent)
            state.recentKeys.forget(before: Self.minute(now))
            state.waiting.add(contents)
            state.waitingChunks += chunks
        }
    }

    /// Writes what was gathered; where that fails it waits for the next time.
    private func commit() {
        var (contents, chunks, marker) = state.withLock {
            ($0.waiting, $0.waitingChunks, $0.marker)
        }
        // In this order: a chunk that is taken from now on has this number or a greater one.
        let next = memory.nextNumber
        let attached = stripes.compactMap(\.leastChunkNumber).min()
        let lowWater = min(next, attached ?? next)
        marker.lowWater = max(marker.lowWater, lowWater)
        marker.taken = chunks.map(\.number).filter { $0 >= marker.lowWater }
        do throws(StorageError) {
            try usage.add(contents, marker: marker)
        } catch {
            logger.error("usage cannot be written: \(error)")
            return
        }
        contents = UsageStore.Contents()
        state.withLock { state in
            state.marker = marker
            state.waiting = contents
            state.waitingChunks = []
        }
        for chunk in chunks { memory.release(chunk) }
    }

    /// The key under which work is kept: by how its table is paid now.
    private func paid(_ key: UsageKey, _ met: MeteredResource? = nil) -> UsageKey {
        guard key.kind == .onDemand, key.resource != 0,
            let resource = directory.resource(id: key.resource) ?? met,
            case .provisioned = resource.throughput
        else { return key }
        var key = key
        key.kind = .provisioned
        return key
    }

    /// Adds what tables and indexes held, and were provisioned with, for a while.
    private func addStanding(
        of resources: [MeteredResource], from: Timestamp, to: Timestamp,
        into contents: inout UsageStore.Contents
    ) {
        let oldest = to - Double(UsageGrain.hour.ageMax) * 60
        var start = max(from, oldest)
        guard start < to else { return }
        // A clock that was moved on for long is cut into hours rather than minutes.
        let step = to - start > 600 ? 3_600.0 : 60.0
        while start < to {
            let end = min(to, ((start / step).rounded(.down) + 1) * step)
            let seconds = end - start
            for resource in resources {
                let counts = resource.standing(seconds: seconds)
                guard counts != UsageCounts() else { continue }
                let key = UsageKey(
                    minute: Self.minute(start), resource: resource.id, kind: .standing)
                contents.counts[key, default: UsageCounts()] += counts
                guard resource.hasPointInTimeRecovery, resource.isBackedUp else { continue }
                var backup = key
                backup.kind = .continuousBackup
                var held = UsageCounts()
                held.bytes = counts.bytes
                held.items = counts.items
                contents.counts[backup, default: UsageCounts()] += held
            }
            start = end
        }
    }
}

extension UsageKey {
    /// Without what would make totals grow for ever.
    var forTotals: UsageKey {
        var key = self
        key.minute = 0
        key.caller = ""
        return key
    }
}

extension UsageStore.Contents {
    fileprivate mutating func add(_ other: UsageStore.Contents) {
        for (key, added) in other.counts { counts[key, default: UsageCounts()] += added }
        for (place, keys) in other.hotKeys {
            hotKeys[place] = HotKey.merged([hotKeys[place] ?? [], keys])
        }
        resources += other.resources
    }
}

extension MeteredResource {
    /// What the store keeps of it: not what changes with every write.
    fileprivate var named: MeteredResource {
        var resource = self
        resource.itemCount = 0
        resource.byteCount = 0
        resource.hasPointInTimeRecovery = false
        return resource
    }

    fileprivate func standing(seconds: Double) -> UsageCounts {
        func count(_ amount: Double) -> UInt64 {
            let product = (amount * seconds).rounded()
            return product < 1 ? 0 : product < 1.8e19 ? UInt64(product) : .max
        }
        var counts = UsageCounts()
        if kind != .localIndex, case .provisioned(let read, let write) = throughput {
            counts.readHalves = count(read)
            counts.writeHalves = count(write)
        }
        counts.bytes = count(Double(byteCount))
        if kind != .table { counts.items = count(Double(itemCount)) }
        return counts
    }
}
