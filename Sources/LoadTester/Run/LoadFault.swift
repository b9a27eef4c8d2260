/// Why a load test cannot go on, in one line that says what to do.
package struct LoadFault: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
