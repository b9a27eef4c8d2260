internal import Items

/// Joins a condition's syntax with a request's names and values: checks, then compiles.
struct ConditionBinder {
    /// What an operand of the syntax is once names and values are known.
    enum Bound {
        case path(DocumentPath)
        case value(ItemValue)
        case function(name: String, arguments: [Int])
        /// Its name or value is not defined; that is a finding.
        case unresolved
    }

    private let syntax: ExpressionSyntax
    private(set) var scope: ExpressionScope
    /// One per operand of the syntax.
    private(set) var bound: [Bound] = []
    private var findings: Findings

    init(syntax: ExpressionSyntax, scope: ExpressionScope) {
        self.syntax = syntax
        self.scope = scope
        findings = syntax.findings
    }

    /// A condition whose operands were bound elsewhere: a PartiQL statement's.
    init(bound: [Bound], conditions: [ConditionSyntax], root: Int) {
        var syntax = ExpressionSyntax()
        syntax.conditions = conditions
        syntax.root = root
        self.syntax = syntax
        self.bound = bound
        scope = ExpressionScope(names: nil, values: nil)
        findings = Findings()
    }

    // MARK: Checks

    /// Checks every operator and function of operands that were bound elsewhere.
    mutating func checkBound() throws(ExpressionError) {
        for case .function(let name, let arguments) in bound { checkFunction(name, arguments) }
        for condition in syntax.conditions { check(condition) }
        try findings.checkInOrder(Findings.conditionOrder)
    }

    /// Resolves every operand and checks every operator and function.
    mutating func check(_ kind: ExpressionKind) throws(ExpressionError) {
        bound.reserveCapacity(syntax.operands.count)
        for operand in syntax.operands { bound.append(resolve(operand)) }
        for condition in syntax.conditions { check(condition) }
        try findings.check(kind)
    }

    private mutating func resolve(_ operand: OperandSyntax) -> Bound {
        switch operand {
        case .path(let path):
            guard let resolved = scope.resolve(path, &findings) else { return .unresolved }
            return .path(resolved)
        case .value(let placeholder):
            guard let value = scope.resolve(value: placeholder, &findings) else {
                return .unresolved
            }
            return .value(value)
        case .function(let name, let arguments):
            checkFunction(name, arguments)
            return .function(name: name, arguments: arguments)
        case .sum, .difference:
            // The grammar of conditions makes neither.
            return .unresolved
        }
    }

    private mutating func check(_ condition: ConditionSyntax) {
        switch condition {
        case .and, .or, .not:
            break
        case .comparison(let comparator, let left, let right):
            checkUse(of: [left, right])
            if comparator != .equal, comparator != .notEqual {
                checkOrdered([left, right], in: comparator.rawValue)
            }
            checkDistinct(left, [right], in: comparator.rawValue)
        case .between(let operand, let lower, let upper):
            checkUse(of: [operand, lower, upper])
            checkOrdered([operand, lower, upper], in: "BETWEEN")
            checkBounds(lower, upper)
            checkDistinct(operand, [lower, upper], in: "BETWEEN")
        case .membership(let operand, let members):
            checkUse(of: [operand] + members)
            checkDistinct(operand, members, in: "IN")
        case .function(let operand):
            if case .function("size", _) = bound[operand] { misuse("size") }
        }
    }

    private mutating func misuse(_ function: String) {
        findings.record(
            .misusedFunction,
            "The function is not allowed to be used this way in an expression; "
                + "function: \(function)")
    }

    /// Only size is a function of values; the others are conditions.
    private mutating func checkUse(of operands: [Int]) {
        for operand in operands {
            if case .function(let name, _) = bound[operand], name != "size" { misuse(name) }
        }
    }

    private mutating func checkFunction(_ name: String, _ arguments: [Int]) {
        guard let operandCount = Self.operandCounts[name] else {
            findings.record(.unknownFunction, "Invalid function name; function: \(name)")
            return
        }
        checkUse(of: arguments)
        guard arguments.count == operandCount else {
            findings.record(
                .operand,
                "Incorrect number of operands for operator or function; "
                    + "operator or function: \(name), number of operands: \(arguments.count)")
            return
        }
        switch name {
        case "attribute_exists", "attribute_not_exists":
            switch bound[arguments[0]] {
            case .path, .unresolved: break
            case .value, .function:
                findings.record(
                    .operand,
                    "Operator or function requires a document path; operator or function: \(name)")
            }
        case "begins_with":
            checkTypes(arguments, in: name) { $0 == .string || $0 == .binary }
        case "size":
            checkTypes(arguments, in: name) { $0 == .string || $0 == .binary || $0.isContainer }
        case "attribute_type":
            checkTypeName(arguments[1])
        default:
            break
        }
        if arguments.count == 2 { checkDistinct(arguments[0], [arguments[1]], in: name) }
    }

    static let operandCounts = [
        "attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2, "begins_with": 2,
        "contains": 2, "size": 1,
    ]

    /// The type of an operand where the expression alone tells it.
    private func immediateTag(_ operand: Int) -> ValueTag? {
        switch bound[operand] {
        case .value(let value): value.tag
        case .function("size", _): .number
        default: nil
        }
    }

    private mutating func incorrectType(_ type: String, in name: String) {
        findings.record(
            .operand,
            "Incorrect operand type for operator or function; "
                + "operator or function: \(name), operand type: \(type)")
    }

    private mutating func checkTypes(
        _ operands: [Int], in name: String, _ isAllowed: (ValueTag) -> Bool
    ) {
        for operand in operands {
            if let tag = immediateTag(operand), !isAllowed(tag) {
                incorrectType(tag.descriptor, in: name)
            }
        }
    }

