package import Items

/// A request with its body, and where in the key space it will fall.
package struct PreparedRequest: Sendable {
    package struct Fall: Sendable, Hashable {
        /// Its number in `Design.resources`.
        package var resource: Int
        /// nil where an index has another entry to do with, of which the driver can't tell where.
        package var place: KeyPlace?
    }

    package var operation: String
    package var pattern: Int
    package var phase: Int
    /// Nanoseconds since the run began.
    package var due: UInt64
    package var body: [UInt8]
    package var falls: [Fall]
    /// Of the items that it writes whole.
    package var itemByteCount: Int
}
