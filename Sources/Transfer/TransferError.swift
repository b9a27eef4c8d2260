/// What ends a transfer that the service did not refuse: one line that says what to do.
package struct TransferError: Error, Sendable, Equatable, CustomStringConvertible {
    package var message: String
    /// Whether nobody reads the standard output any more: no fault, as `| head` shows.
    package var isOutputClosed = false

    package init(_ message: String) {
        self.message = message
    }

    package var description: String { message }
}
