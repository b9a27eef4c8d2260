/// A comparator of conditions.
package enum Comparator: String, Sendable {
    case equal = "="
    case notEqual = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="

    /// The comparator that says the same with its operands exchanged.
    var flipped: Comparator {
        switch self {
        case .equal, .notEqual: self
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }
}

/// A document path as written: placeholders are not resolved yet.
struct PathSyntax: Sendable {
    enum Element: Sendable {
        case name(String)
        /// `#name`, with its `#`.
        case placeholder(String)
        case index(Int)
    }

    var elements: [Element]
}

/// An operand as written; numbers are indices into `ExpressionSyntax.operands`.
enum OperandSyntax: Sendable {
    case path(PathSyntax)
    /// `:value`, with its `:`.
    case value(String)
    case function(name: String, arguments: [Int])
    case sum(Int, Int)
    case difference(Int, Int)
}

/// A condition as written; the operands are indices into `ExpressionSyntax.operands`, the
/// conditions into `ExpressionSyntax.conditions`.
enum ConditionSyntax: Sendable {
    case and([Int])
    case or([Int])
    case not(Int)
    case comparison(Comparator, Int, Int)
    case between(Int, lower: Int, upper: Int)
    case membership(Int, in: [Int])
    case function(Int)
}

/// One action of an update expression as written.
struct ActionSyntax: Sendable {
    enum Clause: Sendable {
        case set(operand: Int)
        case remove
        case add(value: String)
        case delete(value: String)
    }

    var path: PathSyntax
    var clause: Clause
}

/// A parsed expression without its names and values: what may be shared between requests.
struct ExpressionSyntax: Sendable {
    var operands: [OperandSyntax] = []
    var conditions: [ConditionSyntax] = []
    /// The whole condition, where this is one: an index into `conditions`.
    var root = 0
    /// The actions, where this is an update.
    var actions: [ActionSyntax] = []
    /// The paths, where this is a projection.
    var paths: [PathSyntax] = []
    /// Faults that names and values have no part in.
    var findings = Findings()
    var operatorCount = 0
}
