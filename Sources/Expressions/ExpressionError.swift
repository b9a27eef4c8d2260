/// A fault of an expression; always answered as ValidationException with this message.
package struct ExpressionError: Error, Sendable, Equatable {
    package var message: String

    package init(_ message: String) {
        self.message = message
    }
}

/// Which parameter an expression came in; it names the parameter in messages.
package enum ExpressionKind: Sendable, CaseIterable {
    case condition, filter, projection, update, keyCondition

    /// The request's parameter, `ConditionExpression` say.
    package var parameterName: String {
        switch self {
        case .condition: "ConditionExpression"
        case .filter: "FilterExpression"
        case .projection: "ProjectionExpression"
        case .update: "UpdateExpression"
        case .keyCondition: "KeyConditionExpression"
        }
    }

    /// The error `Invalid <parameter>: <reason>`.
    func error(_ reason: String) -> ExpressionError {
        ExpressionError("Invalid \(parameterName): \(reason)")
    }
}

/// The bounds of expressions; each is tested at the bound and one past it.
package enum ExpressionLimits {
    /// UTF-8 bytes of one expression.
    package static let byteCountMax = 4_096
    /// Operators and functions of one expression.
    package static let operatorCountMax = 300
    /// Operands in the list of one IN.
    package static let inOperandCountMax = 100
    /// Elements of one document path, the top attribute included.
    package static let pathElementCountMax = 32
    /// The greatest index of a list element in a path.
    package static let listIndexMax = Int(Int32.max)
    /// UTF-8 bytes of `#name` or `:value`.
    package static let placeholderByteCountMax = 255
    /// Levels of maps and lists within an attribute.
    package static let nestingDepthMax = 32
    /// Open parentheses, NOTs and functions around one operand before the parser gives up: more
    /// than any expression within `operatorCountMax` and without redundant parentheses can have.
    static let parserDepthMax = operatorCountMax + 20
}

/// Faults found while an expression is checked, of which the service tells one.
///
/// The service looks for one kind of fault after another, each over the whole expression. So the
/// first fault of each category is kept, and the least category is told.
struct Findings: Sendable {
    enum Category: Int, CaseIterable {
        case parentheses, limit, unknownFunction, misusedFunction, reserved, section, reference
        case overlap, conflict, operand, distinct
    }

    /// The order of the service's checks for conditions and projections.
    static let conditionOrder = Category.allCases
    /// The order of the service's checks for updates.
    static let updateOrder: [Category] = [
        .parentheses, .limit, .reserved, .unknownFunction, .misusedFunction, .section, .reference,
        .overlap, .conflict, .operand, .distinct,
    ]

    private var messages: [Category: String] = [:]

    var isEmpty: Bool { messages.isEmpty }

    /// Keeps a fault unless its category has one.
    mutating func record(_ category: Category, _ message: @autoclosure () -> String) {
        if messages[category] == nil { messages[category] = message() }
    }

    /// Throws the fault that the service would tell.
    func check(_ kind: ExpressionKind) throws(ExpressionError) {
        guard !messages.isEmpty else { return }
        for category in kind == .update ? Self.updateOrder : Self.conditionOrder {
            if let message = messages[category] { throw kind.error(message) }
        }
    }

    /// Throws the fault that comes first in an order, without the name of a parameter.
    func checkInOrder(_ order: [Category]) throws(ExpressionError) {
        guard !messages.isEmpty else { return }
        for category in order {
            if let message = messages[category] { throw ExpressionError(message) }
        }
    }
}
