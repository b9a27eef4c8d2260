internal import Wire

extension WrittenCondition {
    /// The condition as a word or `--where` would have it.
    package var told: String { told(isNested: false) }

    /// The condition as a word of a command line, with no more quotes than it needs.
    var word: String {
        guard case .comparison(let left, let operation, let right) = self else { return told }
        if case .literal(.string(let text)) = right, case .string(text) = PlainWord.value(text),
            !text.isEmpty, text.allSatisfy({ $0.isLetter || $0.isNumber || "_-.:/".contains($0) })
        {
            return "\(left.told)\(operation)\(text)"
        }
        return "\(left.told)\(operation)\(right.told)"
    }

    private func told(isNested: Bool) -> String {
        switch self {
        case .all(let parts):
            return wrapped(
                parts.map { $0.told(isNested: true) }.joined(separator: " and "), isNested)
        case .any(let parts):
            return wrapped(
                parts.map { $0.told(isNested: true) }.joined(separator: " or "), isNested)
        case .not(let part): return "not (\(part.told))"
        case .comparison(let left, let operation, let right):
            return "\(left.told) \(operation) \(right.told)"
        case .between(let value, let low, let high):
            return "\(value.told) between \(low.told) and \(high.told)"
        case .oneOf(let value, let list):
            return "\(value.told) in (\(list.map(\.told).joined(separator: ", ")))"
        case .function(let name, let operands):
            return "\(name)(\(operands.map(\.told).joined(separator: ", ")))"
        }
    }

    private func wrapped(_ text: String, _ isNested: Bool) -> String {
        isNested ? "(\(text))" : text
    }
}

extension WrittenOperand {
    var told: String {
        switch self {
        case .path(let path): path.told
        case .size(let path): "size(\(path.told))"
        case .literal(let value): String(decoding: value.encoded, as: UTF8.self)
        case .placeholder(let name): name
        }
    }
}

extension WrittenPath {
    /// The path with backquotes where a name needs them.
    fileprivate var told: String {
        var text = ""
        for step in steps {
            switch step {
            case .index(let index): text += "[\(index)]"
            case .placeholder(let name): text += (text.isEmpty ? "" : ".") + name
            case .name(let name):
                let first = name.first
                let isBare =
                    (first?.isLetter ?? false || first == "_")
                    && name.allSatisfy {
                        $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-"
                    }
                text += (text.isEmpty ? "" : ".") + (isBare ? name : "`\(name)`")
            }
        }
        return text
    }
}

/// Texts as a shell takes them.
package enum Shell {
    /// The word itself, or in single quotes where the shell would read something into it.
    package static func quoted(_ word: String) -> String {
        let plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-=.,:/@%+"
        if !word.isEmpty, word.allSatisfy({ plain.contains($0) }) { return word }
        return "'"
            + word.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
    }
}
