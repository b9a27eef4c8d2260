internal import Items

/// Joins an update's syntax with a request's names and values, and checks it.
struct UpdateBinder {
    private enum Bound {
        case path(DocumentPath)
        case value(ItemValue)
        /// A function, sum or difference that has no fault.
        case computed(Update.Operand)
        case unresolved

        var operand: Update.Operand? {
            switch self {
            case .path(let path): .path(path)
            case .value(let value): .value(value)
            case .computed(let operand): operand
            case .unresolved: nil
            }
        }
    }

    private let syntax: ExpressionSyntax
    private(set) var scope: ExpressionScope
    private var findings: Findings
    private var bound: [Bound] = []

    init(syntax: ExpressionSyntax, scope: ExpressionScope) {
        self.syntax = syntax
        self.scope = scope
        findings = syntax.findings
    }

    mutating func bind() throws(ExpressionError) -> Update {
        for operand in syntax.operands { bound.append(bind(operand)) }
        var paths: [DocumentPath] = []
        var actions: [Update.Action] = []
        var tree = PathTree()
        for action in syntax.actions {
            let path = scope.resolve(action.path, &findings)
            let bound = bind(action.clause)
            guard let path, let bound else { continue }
            tree.insert(path, after: paths, &findings)
            paths.append(path)
            actions.append(bound)
        }
        try findings.check(.update)
        return Update(paths: paths, actions: actions, tree: tree)
    }

    /// The action; nil, and a finding, where something in it is at fault.
    private mutating func bind(_ clause: ActionSyntax.Clause) -> Update.Action? {
        switch clause {
        case .set(let operand):
            return bound[operand].operand.map { .set($0) }
        case .remove:
            return .remove
        case .add(let placeholder):
            guard let value = scope.resolve(value: placeholder, &findings) else { return nil }
            if value.tag != .number, !value.tag.isSet { incorrectType(value, of: "ADD") }
            return .add(value, isLegacy: false)
        case .delete(let placeholder):
            guard let value = scope.resolve(value: placeholder, &findings) else { return nil }
            if !value.tag.isSet { incorrectType(value, of: "DELETE") }
            return .delete(value, isLegacy: false)
        }
    }

    private mutating func incorrectType(_ value: ItemValue, of action: String) {
        let type =
            switch value.tag {
            case .string: "STRING"
            case .number: "NUMBER"
            case .binary: "BINARY"
            case .boolFalse, .boolTrue: "BOOLEAN"
            case .null: "NULL"
            case .map: "MAP"
            case .list: "LIST"
            case .stringSet: "STRING_SET"
            case .numberSet: "NUMBER_SET"
            case .binarySet: "BINARY_SET"
            }
        findings.record(
            .operand,
            "Incorrect operand type for operator or function; operator: \(action), "
                + "operand type: \(type), typeSet: ALLOWED_FOR_\(action)_OPERAND")
    }

    private mutating func bind(_ operand: OperandSyntax) -> Bound {
        switch operand {
        case .path(let path):
            return scope.resolve(path, &findings).map { .path($0) } ?? .unresolved
        case .value(let placeholder):
            return scope.resolve(value: placeholder, &findings).map { .value($0) } ?? .unresolved
        case .function(let name, let arguments):
            return bindFunction(name, arguments)
        case .sum(let left, let right):
            checkTypes([left, right], in: "+", .number)
            guard let first = bound[left].operand, let second = bound[right].operand else {
                return .unresolved
            }
            return .computed(.sum(first, second))
        case .difference(let left, let right):
            checkTypes([left, right], in: "-", .number)
            guard let first = bound[left].operand, let second = bound[right].operand else {
                return .unresolved
            }
            return .computed(.difference(first, second))
        }
    }

    private mutating func bindFunction(_ name: String, _ arguments: [Int]) -> Bound {
        guard name == "if_not_exists" || name == "list_append" else {
            if ConditionBinder.operandCounts[name] != nil {
                findings.record(
                    .misusedFunction,
                    "The function is not allowed in an update expression; function: \(name)")
            } else {
                findings.record(.unknownFunction, "Invalid function name; function: \(name)")
            }
            return .unresolved
        }
        guard arguments.count == 2 else {
            findings.record(
                .operand,
                "Incorrect number of operands for operator or function; "
                    + "operator or function: \(name), number of operands: \(arguments.count)")
            return .unresolved
        }
        if name == "list_append" { checkTypes(arguments, in: name, .list) }
        if name == "if_not_exists" {
            switch bound[arguments[0]] {
            case .path, .unresolved:
                break
            case .value, .computed:
                findings.record(
                    .operand,
                    "Operator or function requires a document path; operator or function: \(name)")
            }
        }
        guard let first = bound[arguments[0]].operand, let second = bound[arguments[1]].operand
        else { return .unresolved }
        if name == "list_append" { return .computed(.listAppend(first, second)) }
        guard case .path(let path) = first else { return .unresolved }
        return .computed(.ifNotExists(path, second))
    }

    private mutating func checkTypes(_ operands: [Int], in name: String, _ wanted: ValueTag) {
        for operand in operands {
            if let tag = bound[operand].operand?.immediateTag, tag != wanted {
                findings.record(
                    .operand,
                    "Incorrect operand type for operator or function; "
                        + "operator or function: \(name), operand type: \(tag.descriptor)")
            }
        }
    }
}

extension Update.Operand {
    /// The type where the expression alone tells it.
    var immediateTag: ValueTag? {
        switch self {
        case .path: nil
        case .value(let value): value.tag
        case .ifNotExists(_, let fallback): fallback.immediateTag
        case .listAppend: .list
        case .sum, .difference: .number
        }
    }
}
