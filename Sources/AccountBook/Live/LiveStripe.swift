internal import Items
internal import Metering
internal import Operations
internal import Synchronization

/// What threads count into: one of several, so that they seldom meet.
final class LiveStripe: Sendable {
    /// A table or index and an operation, whose answers take their time.
    struct Timed: Hashable, Sendable {
        var resource: UInt32
        var operation: BookedOperation
    }

    /// What a stripe holds beside its chunks; taken away at each flush.
    struct Notes: Sendable {
        /// By table or index, and minute.
        var hotKeys: [UInt64: HotKeySketch] = [:]
        /// Likewise, those whose work met a limit, by how often.
        var throttledKeys: [UInt64: HotKeySketch] = [:]
        /// Tables and indexes that were met, as they were then.
        var resources: [UInt32: MeteredResource] = [:]
        var callers: Set<LiveCaller> = []
    }

    struct State: Sendable {
        var chunks: [LiveMemory.Chunk] = []
        var hashes = [UInt64](repeating: 0, count: 256)
        var slots = [LiveSlot?](repeating: nil, count: 256)
        var slotCount = 0
        /// Whether something was counted since `takeUnsynced`.
        var isUnsynced = false
        var notes = Notes()
        /// Since the server started; never taken away.
        var latencies: [Timed: LatencyHistogram] = [:]
        var returned: [Timed: UsageCounts] = [:]
        /// The second that is counted, how much was in it, and how much of it is sampled.
        var second: UInt64 = 0
        var secondCount: UInt64 = 0
        var sampleShift: UInt64 = 0
        var random: UInt64 = 0x853C_49E6_748F_EA9B
    }

    /// How many callers are told apart until the next flush.
    static let callersMax = 256
    /// How many charges of a second are looked at for hot keys, about.
    static let samplesPerSecond: UInt64 = 128

    let memory: LiveMemory
    private let directory: any ResourceDirectory
    private let state = Mutex(State())

    init(memory: LiveMemory, directory: any ResourceDirectory) {
        self.memory = memory
        self.directory = directory
    }

