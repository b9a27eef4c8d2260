/// Why a text is no item.
package struct TextFault: Error, Sendable, Equatable {
    /// What is wrong, for people.
    package var message: String

    package init(_ message: String) {
        self.message = message
    }

    /// - Parameter column: where reading stopped, counted in bytes from 1.
    init(_ fault: JSONFault, column: Int, unexpected: String) {
        switch fault {
        case .syntax: message = "no JSON (at column \(column))"
        case .encoding: message = "no UTF-8, or half a surrogate pair (at column \(column))"
        case .depth: message = "nested too deep (at column \(column))"
        case .unexpected: message = "\(unexpected) (at column \(column))"
        }
    }
}
