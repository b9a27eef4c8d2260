/// A condition operator of the policy language: `StringEquals`, `ForAllValues:StringLikeIfExists`.
struct ConditionOperator: Sendable, Hashable {
    /// What is compared, and how.
    enum Comparison: Sendable, Hashable {
        case string
        case stringIgnoringCase
        case stringLike
        case numeric(Order)
        case date(Order)
        case bool
        case binary
        case arn
        case ipAddress
        case null
    }

    enum Order: Sendable, Hashable {
        case equal, less, lessOrEqual, greater, greaterOrEqual

        func holds(_ left: Double, _ right: Double) -> Bool {
            switch self {
            case .equal: left == right
            case .less: left < right
            case .lessOrEqual: left <= right
            case .greater: left > right
            case .greaterOrEqual: left >= right
            }
        }
    }

    /// What becomes of a key with several values.
    enum Quantifier: Sendable, Hashable {
        case none, all, any
    }

    var comparison: Comparison
    /// StringNotEquals and its like.
    var isNegated: Bool
    var quantifier = Quantifier.none
    /// Holds where the request has no such key.
    var isIfExists = false

    /// The operators without quantifier and IfExists.
    private static let plain: [String: (Comparison, Bool)] = [
        "StringEquals": (.string, false),
        "StringNotEquals": (.string, true),
        "StringEqualsIgnoreCase": (.stringIgnoringCase, false),
        "StringNotEqualsIgnoreCase": (.stringIgnoringCase, true),
        "StringLike": (.stringLike, false),
        "StringNotLike": (.stringLike, true),
        "NumericEquals": (.numeric(.equal), false),
        "NumericNotEquals": (.numeric(.equal), true),
        "NumericLessThan": (.numeric(.less), false),
        "NumericLessThanEquals": (.numeric(.lessOrEqual), false),
        "NumericGreaterThan": (.numeric(.greater), false),
        "NumericGreaterThanEquals": (.numeric(.greaterOrEqual), false),
        "DateEquals": (.date(.equal), false),
        "DateNotEquals": (.date(.equal), true),
        "DateLessThan": (.date(.less), false),
        "DateLessThanEquals": (.date(.lessOrEqual), false),
        "DateGreaterThan": (.date(.greater), false),
        "DateGreaterThanEquals": (.date(.greaterOrEqual), false),
        "Bool": (.bool, false),
        "BinaryEquals": (.binary, false),
        "ArnEquals": (.arn, false),
        "ArnLike": (.arn, false),
        "ArnNotEquals": (.arn, true),
        "ArnNotLike": (.arn, true),
        "IpAddress": (.ipAddress, false),
        "NotIpAddress": (.ipAddress, true),
        "Null": (.null, false),
    ]

    /// Reads an operator's name; nil for one that there isn't.
    init?(_ name: String) {
        var rest = name[...]
        for (prefix, quantifier) in [("ForAllValues:", Quantifier.all), ("ForAnyValue:", .any)]
        where rest.hasPrefix(prefix) {
            self.quantifier = quantifier
            rest = rest.dropFirst(prefix.count)
            break
        }
        if rest.hasSuffix("IfExists") {
            isIfExists = true
            rest = rest.dropLast("IfExists".count)
        }
        guard let (comparison, isNegated) = Self.plain[String(rest)] else { return nil }
        if comparison == .null, isIfExists || quantifier != .none { return nil }
        self.comparison = comparison
        self.isNegated = isNegated
    }

    /// Whether `*` and `?` in the policy's values are wildcards.
    var hasWildcards: Bool { comparison == .stringLike || comparison == .arn }
}