    /// Runs while nobody else counts into this stripe.
    func count(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    /// Adds to the slot of a key.
    func add(_ counts: UsageCounts, to key: LiveKey, in state: inout State) {
        slot(key, in: &state).add(counts)
        state.isUnsynced = true
    }

    private func slot(_ key: LiveKey, in state: inout State) -> LiveSlot {
        let hash = key.hash
        var index = Int(truncatingIfNeeded: hash >> 7) & (state.hashes.count - 1)
        while state.hashes[index] != 0 {
            if state.hashes[index] == hash, let slot = state.slots[index], slot.has(key) {
                return slot
            }
            index = (index + 1) & (state.hashes.count - 1)
        }
        return makeSlot(key, hash: hash, in: &state)
    }

    private func makeSlot(_ key: LiveKey, hash: UInt64, in state: inout State) -> LiveSlot {
        if !state.notes.callers.contains(key.caller) {
            if state.notes.callers.count >= Self.callersMax, key.caller != .others {
                var key = key
                key.caller = .others
                return slot(key, in: &state)
            }
            state.notes.callers.insert(key.caller)
        }
        if key.resource != 0, state.notes.resources[key.resource] == nil {
            state.notes.resources[key.resource] = directory.resource(id: key.resource)
        }
        var made: LiveSlot?
        if let chunk = state.chunks.last { made = LiveSlot.append(key, to: chunk) }
        while made == nil {
            let chunk = memory.take()
            state.chunks.append(chunk)
            made = LiveSlot.append(key, to: chunk)
        }
        guard let made else { preconditionFailure("an empty chunk has room for a slot") }
        if state.slotCount * 2 >= state.hashes.count { grow(&state) }
        insert(made, hash: hash, in: &state)
        return made
    }

    private func insert(_ slot: LiveSlot, hash: UInt64, in state: inout State) {
        var index = Int(truncatingIfNeeded: hash >> 7) & (state.hashes.count - 1)
        while state.hashes[index] != 0 { index = (index + 1) & (state.hashes.count - 1) }
        state.hashes[index] = hash
        state.slots[index] = slot
        state.slotCount += 1
    }

    private func grow(_ state: inout State) {
        let old = zip(state.hashes, state.slots).filter { $0.0 != 0 }
        let capacity = state.hashes.count * 2
        state.hashes = [UInt64](repeating: 0, count: capacity)
        state.slots = [LiveSlot?](repeating: nil, count: capacity)
        state.slotCount = 0
        for (hash, slot) in old {
            if let slot { insert(slot, hash: hash, in: &state) }
        }
    }

    /// Whether this charge is looked at for hot keys, and how many it stands for.
    ///
    /// Every one while there are few, then one of 2, 4, 8 … by what the second before brought.
    func sampleWeight(second: UInt64, in state: inout State) -> UInt64? {
        if second != state.second {
            let rate = second == state.second + 1 ? state.secondCount : 0
            state.sampleShift = 0
            while rate >> state.sampleShift > Self.samplesPerSecond { state.sampleShift += 1 }
            state.second = second
            state.secondCount = 0
        }
        state.secondCount &+= 1
        guard state.sampleShift > 0 else { return 1 }
        // By chance, or charges that come in a pattern would be seen in a pattern.
        state.random = state.random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let isSampled = state.random >> (64 &- state.sampleShift) == 0
        return isSampled ? 1 << state.sampleShift : nil
    }

    func addHotKey(
        _ place: KeyPlace, resource: UInt32, minute: UInt32, readHalves: UInt64,
        writeHalves: UInt64, in state: inout State
    ) {
        state.notes.hotKeys[UInt64(minute) << 32 | UInt64(resource), default: HotKeySketch()].add(
            place.storedKey, readHalves: readHalves, writeHalves: writeHalves)
    }

    func addThrottledKey(_ work: ThrottledWork, minute: UInt32, in state: inout State) {
        let place = UInt64(minute) << 32 | UInt64(work.place.resourceID)
        state.notes.throttledKeys[place, default: HotKeySketch()].add(
            work.place.storedKey, readHalves: work.kind == .read ? 1 : 0,
            writeHalves: work.kind == .write ? 1 : 0)
    }

    // MARK: Taking away

    /// Takes what was counted so far; later counts go elsewhere.
    func detach() -> (chunks: [LiveMemory.Chunk], notes: Notes) {
        state.withLock { state in
            defer {
                state.chunks = []
                state.slotCount = 0
                state.hashes = [UInt64](repeating: 0, count: 256)
                state.slots = [LiveSlot?](repeating: nil, count: 256)
                state.notes = Notes()
            }
            return (state.chunks, state.notes)
        }
    }

    /// Joins what is kept of tables and indexes that are gone, which would grow for ever.
    func forget(allBut resources: [UInt32: MeteredResource]) {
        state.withLock { state in
            if state.latencies.keys.contains(where: { resources[$0.resource] == nil }) {
                state.latencies = Dictionary(
                    state.latencies.map { ($0.key.withResource(in: resources), $0.value) },
                    uniquingKeysWith: LatencyHistogram.sum)
            }
            if state.returned.keys.contains(where: { resources[$0.resource] == nil }) {
                state.returned = Dictionary(
                    state.returned.map { ($0.key.withResource(in: resources), $0.value) },
                    uniquingKeysWith: UsageCounts.sum)
            }
        }
    }

    /// The least number of the chunks that it counts into; nil where it has none.
    var leastChunkNumber: UInt64? { state.withLock { $0.chunks.map(\.number).min() } }
    /// Whether something was counted since this was last asked.
    func takeUnsynced() -> Bool {
        state.withLock { state in
            defer { state.isUnsynced = false }
            return state.isUnsynced
        }
    }

    var chunkCount: Int { state.withLock { $0.chunks.count } }

    /// Looks at what it holds.
    func inspect<Result: Sendable>(_ body: (State) -> Result) -> Result {
        state.withLock { body($0) }
    }
}
