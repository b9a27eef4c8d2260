internal import Glibc
internal import Logging
internal import Synchronization

/// Where counts stand until they are in the store: a file mapped into memory, or plain memory.
///
/// What a process wrote into a shared mapping is the kernel's: it outlives the process, however
/// that ends, without a system call for each change. The file is sparse and of one size; it is
/// handed out in chunks, each with a number that is never given again:
///
///     0      "BASALT USAGE 2\n\0"   16 bytes
///     16     the store's number, u64
///     4096   chunk 0: number u64 (0: free), slot count u64, then its slots, 24 to a page
///     69632  chunk 1 …
///
/// All numbers are as the machine has them: the file never leaves it.
final class LiveMemory: Sendable {
    /// A piece of it.
    struct Chunk: @unchecked Sendable {
        // Sendable: whoever holds the chunk is the only one to write to it.
        let base: UnsafeMutableRawPointer
        /// Which one of the file; nil for plain memory, which is freed.
        let place: Int?
        let number: UInt64
    }

    private struct State {
        var free: [Int]
        var nextNumber: UInt64
        /// How many chunks of the file have room on the device.
        var allocated: Set<Int> = []
        var hasComplained = false
    }

    static let pageBytes = 4_096
    static let chunkBytes = 65_536
    private static let headerBytes = pageBytes
    private static let chunkCount = 1_023
    private static let fileBytes = headerBytes + chunkCount * chunkBytes
    private static let magic: [UInt8] = Array("BASALT USAGE 2\n\0".utf8)

    /// nil: plain memory.
    private let file: Int32?
    private nonisolated(unsafe) let mapping: UnsafeMutableRawPointer?
    private let logger: Logger
    private let state: Mutex<State>

    /// Plain memory, which ends with the process.
    init(logger: Logger) {
        file = nil
        mapping = nil
        self.logger = logger
        state = Mutex(State(free: [], nextNumber: 1))
    }

    /// Opens or makes the file.
    ///
    /// - Parameters:
    ///   - storeNumber: the store's; a file of another is emptied.
    ///   - numbersAfter: chunks get greater numbers than this one.
    /// - Returns: the memory and what chunks the file has, to be released once they are read.
    /// - Throws: `LiveFault` where there can be no such file.
    static func open(
        _ path: String, storeNumber: UInt64, numbersAfter: UInt64, logger: Logger
    ) throws -> (memory: LiveMemory, chunks: [Chunk]) {
        let file = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw LiveFault(path) }
        let hadContent = lseek(file, 0, SEEK_END) > 0
        guard ftruncate(file, off_t(fileBytes)) == 0, posix_fallocate(file, 0, 4_096) == 0,
            let mapping = mmap(nil, fileBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
            mapping != MAP_FAILED
        else {
            let fault = LiveFault(path)
            close(file)
            throw fault
        }
        let header = UnsafeMutableRawBufferPointer(start: mapping, count: headerBytes)
        let isOurs =
            header[..<16].elementsEqual(magic)
            && header.load(fromByteOffset: 16, as: UInt64.self) == storeNumber
        if !isOurs {
            if hadContent {
                logger.warning(
                    "\(path) is damaged or another store's: what it held of the last minutes is lost"
                )
            }
            // Holes read as zeros: no chunk of somebody else's is taken for one of ours.
            guard ftruncate(file, 0) == 0, ftruncate(file, off_t(fileBytes)) == 0,
                posix_fallocate(file, 0, 4_096) == 0
            else {
                let fault = LiveFault(path)
                munmap(mapping, fileBytes)
                close(file)
                throw fault
            }
            header.storeBytes(of: storeNumber, toByteOffset: 16, as: UInt64.self)
            header.copyBytes(from: magic)
        }
        var chunks: [Chunk] = []
        var greatest = numbersAfter
        var free: [Int] = []
        var tornCount = 0
        for place in (0..<chunkCount).reversed() {
            let base = mapping + headerBytes + place * chunkBytes
            let number = isOurs ? base.load(as: UInt64.self) : 0
            let chunk = Chunk(base: base, place: place, number: number)
            switch chunk.content {
            case .none: free.append(place)
            case .torn:
                tornCount += 1
                base.storeBytes(of: 0, as: UInt64.self)
                free.append(place)
            case .whole, .partly:
                if chunk.content == .partly { tornCount += 1 }
                chunks.append(chunk)
                greatest = max(greatest, number)
            }
        }
        if tornCount > 0 {
            logger.warning(
                "\(path) is damaged in \(tornCount) places: usage of the last minutes may be missing"
            )
        }
        let memory = LiveMemory(
            file: file, mapping: mapping, free: free, nextNumber: greatest &+ 1, logger: logger)
        return (memory, chunks)
    }

