internal import Glibc
internal import Synchronization

/// Who asks, as a slot holds it: the access key's first 64 bytes.
struct LiveCaller: Sendable, Hashable {
    static let byteCountMax = 64
    /// What all callers beyond the first many are.
    static let others = LiveCaller("(others)")

    var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (
        0, 0, 0, 0, 0, 0, 0, 0
    )
    var byteCount: UInt8 = 0
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    init(_ text: String) {
        var count = 0
        withUnsafeMutableBytes(of: &words) { bytes in
            for byte in text.utf8 {
                if count == Self.byteCountMax { break }
                bytes[count] = byte
                count += 1
            }
        }
        byteCount = UInt8(count)
        hash = Self.mix(hash, words.0)
        hash = Self.mix(hash, words.1)
        hash = Self.mix(hash, words.2)
        if count > 24 {
            for word in [words.3, words.4, words.5, words.6, words.7] {
                hash = Self.mix(hash, word)
            }
        }
    }

    var text: String {
        withUnsafeBytes(of: words) { String(decoding: $0.prefix(Int(byteCount)), as: UTF8.self) }
    }

    static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
        return product ^ (product >> 29)
    }

    static func == (left: LiveCaller, right: LiveCaller) -> Bool {
        left.byteCount == right.byteCount && left.hash == right.hash
            && left.words.0 == right.words.0 && left.words.1 == right.words.1
            && left.words.2 == right.words.2 && left.words.3 == right.words.3
            && left.words.4 == right.words.4 && left.words.5 == right.words.5
            && left.words.6 == right.words.6 && left.words.7 == right.words.7
    }

    func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

/// What a slot counts: a `UsageKey` in a form that is compared without allocating.
struct LiveKey: Sendable {
    var minute: UInt32
    var resource: UInt32
    var partition: UInt32
    var operation: UInt8
    var kind: UInt8
    var caller: LiveCaller

    var hash: UInt64 {
        let place = UInt64(minute) << 32 | UInt64(resource)
        let rest = UInt64(partition) << 32 | UInt64(operation) << 8 | UInt64(kind)
        return LiveCaller.mix(LiveCaller.mix(caller.hash, place), rest) | 1
    }
}

/// One slot of a chunk.
///
///     0   minute u32, resource u32, partition u32, operation u8, kind u8, caller's length u8, 0
///     16  the caller, 64 bytes
///     80  the counts of `UsageCounts`, each u64
///     160 the chunk's number, u64
///
/// No slot lies across two pages, so what a power cut leaves of it is of one moment; and one that
/// was left there by the chunk's last use has another number.
struct LiveSlot: @unchecked Sendable {
    // Sendable: a stripe's lock guards what it points to.
    static let byteCount = 168
    private static let slotsPerPage = 24
    static let slotsPerChunk = LiveMemory.chunkBytes / LiveMemory.pageBytes * slotsPerPage
    private static let countsOffset = 80
    private static let numberOffset = 160

    /// Where a slot begins in its chunk: the first bytes of each page hold none.
    static func offset(of place: Int) -> Int {
        place / slotsPerPage * LiveMemory.pageBytes
            + (LiveMemory.pageBytes - slotsPerPage * byteCount) + place % slotsPerPage * byteCount
    }

    let base: UnsafeMutableRawPointer

    /// Adds an empty slot to a chunk; nil where that is full.
    ///
    /// The key is there before the slot counts as one, whenever the process ends.
    static func append(_ key: LiveKey, to chunk: LiveMemory.Chunk) -> LiveSlot? {
        let count = Int(chunk.base.load(fromByteOffset: 8, as: UInt64.self))
        guard count < slotsPerChunk else { return nil }
        let base = chunk.base + offset(of: count)
        memset(base, 0, byteCount)
        base.storeBytes(of: key.minute, as: UInt32.self)
        base.storeBytes(of: key.resource, toByteOffset: 4, as: UInt32.self)
        base.storeBytes(of: key.partition, toByteOffset: 8, as: UInt32.self)
        base.storeBytes(of: key.operation, toByteOffset: 12, as: UInt8.self)
        base.storeBytes(of: key.kind, toByteOffset: 13, as: UInt8.self)
        base.storeBytes(of: key.caller.byteCount, toByteOffset: 14, as: UInt8.self)
        withUnsafeBytes(of: key.caller.words) {
            UnsafeMutableRawBufferPointer(start: base + 16, count: 64).copyMemory(from: $0)
        }
        base.storeBytes(of: chunk.number, toByteOffset: numberOffset, as: UInt64.self)
        atomicMemoryFence(ordering: .releasing)
        chunk.base.storeBytes(of: UInt64(count + 1), toByteOffset: 8, as: UInt64.self)
        return LiveSlot(base: base)
    }

