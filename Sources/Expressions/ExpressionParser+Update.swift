extension ExpressionParser {
    /// Parses the whole text as a projection: paths between commas.
    mutating func parseProjection() throws(ExpressionError) {
        repeat { syntax.paths.append(try parsePath()) } while accept(.comma)
        guard current.kind == .end else { throw syntaxError() }
    }

    /// Parses the whole text as an update: sections in any order, each once.
    mutating func parseUpdate() throws(ExpressionError) {
        var sections: Set<Token.Keyword> = []
        repeat {
            guard let section = current.keyword, isReservedHere(section) else {
                throw syntaxError()
            }
            if !sections.insert(section).inserted {
                syntax.findings.record(
                    .section,
                    "The \"\(section.rawValue)\" section can only be used once "
                        + "in an update expression;")
            }
            advance()
            repeat { try parseAction(section) } while accept(.comma)
        } while current.kind != .end
    }

    private mutating func parseAction(_ section: Token.Keyword) throws(ExpressionError) {
        let path = try parsePath()
        let clause: ActionSyntax.Clause
        switch section {
        case .set:
            try expect(.equal)
            clause = .set(operand: try parseUpdateValue())
        case .add:
            clause = .add(value: try parseValueName())
        case .delete:
            clause = .delete(value: try parseValueName())
        default:
            clause = .remove
        }
        syntax.actions.append(ActionSyntax(path: path, clause: clause))
    }

    private mutating func parseValueName() throws(ExpressionError) -> String {
        let token = current
        try expect(.value)
        return string(token)
    }

    /// The right side of SET: an operand, or the sum or difference of two.
    mutating func parseUpdateValue() throws(ExpressionError) -> Int {
        let left = try parseOperand()
        guard current.kind == .plus || current.kind == .minus else { return left }
        let isSum = current.kind == .plus
        syntax.operatorCount += 1
        advance()
        let right = try parseOperand()
        return addOperand(isSum ? .sum(left, right) : .difference(left, right))
    }
}