    private init(
        file: Int32, mapping: UnsafeMutableRawPointer, free: [Int], nextNumber: UInt64,
        logger: Logger
    ) {
        self.file = file
        self.mapping = mapping
        self.logger = logger
        state = Mutex(State(free: free, nextNumber: nextNumber))
    }

    deinit {
        if let mapping { munmap(mapping, Self.fileBytes) }
        if let file { close(file) }
    }

    /// The number that the next chunk gets: all with lesser numbers were handed out.
    var nextNumber: UInt64 { state.withLock { $0.nextNumber } }

    /// An empty chunk, of the file where there is room, else of plain memory.
    func take() -> Chunk {
        let (place, number) = state.withLock { state -> (Int?, UInt64) in
            defer { state.nextNumber &+= 1 }
            return (freePlace(&state), state.nextNumber)
        }
        let base: UnsafeMutableRawPointer
        if let mapping, let place {
            base = mapping + Self.headerBytes + place * Self.chunkBytes
        } else {
            base = UnsafeMutableRawPointer.allocate(byteCount: Self.chunkBytes, alignment: 64)
        }
        base.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
        atomicMemoryFence(ordering: .releasing)
        base.storeBytes(of: number, as: UInt64.self)
        return Chunk(base: base, place: place, number: number)
    }

    /// A place of the file that has room on the device: a write to a hole of a full device would
    /// end the process.
    private func freePlace(_ state: inout State) -> Int? {
        guard let file, let place = state.free.popLast() else { return nil }
        if state.allocated.contains(place) { return place }
        let offset = off_t(Self.headerBytes + place * Self.chunkBytes)
        guard posix_fallocate(file, offset, off_t(Self.chunkBytes)) == 0 else {
            state.free.append(place)
            if !state.hasComplained {
                logger.warning(
                    "no room for usage.live: until there is, a killed server forgets usage")
            }
            state.hasComplained = true
            return nil
        }
        state.allocated.insert(place)
        return place
    }

    /// Brings what was counted onto the device, where a power cut leaves it.
    func sync() {
        guard let file, fdatasync(file) != 0 else { return }
        let reason = String(cString: strerror(errno))
        let hasComplained = state.withLock { state in
            defer { state.hasComplained = true }
            return state.hasComplained
        }
        if !hasComplained { logger.warning("usage.live cannot be written: \(reason)") }
    }

    /// Gives a chunk back, whose counts are in the store.
    func release(_ chunk: Chunk) {
        chunk.base.storeBytes(of: 0, as: UInt64.self)
        guard let place = chunk.place else {
            chunk.base.deallocate()
            return
        }
        state.withLock { $0.free.append(place) }
    }
}

extension LiveMemory.Chunk {
    /// What an ended process, or a power cut, left in a chunk.
    fileprivate enum Content {
        case none, whole, partly, torn
    }

    fileprivate var content: Content {
        guard number != 0 else { return .none }
        let count = base.load(fromByteOffset: 8, as: UInt64.self)
        if count == 0 { return .none }
        let slots = LiveSlot.slots(of: self)
        // A number that no slot knows is no number that was ever given.
        guard !slots.isEmpty else { return .torn }
        return UInt64(slots.count) == count && slots.allSatisfy { $0.key != nil } ? .whole : .partly
    }
}

/// Why there can be no live file.
struct LiveFault: Error, CustomStringConvertible {
    let description: String

    init(_ path: String) {
        description = "cannot map \(path): \(String(cString: strerror(errno)))"
    }
}
