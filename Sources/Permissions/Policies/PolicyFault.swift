/// What is wrong with a policy document, in IAM's words where IAM has words for it.
package struct PolicyFault: Error, Sendable, Hashable, CustomStringConvertible {
    package var message: String
    /// Which statement it is in, counted from 1; nil where it is in the document as a whole.
    package var statement: Int?
    /// The statement's Sid, where it has one.
    package var sid: String?

    package init(_ message: String, statement: Int? = nil, sid: String? = nil) {
        self.message = message
        self.statement = statement
        self.sid = sid
    }

    /// The place and the message.
    ///
    /// `statement 2 (ReadOrders): Policy statement must contain actions.`
    package var description: String {
        guard let statement else { return message }
        let name = sid.map { " (\($0))" } ?? ""
        return "statement \(statement)\(name): \(message)"
    }

    static let syntax = PolicyFault("Syntax errors in policy.")
}
