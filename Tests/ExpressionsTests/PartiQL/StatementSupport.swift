import Expressions
import Items

/// A statement with parameters from trees.
func statement(
    _ text: String, _ parameters: [AttributeValue] = []
) throws(ExpressionError) -> PartiQLStatement {
    try PartiQLStatement.parse(text, parameters: parameters.map { ItemValue($0) })
}

func select(
    _ text: String, _ parameters: [AttributeValue] = []
) throws(ExpressionError) -> SelectStatement {
    guard case .select(let select) = try statement(text, parameters) else {
        throw ExpressionError("no SELECT: \(text)")
    }
    return select
}

/// Whether an item passes the WHERE of a SELECT.
func passes(
    _ condition: String, _ item: ItemBytes?, _ parameters: [AttributeValue] = []
) throws(ExpressionError) -> Bool {
    let select = try select("SELECT * FROM t WHERE \(condition)", parameters)
    guard let filter = select.filter else { throw ExpressionError("no WHERE") }
    return try filter.condition().evaluate(item)
}

/// The item that an INSERT puts.
func inserted(
    _ literal: String, _ parameters: [AttributeValue] = []
) throws(ExpressionError) -> ItemBytes {
    guard
        case .insert(let insert) = try statement("INSERT INTO t VALUE \(literal)", parameters)
    else { throw ExpressionError("no INSERT: \(literal)") }
    return insert.item
}

/// An item after the SET and REMOVE clauses of an UPDATE.
func afterUpdate(
    _ item: ItemBytes, _ clauses: String, _ parameters: [AttributeValue] = []
) throws(ExpressionError) -> ItemBytes {
    guard
        case .update(let update) = try statement("UPDATE t \(clauses) WHERE pk = 'k'", parameters)
    else { throw ExpressionError("no UPDATE: \(clauses)") }
    return try update.update.apply(to: item).item
}
