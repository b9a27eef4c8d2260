package import Wire

/// A condition as a person wrote it: names as they are, values as plain JSON.
package indirect enum WrittenCondition: Sendable, Hashable {
    case all([WrittenCondition])
    case any([WrittenCondition])
    case not(WrittenCondition)
    /// `=`, `<>`, `<`, `<=`, `>`, `>=` between two operands.
    case comparison(WrittenOperand, String, WrittenOperand)
    case between(WrittenOperand, WrittenOperand, WrittenOperand)
    case oneOf(WrittenOperand, [WrittenOperand])
    /// `begins_with` and the like.
    case function(String, [WrittenOperand])

    /// The conditions that must all hold.
    package var conjuncts: [WrittenCondition] {
        if case .all(let parts) = self { parts.flatMap(\.conjuncts) } else { [self] }
    }

    /// The top-level attribute that a simple condition compares; nil for compound ones, and for
    /// conditions on what is inside an attribute.
    package var attribute: String? {
        switch self {
        case .comparison(let operand, _, _), .between(let operand, _, _), .oneOf(let operand, _):
            operand.attribute
        case .function("begins_with", let operands): operands.first?.attribute
        case .function, .all, .any, .not: nil
        }
    }

    /// The values one of which an operand must have: `a in (1, 2)`, `a = 1 or a = 2`.
    var alternatives: (operand: WrittenOperand, values: [WrittenOperand])? {
        switch self {
        case .oneOf(let operand, let values): return (operand, values)
        case .any(let parts):
            var operand: WrittenOperand?
            var values: [WrittenOperand] = []
            for part in parts {
                guard case .comparison(let left, "=", let right) = part,
                    operand == nil || operand == left
                else { return nil }
                operand = left
                values.append(right)
            }
            return operand.map { ($0, values) }
        default: return nil
        }
    }

    /// A bare name where a value may have been meant: `open` in `status = open`.
    package var bareName: String? {
        switch self {
        case .all(let parts), .any(let parts):
            return parts.lazy.compactMap(\.bareName).first
        case .not(let part): return part.bareName
        case .comparison(_, _, let right): return right.attribute
        case .between(_, let low, let high): return low.attribute ?? high.attribute
        case .oneOf(_, let values): return values.lazy.compactMap(\.attribute).first
        case .function(_, let operands):
            return operands.dropFirst().lazy.compactMap(\.attribute).first
        }
    }

    /// Names of all top-level attributes that are looked at.
    package var attributes: Set<String> {
        switch self {
        case .all(let parts), .any(let parts): Set(parts.flatMap(\.attributes))
        case .not(let part): part.attributes
        case .comparison(let left, _, let right):
            Set([left, right].compactMap(\.rootAttribute))
        case .between(let value, let low, let high):
            Set([value, low, high].compactMap(\.rootAttribute))
        case .oneOf(let value, let list): Set(([value] + list).compactMap(\.rootAttribute))
        case .function(_, let operands): Set(operands.compactMap(\.rootAttribute))
        }
    }
}

/// What a condition compares.
package enum WrittenOperand: Sendable, Hashable {
    case path(WrittenPath)
    /// A plain value.
    case literal(JSONValue)
    case size(WrittenPath)
    /// `:name`, told by `--values`.
    case placeholder(String)

    /// The attribute itself, where this is no part of one.
    package var attribute: String? {
        if case .path(let path) = self, path.steps.count == 1 { path.root } else { nil }
    }

    var rootAttribute: String? {
        switch self {
        case .path(let path), .size(let path): path.root
        case .literal, .placeholder: nil
        }
    }
}

/// `a`, `a.b[0]`, `#name`.
package struct WrittenPath: Sendable, Hashable, CustomStringConvertible {
    package enum Step: Sendable, Hashable {
        case name(String)
        case index(Int)
        /// `#name`, told by `--names`.
        case placeholder(String)
    }

    package var steps: [Step]

    package init(_ steps: [Step]) { self.steps = steps }
    package init(name: String) { steps = [.name(name)] }

    /// The attribute's name; nil for a placeholder.
    package var root: String? {
        if case .name(let name)? = steps.first { name } else { nil }
    }

    package var description: String {
        var text = ""
        for step in steps {
            switch step {
            case .name(let name): text += (text.isEmpty ? "" : ".") + name
            case .placeholder(let name): text += (text.isEmpty ? "" : ".") + name
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }
}