    private mutating func checkOrdered(_ operands: [Int], in name: String) {
        checkTypes(operands, in: name) { $0 == .string || $0 == .number || $0 == .binary }
    }

    private mutating func checkTypeName(_ operand: Int) {
        if case .unresolved = bound[operand] { return }
        guard case .value(let value) = bound[operand], let name = value.string else {
            let type = immediateTag(operand)?.descriptor ?? "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}"
            incorrectType(type, in: "attribute_type")
            return
        }
        if Self.tags(ofType: name) == 0 {
            findings.record(
                .operand,
                "Invalid attribute type name found; type: \(name), "
                    + "valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}")
        }
    }

    private static func tags(ofType name: String) -> UInt16 {
        ValueTag.allCases.reduce(0) { $1.descriptor == name ? $0 | 1 << $1.rawValue : $0 }
    }

    private mutating func checkDistinct(_ first: Int, _ rest: [Int], in name: String) {
        guard case .path(let path) = bound[first] else { return }
        for operand in rest {
            if case .path(let other) = bound[operand], path == other {
                findings.record(
                    .distinct,
                    "The first operand must be distinct from the remaining operands "
                        + "for this operator or function; operator: \(name), "
                        + "first operand: \(path.text)")
            }
        }
    }

    private mutating func checkBounds(_ lower: Int, _ upper: Int) {
        guard case .value(let low) = bound[lower], case .value(let high) = bound[upper] else {
            return
        }
        func complain(_ rule: String) {
            findings.record(
                .operand,
                "The BETWEEN operator requires \(rule); "
                    + "lower bound operand: AttributeValue: {\(low.boundText)}, "
                    + "upper bound operand: AttributeValue: {\(high.boundText)}")
        }
        if low.tag != high.tag {
            complain("same data type for lower and upper bounds")
        } else if high.scalar.lexicographicallyPrecedes(low.scalar) {
            complain("upper bound to be greater than or equal to lower bound")
        }
    }

    // MARK: Compiling

    /// The condition of a syntax that passed the checks.
    func compile() -> Condition {
        var condition = Condition()
        _ = compile(syntax.root, into: &condition)
        return condition
    }

    private func compile(_ index: Int, into condition: inout Condition) -> Int {
        switch syntax.conditions[index] {
        case .and(let parts):
            let nodes = parts.map { compile($0, into: &condition) }
            let links = condition.addLinks(nodes)
            return condition.add(.all(links))
        case .or(let parts):
            let nodes = parts.map { compile($0, into: &condition) }
            let links = condition.addLinks(nodes)
            return condition.add(.any(links))
        case .not(let part):
            let node = compile(part, into: &condition)
            return condition.add(.not(node))
        case .comparison(let comparator, let left, let right):
            let leftOperand = operand(left, into: &condition)
            let rightOperand = operand(right, into: &condition)
            return condition.add(.comparison(comparator, leftOperand, rightOperand))
        case .between(let middle, let lower, let upper):
            let value = operand(middle, into: &condition)
            let low = operand(lower, into: &condition)
            let high = operand(upper, into: &condition)
            return condition.add(.between(value, lower: low, upper: high))
        case .membership(let member, let candidates):
            let value = operand(member, into: &condition)
            let operands = candidates.map { operand($0, into: &condition) }
            let links = condition.addLinks(operands)
            return condition.add(.membership(value, in: links))
        case .function(let function):
            return compileFunction(function, into: &condition)
        }
    }

    private func compileFunction(_ index: Int, into condition: inout Condition) -> Int {
        guard case .function(let name, let arguments) = bound[index] else {
            return condition.add(.any(0..<0))
        }
        let first = operand(arguments[0], into: &condition)
        switch name {
        case "attribute_exists":
            return condition.add(.exists(first))
        case "attribute_not_exists":
            let exists = condition.add(.exists(first))
            return condition.add(.not(exists))
        case "attribute_type":
            guard case .value(let value) = bound[arguments[1]] else { break }
            return condition.add(.type(first, tags: Self.tags(ofType: value.string ?? "")))
        case "begins_with":
            let prefix = operand(arguments[1], into: &condition)
            return condition.add(.beginsWith(first, prefix))
        case "contains":
            let part = operand(arguments[1], into: &condition)
            return condition.add(.contains(first, part))
        default:
            break
        }
        // The checks let nothing else pass.
        return condition.add(.any(0..<0))
    }

    private func operand(_ index: Int, into condition: inout Condition) -> Int {
        switch bound[index] {
        case .path(let path):
            return condition.add(path)
        case .value(let value):
            return condition.add(value)
        case .function(_, let arguments):
            let inner = operand(arguments[0], into: &condition)
            return condition.addSize(of: inner)
        case .unresolved:
            return condition.add(DocumentPath(elements: []))
        }
    }
}

extension ItemValue {
    /// A scalar as messages about bounds show it: `N:2`.
    fileprivate var boundText: String {
        switch tag {
        case .string: "S:\(string ?? "")"
        case .number: "N:\(number?.description ?? "")"
        case .binary: "B:\(Self.base64(scalar))"
        default: tag.descriptor
        }
    }

    private static func base64(_ bytes: ArraySlice<UInt8>) -> String {
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        var offset = bytes.startIndex
        while offset < bytes.endIndex {
            let group = bytes[offset..<min(offset + 3, bytes.endIndex)]
            let padded = Array(group) + [0, 0]
            let bits = UInt32(padded[0]) << 16 | UInt32(padded[1]) << 8 | UInt32(padded[2])
            for index in 0..<4 {
                text.append(
                    index <= group.count
                        ? alphabet[Int(bits >> (18 - 6 * UInt32(index)) & 63)]
                        : UInt8(ascii: "="))
            }
            offset += 3
        }
        return String(decoding: text, as: UTF8.self)
    }
}
