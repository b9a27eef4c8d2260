/// Why the command line cannot be followed, or what went wrong with it: one sentence.
struct LoadError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Options of the form `--name value`, and whatever stands between or behind them.
struct CommandOptions {
    private var values: [String: [String]] = [:]
    /// What is no option: operands, and all that follows `--`.
    private(set) var operands: [String] = []

    /// Reads the arguments of a command that knows the names given.
    init(_ arguments: some Sequence<String>, known: Set<String>) throws(LoadError) {
        var rest = Array(arguments)[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                operands += rest
                return
            }
            guard argument.hasPrefix("--") else {
                operands.append(argument)
                continue
            }
            let name = String(argument.dropFirst(2))
            guard known.contains(name) else { throw LoadError("there is no option --\(name)") }
            guard let value = rest.popFirst() else { throw LoadError("--\(name) needs a value") }
            values[name, default: []].append(value)
        }
    }

    /// All values of an option, in order.
    func all(_ name: String) -> [String] { values[name] ?? [] }

    /// The last value of an option; nil where it was not given.
    func text(_ name: String) -> String? { values[name]?.last }

    func required(_ name: String) throws(LoadError) -> String {
        guard let text = text(name) else { throw LoadError("--\(name) is needed") }
        return text
    }

    func integer(_ name: String, orElse fallback: Int) throws(LoadError) -> Int {
        guard let text = text(name) else { return fallback }
        guard let value = Int(text), value > 0 else {
            throw LoadError("--\(name) wants a positive whole number, not '\(text)'")
        }
        return value
    }

    func seconds(_ name: String, orElse fallback: Double) throws(LoadError) -> Double {
        guard let text = text(name) else { return fallback }
        guard let value = Double(text), value >= 0, value < 1e6 else {
            throw LoadError("--\(name) wants a number of seconds, not '\(text)'")
        }
        return value
    }
}
