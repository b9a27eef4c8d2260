extension ExpressionParser {
    /// What a part of a condition turned out to be: parentheses may stand around either.
    private enum Term {
        case condition(Int)
        case operand(Int)
    }

    /// Parses the whole text as a condition.
    mutating func parseWholeCondition() throws(ExpressionError) {
        let term = try parseDisjunction()
        let root = try condition(term)
        guard current.kind == .end else { throw syntaxError() }
        syntax.root = root
    }

    private mutating func add(_ condition: ConditionSyntax) -> Int {
        syntax.conditions.append(condition)
        return syntax.conditions.count - 1
    }

    /// A term as a condition: a function is one, a path or value alone is not.
    private mutating func condition(_ term: Term) throws(ExpressionError) -> Int {
        switch term {
        case .condition(let index):
            return index
        case .operand(let index):
            guard case .function = syntax.operands[index] else { throw syntaxError() }
            return add(.function(index))
        }
    }

    private mutating func parseDisjunction() throws(ExpressionError) -> Term {
        let first = try parseConjunction()
        guard current.keyword == .or else { return first }
        var parts = [try condition(first)]
        while accept(.or) {
            syntax.operatorCount += 1
            let part = try parseConjunction()
            parts.append(try condition(part))
        }
        return .condition(add(.or(parts)))
    }

    private mutating func parseConjunction() throws(ExpressionError) -> Term {
        let first = try parseNegation()
        guard current.keyword == .and else { return first }
        var parts = [try condition(first)]
        while accept(.and) {
            syntax.operatorCount += 1
            let part = try parseNegation()
            parts.append(try condition(part))
        }
        return .condition(add(.and(parts)))
    }

    private mutating func parseNegation() throws(ExpressionError) -> Term {
        guard accept(.not) else { return try parseComparison() }
        syntax.operatorCount += 1
        try enter()
        let inner = try parseNegation()
        depth -= 1
        let part = try condition(inner)
        return .condition(add(.not(part)))
    }

    private mutating func parseComparison() throws(ExpressionError) -> Term {
        let left: Int
        if current.kind == .leftParenthesis {
            let term = try parseGroup { parser throws(ExpressionError) in
                try parser.parseDisjunction()
            }
            guard case .operand(let index) = term else { return term }
            left = index
        } else {
            left = try parseOperand()
        }
        if let comparator = comparator(current.kind) {
            syntax.operatorCount += 1
            advance()
            let right = try parseOperand()
            return .condition(add(.comparison(comparator, left, right)))
        }
        if accept(.between) {
            syntax.operatorCount += 1
            let lower = try parseOperand()
            try expect(.and)
            let upper = try parseOperand()
            return .condition(add(.between(left, lower: lower, upper: upper)))
        }
        if accept(.in) {
            syntax.operatorCount += 1
            return .condition(add(.membership(left, in: try parseMembers())))
        }
        return .operand(left)
    }

    private mutating func parseMembers() throws(ExpressionError) -> [Int] {
        try expect(.leftParenthesis)
        var members = [try parseOperand()]
        while accept(.comma) { members.append(try parseOperand()) }
        try expect(.rightParenthesis)
        if members.count > ExpressionLimits.inOperandCountMax {
            syntax.findings.record(
                .limit,
                "The IN operator is provided with too many operands; "
                    + "number of operands: \(members.count)")
        }
        return members
    }

    private func comparator(_ kind: Token.Kind) -> Comparator? {
        switch kind {
        case .equal: .equal
        case .notEqual: .notEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        default: nil
        }
    }
}
