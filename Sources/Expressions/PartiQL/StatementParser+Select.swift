internal import Items

extension StatementParser {
    mutating func parseSelect() throws(ExpressionError) -> SelectStatement {
        try expect("select")
        let projection = try parseProjection()
        guard accept("from") else { throw .malformed("Expected FROM after SELECT list") }
        let source = try parseSource(allowsIndex: true)
        try refuseAlias()
        let filter = try parseWhere()
        let order = try parseOrder(hasFilter: filter != nil)
        return SelectStatement(
            tableName: source.table, indexName: source.index, projection: projection,
            filter: filter, order: order)
    }

    /// `*` or paths; nil for `*`.
    private mutating func parseProjection() throws(ExpressionError) -> StatementProjection? {
        if accept(.star) {
            if current.kind == .comma {
                throw .malformed(
                    "Other expressions may not be present in the select list when '*' is used "
                        + "without dot notation")
            }
            return nil
        }
        if current.isKeyword("from") { throw .malformed("Cannot have empty SELECT list") }
        for word in ["distinct", "all", "value"] where current.isKeyword(word) {
            throw ExpressionError(
                "Unsupported token in expression: \(word.uppercased()) at \(place(current))")
        }
        var columns: [DocumentPath] = []
        repeat {
            if following.kind == .leftParenthesis
                || current.kind != .identifier && current.kind != .quotedIdentifier
                    && current.kind != .keyword && current.kind != .end
            {
                throw ExpressionError("Unexpected path component at \(place(current))")
            }
            columns.append(try parsePath())
            try refuseAlias()
        } while accept(.comma)
        return StatementProjection(columns)
    }

    /// Neither columns nor tables can be given other names.
    private func refuseAlias() throws(ExpressionError) {
        if current.isKeyword("as") || current.kind == .identifier
            || current.kind == .quotedIdentifier
        {
            throw ExpressionError("Unsupported clause: AS at \(place(current))")
        }
    }

    private mutating func parseOrder(
        hasFilter: Bool
    ) throws(ExpressionError) -> [SelectStatement.Order] {
        guard accept("order") else { return [] }
        try expect("by")
        var order: [SelectStatement.Order] = []
        repeat {
            let token = current
            let path = try parsePath()
            guard path.elements.count == 1 else {
                throw ExpressionError("Unexpected path component at \(place(token))")
            }
            let isDescending = accept("desc")
            if !isDescending { _ = accept("asc") }
            order.append(
                SelectStatement.Order(attribute: path.attribute, isDescending: isDescending))
        } while accept(.comma)
        guard hasFilter else {
            throw ExpressionError(
                "Must have WHERE clause in the statement when using ORDER BY clause.")
        }
        return order
    }
}
