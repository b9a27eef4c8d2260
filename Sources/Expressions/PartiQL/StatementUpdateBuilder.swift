internal import Items

/// Turns the SET and REMOVE clauses of an UPDATE into the actions of an update.
struct StatementUpdateBuilder {
    private var paths: [DocumentPath] = []
    private var actions: [Update.Action] = []
    private var tree = PathTree()
    private var findings = Findings()

    mutating func remove(_ path: DocumentPath) { add(path, .remove) }

    mutating func set(_ path: DocumentPath, to term: StatementTerm) throws(ExpressionError) {
        if case .call(let name, let arguments) = term, name == "set_add" || name == "set_delete" {
            add(path, try setChange(name, arguments, at: path))
        } else {
            add(path, .set(try operand(term)))
        }
    }

    /// - Throws: where two paths cannot stand together.
    func finish() throws(ExpressionError) -> Update {
        try findings.checkInOrder(Findings.updateOrder)
        return Update(paths: paths, actions: actions, tree: tree)
    }

    private mutating func add(_ path: DocumentPath, _ action: Update.Action) {
        tree.insert(path, after: paths, &findings)
        paths.append(path)
        actions.append(action)
    }

    /// `SET path = set_add(path, <<…>>)`: the members are added to what the path holds.
    private func setChange(
        _ name: String, _ arguments: [StatementTerm], at path: DocumentPath
    ) throws(ExpressionError) -> Update.Action {
        guard arguments.count == 2 else { throw wrongCount(name, arguments.count) }
        guard case .path(let source) = arguments[0], source == path else {
            throw ExpressionError(
                "The first argument of \(name) must be the path that SET assigns to")
        }
        guard case .value(let value) = arguments[1], value.tag.isSet else {
            throw incorrectType(name, arguments[1])
        }
        return name == "set_add"
            ? .add(value, isLegacy: false) : .delete(value, isLegacy: false)
    }

    private func operand(_ term: StatementTerm) throws(ExpressionError) -> Update.Operand {
        switch term {
        case .value(let value): return .value(value)
        case .path(let path): return .path(path)
        case .sum(let left, let right):
            return .sum(try number(left, of: "+"), try number(right, of: "+"))
        case .difference(let left, let right):
            return .difference(try number(left, of: "-"), try number(right, of: "-"))
        case .call("list_append", let arguments):
            guard arguments.count == 2 else { throw wrongCount("list_append", arguments.count) }
            for case .value(let value) in arguments where value.tag != .list {
                throw incorrectType("list_append", .value(value))
            }
            return .listAppend(try operand(arguments[0]), try operand(arguments[1]))
        case .call(let name, _):
            throw ExpressionError(
                "The function is not allowed in an update expression; function: \(name)")
        default:
            throw ExpressionError("Unsupported expression in SET clause")
        }
    }

    private func number(
        _ term: StatementTerm, of name: String
    ) throws(ExpressionError) -> Update.Operand {
        if case .value(let value) = term, value.tag != .number { throw incorrectType(name, term) }
        return try operand(term)
    }

    private func wrongCount(_ name: String, _ count: Int) -> ExpressionError {
        ExpressionError(
            "Incorrect number of operands for operator or function; "
                + "operator or function: \(name), number of operands: \(count)")
    }

    private func incorrectType(_ name: String, _ term: StatementTerm) -> ExpressionError {
        guard case .value(let value) = term else {
            return ExpressionError("The second argument of \(name) must be a set")
        }
        return ExpressionError(
            "Incorrect operand type for operator or function; "
                + "operator or function: \(name), operand type: \(value.tag.descriptor)")
    }
}
