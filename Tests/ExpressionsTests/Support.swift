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
