internal import Operations
internal import Synchronization

/// The items that transactions in flight write or check.
///
/// A transaction is in flight from its admission until its group is committed. Whoever else wants
/// to write such an item meanwhile is refused, as by the real service; plain reads never are. This
/// is for the client's eyes only: what keeps transactions apart is the order of the commit path.
/// While no transaction is in flight, a write pays one relaxed load.
final class TransactionConflicts: Sendable {
    private struct State {
        /// By stored key, which tells the table too.
        var items: Set<[UInt8]> = []
        var provoked: ProvokedConflicts?

        mutating func drawsConflict() -> Bool { provoked?.draw() ?? false }
    }

    /// Zero while no conflict is possible.
    ///
    /// Relaxed: no client can know that a transaction is in flight before its answer tells.
    private let activity: Atomic<Int>
    private let state: Mutex<State>

    init(provoked: ProvokedConflicts? = nil) {
        let state = State(provoked: provoked)
        activity = Atomic(Self.activity(of: state))
        self.state = Mutex(state)
    }

    /// Whether any write can meet a conflict now.
    var arePossible: Bool { activity.load(ordering: .relaxed) != 0 }

    /// Whether a plain write of an item meets a conflict.
    func meetsWrite(storedKey: [UInt8]) -> Bool {
        guard arePossible else { return false }
        return state.withLock { state in
            let isDrawn = state.drawsConflict()
            return isDrawn || state.items.contains(storedKey)
        }
    }

    /// Admits a transaction, unless any of its items is in another's hands.
    ///
    /// - Returns: the positions of the items in conflict; empty where the transaction is admitted,
    ///   whose items then stay in its hands until `release`.
    func admit(_ storedKeys: [[UInt8]]) -> [Int] {
        state.withLock { state in
            let positions = Self.conflicts(of: storedKeys, in: &state)
            if positions.isEmpty { state.items.formUnion(storedKeys) }
            activity.store(Self.activity(of: state), ordering: .relaxed)
            return positions
        }
    }

    /// The positions at which a transactional read meets a transaction in flight.
    func meetsRead(_ storedKeys: [[UInt8]]) -> [Int] {
        guard arePossible else { return [] }
        return state.withLock { state in Self.conflicts(of: storedKeys, in: &state) }
    }

    /// Ends a transaction that was admitted.
    func release(_ storedKeys: [[UInt8]]) {
        state.withLock { state in
            state.items.subtract(storedKeys)
            activity.store(Self.activity(of: state), ordering: .relaxed)
        }
    }

    /// Conflicts on purpose from now on; nil ends them.
    func provoke(_ provoked: ProvokedConflicts?) {
        state.withLock { state in
            state.provoked = provoked
            activity.store(Self.activity(of: state), ordering: .relaxed)
        }
    }

    private static func conflicts(of storedKeys: [[UInt8]], in state: inout State) -> [Int] {
        let drawn =
            state.drawsConflict() ? state.provoked?.position(of: storedKeys.count) : nil
        guard drawn != nil || !state.items.isEmpty else { return [] }
        return storedKeys.indices.filter { position in
            position == drawn || state.items.contains(storedKeys[position])
        }
    }

    private static func activity(of state: State) -> Int {
        let provokes = (state.provoked?.rate ?? 0) > 0
        return state.items.count + (provokes ? 1 : 0)
    }
}

extension ServiceError {
    /// A transaction that met others at some of its positions.
    static func transactionConflict(at positions: [Int], of count: Int) -> ServiceError {
        var reasons = Array(repeating: CancellationReason.none, count: count)
        for position in positions {
            reasons[position] = CancellationReason(
                code: "TransactionConflict", message: "Transaction is ongoing for the item")
        }
        return .transactionCanceled(reasons)
    }
}
