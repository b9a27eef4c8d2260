internal import Expressions
internal import Items
internal import Operations

/// Checks a PartiQL statement as the service does before it looks at any item.
struct StatementCheck {
    let tables: [DesignTable]

    func check(
        _ statement: Statement, _ touched: inout TouchedAttributes
    ) throws(Refusal) {
        if let fault = statement.valueFault {
            throw Refusal(member: "parameters", message: fault.message)
        }
        let parsed: PartiQLStatement
        do throws(ExpressionError) {
            parsed = try PartiQLStatement.parse(
                statement.text, parameters: statement.parameters ?? [])
        } catch {
            throw Self.refusal(error.message)
        }
        guard let table = tables.first(where: { $0.name == parsed.tableName }) else {
            throw Self.refusal("names no table of the design")
        }
        touched.tableName = table.name
        let keys = KeyCheck(table: table, member: "statement")
        switch parsed {
        case .select(let select):
            try check(select, of: table)
            touched.projected = select.projection?.topLevelAttributes
            touched.indexName = select.indexName
            touched.isSelect = true
        case .insert(let insert):
            try keys.check(item: insert.item)
            touched.written = Set(insert.item.names)
        case .update(let update):
            try checkKey(update.filter, keys)
            try keys.check(update.update)
            touched.written = Set(update.update.topLevelAttributes)
        case .delete(let delete): try checkKey(delete.filter, keys)
        case .exists:
            throw Self.refusal(
                "Unsupported operation: EXISTS is only supported in ExecuteTransaction")
        }
    }

    private static func refusal(_ message: String) -> Refusal {
        Refusal(member: "statement", message: message)
    }

    /// A write's filter must give the whole key.
    private func checkKey(_ filter: StatementFilter?, _ keys: KeyCheck) throws(Refusal) {
        guard let (key, rest) = filter?.primaryKey(keys.table.keys.map(\.name)) else {
            throw Self.refusal(
                "Where clause does not contain a mandatory equality on all key attributes")
        }
        try keys.check(key: key)
        do throws(ExpressionError) {
            _ = try rest?.condition()
        } catch {
            throw Self.refusal(error.message)
        }
    }

    private func check(_ select: SelectStatement, of table: DesignTable) throws(Refusal) {
        var hash = [table.hashKey]
        var range = table.rangeKeys
        if let name = select.indexName {
            guard let index = table.indexes.first(where: { $0.name == name }) else {
                throw Self.refusal(
                    "unknown index '\(name)'"
                        + Spelling.hint(name, among: table.indexes.map(\.name)))
            }
            (hash, range) = (index.hashKeys, index.rangeKeys)
            let missing = (select.projection?.topLevelAttributes ?? []).filter {
                !index.isLocal && !index.projects($0, of: table)
            }
            if !missing.isEmpty {
                throw Self.refusal(
                    "the index \(name) does not project \(missing.sorted().joined(separator: ", "))"
                )
            }
        }
        do throws(ExpressionError) {
            _ = try select.filter?.condition()
            let keys = try select.filter?.selectedKeys(
                hash: hash.map { ($0.name, $0.type) }, range: range.map { ($0.name, $0.type) })
            if keys == nil, !select.order.isEmpty {
                throw ExpressionError(
                    "Must have at least one non-optional hash key condition in WHERE clause when "
                        + "using ORDER BY clause.")
            }
        } catch {
            throw Self.refusal(error.message)
        }
    }
}