    /// The slots of a chunk, as far as its count says and they are its own.
    static func slots(of chunk: LiveMemory.Chunk) -> [LiveSlot] {
        let count = chunk.base.load(fromByteOffset: 8, as: UInt64.self)
        return (0..<Int(min(count, UInt64(slotsPerChunk)))).compactMap { place in
            let base = chunk.base + offset(of: place)
            let number = base.load(fromByteOffset: numberOffset, as: UInt64.self)
            return number == chunk.number ? LiveSlot(base: base) : nil
        }
    }

    func has(_ key: LiveKey) -> Bool {
        base.load(as: UInt32.self) == key.minute
            && base.load(fromByteOffset: 4, as: UInt32.self) == key.resource
            && base.load(fromByteOffset: 8, as: UInt32.self) == key.partition
            && base.load(fromByteOffset: 12, as: UInt8.self) == key.operation
            && base.load(fromByteOffset: 13, as: UInt8.self) == key.kind
            && base.load(fromByteOffset: 14, as: UInt8.self) == key.caller.byteCount
            && word(0) == key.caller.words.0 && word(1) == key.caller.words.1
            && word(2) == key.caller.words.2 && word(3) == key.caller.words.3
            && word(4) == key.caller.words.4 && word(5) == key.caller.words.5
            && word(6) == key.caller.words.6 && word(7) == key.caller.words.7
    }

    private func word(_ place: Int) -> UInt64 {
        base.load(fromByteOffset: 16 + place * 8, as: UInt64.self)
    }

    func add(_ counts: UsageCounts) {
        add(counts.requests, 0)
        add(counts.readHalves, 1)
        add(counts.writeHalves, 2)
        add(counts.bytes, 3)
        add(counts.items, 4)
        add(counts.keysOnlyHalves, 5)
        add(counts.keysOnlyBytes, 6)
        add(counts.allHalves, 7)
        add(counts.allBytes, 8)
        add(counts.writtenBytes, 9)
    }

    private func add(_ value: UInt64, _ place: Int) {
        guard value > 0 else { return }
        let offset = Self.countsOffset + place * 8
        let sum = UsageCounts.sum(base.load(fromByteOffset: offset, as: UInt64.self), value)
        base.storeBytes(of: sum, toByteOffset: offset, as: UInt64.self)
    }

    var counts: UsageCounts {
        var counts = UsageCounts()
        for (place, field) in UsageCounts.fields.enumerated() {
            counts[keyPath: field] = base.load(
                fromByteOffset: Self.countsOffset + place * 8, as: UInt64.self)
        }
        return counts
    }

    /// nil where the bytes are no key: of a file that a power cut tore.
    var key: UsageKey? {
        let length = Int(base.load(fromByteOffset: 14, as: UInt8.self))
        guard length <= LiveCaller.byteCountMax,
            let operation = BookedOperation(
                rawValue: base.load(fromByteOffset: 12, as: UInt8.self)),
            let kind = BookedKind(number: base.load(fromByteOffset: 13, as: UInt8.self))
        else { return nil }
        let caller = UnsafeRawBufferPointer(start: base + 16, count: length)
        return UsageKey(
            minute: base.load(as: UInt32.self),
            resource: base.load(fromByteOffset: 4, as: UInt32.self),
            partition: base.load(fromByteOffset: 8, as: UInt32.self), operation: operation,
            kind: kind, caller: String(decoding: caller, as: UTF8.self))
    }
}
