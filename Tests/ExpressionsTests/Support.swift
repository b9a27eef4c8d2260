import Expressions
import Items

/// A request's scope from trees.
func scope(
    names: [String: String]? = nil, values: [String: AttributeValue]? = nil
) -> ExpressionScope {
    ExpressionScope(names: names, values: values?.mapValues { ItemValue($0) })
}

func number(_ value: Int) -> AttributeValue { .number(DecimalNumber(value)) }

/// The message of the error that a body throws; nil where it throws none.
func message(of body: () throws(ExpressionError) -> Void) -> String? {
    do throws(ExpressionError) {
        try body()
        return nil
    } catch {
        return error.message
    }
}

/// A condition's value for an item.
func holds(
    _ text: String, _ item: ItemBytes?, names: [String: String]? = nil,
    values: [String: AttributeValue]? = nil
) throws -> Bool {
    var scope = scope(names: names, values: values)
    return try Condition.parse(text, as: .filter, scope: &scope).evaluate(item)
}

/// An item after an update.
func updated(
    _ item: ItemBytes, _ text: String, names: [String: String]? = nil,
    values: [String: AttributeValue]? = nil
) throws(ExpressionError) -> UpdateOutcome {
    var scope = scope(names: names, values: values)
    return try Update.parse(text, scope: &scope).apply(to: item)
}

/// SplitMix64: the same seed gives the same sequence everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
