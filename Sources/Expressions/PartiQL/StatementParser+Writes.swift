internal import Items

extension StatementParser {
    mutating func parseInsert() throws(ExpressionError) -> InsertStatement {
        advance()
        guard accept("into") else { throw .malformed("Expected INTO keyword") }
        let source = try parseSource(allowsIndex: false)
        guard accept("value") else { throw severalItems }
        let token = current
        let value = try parseValue()
        if current.isKeyword("on") || current.isKeyword("at") {
            let clause = current.isKeyword("on") ? "ON CONFLICT" : "AT"
            throw ExpressionError("Unsupported clause: \(clause) at \(place(current))")
        }
        if value.tag == .list { throw severalItems }
        guard value.tag == .map else {
            throw ExpressionError(
                "Unsupported token in expression: \(string(token)) at \(place(token))")
        }
        return InsertStatement(tableName: source.table, item: ItemBytes(map: value))
    }

    private var severalItems: ExpressionError {
        ExpressionError(
            "Unsupported operation: Inserting multiple items in a single statement is not "
                + "supported, use \"INSERT INTO tableName VALUE item\" instead")
    }

    mutating func parseDelete() throws(ExpressionError) -> DeleteStatement {
        advance()
        try expect("from")
        let source = try parseSource(allowsIndex: false)
        let filter = try parseWhere()
        let token = current
        let returning = try parseReturning()
        if let returning, returning != .allOld {
            throw ExpressionError(
                "Unsupported token in expression: only RETURNING ALL OLD * is supported for "
                    + "DELETE at \(place(token))")
        }
        return DeleteStatement(tableName: source.table, filter: filter, returning: returning)
    }

    /// UPDATE with its SET and REMOVE clauses in any order, each of one or several paths.
    mutating func parseUpdate() throws(ExpressionError) -> UpdateStatement {
        advance()
        let source = try parseSource(allowsIndex: false)
        var update = StatementUpdateBuilder()
        var clauseCount = 0
        while true {
            if accept("set") {
                repeat {
                    let path = try parsePath(isTarget: true)
                    guard accept(.comparator(.equal)) else {
                        throw .malformed("Expected '=' in SET")
                    }
                    try update.set(path, to: try parseSum())
                } while accept(.comma)
            } else if accept("remove") {
                repeat { update.remove(try parsePath(isTarget: true)) } while accept(.comma)
            } else {
                break
            }
            clauseCount += 1
        }
        guard clauseCount > 0 else { throw .malformed("Expected data manipulation") }
        let filter = try parseWhere()
        let returning = try parseReturning()
        return UpdateStatement(
            tableName: source.table, update: try update.finish(), filter: filter,
            returning: returning)
    }

    /// `RETURNING (ALL | MODIFIED) (OLD | NEW) *`; nil where there is none.
    private mutating func parseReturning() throws(ExpressionError) -> StatementReturning? {
        guard accept("returning") else { return nil }
        let isAll = accept("all")
        guard isAll || accept("modified") else {
            throw .malformed("Expected ALL or MODIFIED in RETURNING clause")
        }
        let isOld = accept("old")
        guard isOld || accept("new") else {
            throw .malformed("Expected OLD or NEW in RETURNING clause")
        }
        guard accept(.star) else { throw .malformed("Expected * in RETURNING clause") }
        if isAll { return isOld ? .allOld : .allNew }
        return isOld ? .modifiedOld : .modifiedNew
    }
}

extension ItemBytes {
    /// The entries of an M as an item.
    fileprivate init(map value: ItemValue) {
        var encoder = ItemEncoder(capacity: value.end - value.start + ItemBytes.headerByteCount)
        encoder.beginItem()
        value.forEachMember { name, member in
            encoder.name(in: value.bytes, name.lowerBound, name.upperBound)
            encoder.value(member)
        }
        self = encoder.finishItem(count: value.count)
    }
}
