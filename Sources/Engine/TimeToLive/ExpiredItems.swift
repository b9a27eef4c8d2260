internal import Synchronization

/// How many items time to live has deleted since the start, by the storage id of their table.
final class ExpiredItems: Sendable {
    private let state = Mutex<[UInt32: UInt64]>([:])

    var counts: [UInt32: UInt64] { state.withLock { $0 } }

    func add(_ count: Int, table id: UInt32) {
        guard count > 0 else { return }
        state.withLock { $0[id, default: 0] &+= UInt64(count) }
    }
}
