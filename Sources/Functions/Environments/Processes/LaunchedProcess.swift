internal import Synchronization

/// A process of ours, the leader of a session and a process group.
final class LaunchedProcess: Sendable {
    let id: Int32
    /// Kilobytes of resident memory that its session may have while it works; it is killed beyond.
    let memoryKilobytesMax: Int?
    /// Whether its memory is watched: while it works.
    let isWatched = Atomic<Bool>(false)
    /// The most kilobytes that its session was seen to have.
    let peakKilobytes = Atomic<Int>(0)

    init(id: Int32, memoryKilobytesMax: Int?) {
        self.id = id
        self.memoryKilobytesMax = memoryKilobytesMax
    }

    /// Takes note of an amount of memory; true where it is too much.
    func sees(kilobytes: Int) -> Bool {
        peakKilobytes.max(kilobytes, ordering: .relaxed)
        guard let memoryKilobytesMax else { return false }
        return kilobytes > memoryKilobytesMax
    }
}
