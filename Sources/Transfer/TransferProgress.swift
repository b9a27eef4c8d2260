internal import Synchronization

/// How far a transfer is: counted by whoever works, looked at by whoever shows it.
package final class TransferProgress: Sendable {
    /// What was done so far.
    package struct Counts: Sendable, Hashable {
        package var items = 0
        /// Of the items, as the service counts their sizes.
        package var itemBytes = 0
        /// Of files: written, or read.
        package var fileBytes = 0
        /// Read or write units, of whichever the transfer uses.
        package var units = 0.0
        /// Records that were left out because they are wrong.
        package var skipped = 0
        /// How many items there will be; nil where nobody knows.
        package var expectedItems: Int?
        /// How many bytes of files there are to read; nil where nobody knows.
        package var expectedFileBytes: Int?
    }

    private let state = Mutex(Counts())

    package init() {}

    package var counts: Counts { state.withLock { $0 } }

    func update(_ change: (inout Counts) -> Void) { state.withLock { change(&$0) } }
}
