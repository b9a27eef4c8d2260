/// The inputs of all operations of an API (DynamoDB, its streams, Lambda): types and constraints.
///
/// Each API has a model of its own, since a name may mean another shape in the other. Parsed from
/// generated text at the first use (a few hundred lines), so that start-up pays nothing. Shapes
/// refer to each other by index, since AttributeValue contains itself.
struct ServiceModel: Sendable {
    /// The model of DynamoDB that the service publishes.
    static let shared = ServiceModel(parsing: generatedText)
    /// That of DynamoDB Streams.
    static let streams = ServiceModel(parsing: generatedStreamsText, isOfStreams: true)
    /// That of Lambda.
    static let lambda = ServiceModel(parsing: generatedLambdaText)

    /// The fewest and the most; nil where the model sets no bound.
    struct Bounds: Sendable, Hashable {
        var min: Int?
        var max: Int?
    }

    struct Member: Sendable {
        var name: String
        var shape: Int
        var isRequired: Bool
        /// The name as paths of constraint errors tell it: the first letter in lower case.
        var pathName: String
    }

    enum Kind: Sendable {
        case structure([Member])
        case list(element: Int)
        case map(key: Int, value: Int)
        case string
        case blob
        case boolean
        case integer
        case long
        case double
        case timestamp
    }

    /// A shape and the constraints on it.
    struct Shape: Sendable {
        var name: String
        var kind: Kind
        /// Of a length (strings in UTF-16 units, lists, maps) or of a value (numbers).
        var bounds = Bounds()
        /// The values of an enumeration in the order that error messages tell; empty for others.
        var allowedValues: [String] = []
        var pattern: String?

        /// Whether a value can break a constraint of the shape itself, members apart.
        var isConstrained: Bool {
            bounds != Bounds() || !allowedValues.isEmpty || pattern != nil
        }

        /// The member of a structure.
        func member(_ name: String) -> Member? {
            guard case .structure(let members) = kind else { return nil }
            return members.first { $0.name == name }
        }
    }

    /// Whether it is the model of the Streams API, where table names have no rules of their own.
    let isOfStreams: Bool
    private(set) var shapes: [Shape] = []
    /// The input's shape of each operation, unbuilt ones included.
    private(set) var inputs: [String: Int] = [:]

    /// Whether the API has an operation of this name, built here or not.
    func hasOperation(_ name: String) -> Bool { inputs[name] != nil }

    /// Reads the text form: one shape per line; a line that begins with space continues the last.
    ///
    ///     operations <name>[=<input>]…
    ///     structure <name> <member>[!]:<shape>…      ! marks what is required
    ///     list <name> <element> [min=…] [max=…]
    ///     map <name> <key> <value> [min=…] [max=…]
    ///     <type> <name> [min=…] [max=…] [enum=…]… [pattern=… to the end of the line]
    init(parsing text: String, isOfStreams: Bool = false) {
        self.isOfStreams = isOfStreams
        var declarations: [Declaration] = []
        for line in text.split(separator: "\n") {
            if line.first == " ", !declarations.isEmpty {
                declarations[declarations.count - 1].extend(line.drop { $0 == " " })
            } else {
                declarations.append(Declaration(line))
            }
        }
        var indexes: [Substring: Int] = [:]
        for declaration in declarations where declaration.keyword != "operations" {
            guard let name = declaration.words.first else { continue }
            indexes[name] = shapes.count
            shapes.append(Shape(name: String(name), kind: .string))
        }
        for declaration in declarations {
            if declaration.keyword == "operations" {
                for word in declaration.words {
                    let parts = word.split(separator: "=")
                    let input = parts.count == 2 ? parts[1] : word + "Input"
                    inputs[String(parts.first ?? word)] = indexes[input]
                }
            } else if let name = declaration.words.first, let index = indexes[name] {
                shapes[index] = declaration.shape(named: name, indexes: indexes)
            }
        }
    }

    /// One declaration of the text form, its continuations joined.
    private struct Declaration {
        let keyword: Substring
        var words: [Substring]
        var pattern: Substring?

        init(_ line: Substring) {
            let all = line.split(separator: " ")
            keyword = all.first ?? ""
            words = Array(all.dropFirst())
        }

        mutating func extend(_ line: Substring) {
            let mark = "pattern="
            if line.hasPrefix(mark) {
                pattern = line.dropFirst(mark.count)
            } else {
                words += line.split(separator: " ")
            }
        }

        func shape(named name: Substring, indexes: [Substring: Int]) -> Shape {
            let rest = words.dropFirst()
            func index(_ position: Int) -> Int {
                let at = rest.startIndex + position
                return at < rest.endIndex ? indexes[rest[at]] ?? 0 : 0
            }
            let kind: Kind
            switch keyword {
            case "structure": kind = .structure(rest.compactMap { member($0, indexes) })
            case "list": kind = .list(element: index(0))
            case "map": kind = .map(key: index(0), value: index(1))
            case "blob": kind = .blob
            case "boolean": kind = .boolean
            case "integer": kind = .integer
            case "long": kind = .long
            case "double": kind = .double
            case "timestamp": kind = .timestamp
            default: kind = .string
            }
            var shape = Shape(name: String(name), kind: kind, pattern: pattern.map(String.init))
            for word in rest {
                let parts = word.split(separator: "=", maxSplits: 1)
                guard parts.count == 2 else { continue }
                switch parts[0] {
                case "min": shape.bounds.min = Int(parts[1])
                case "max": shape.bounds.max = Int(parts[1])
                case "enum": shape.allowedValues.append(String(parts[1]))
                default: break
                }
            }
            shape.allowedValues = ConstraintText.told[shape.name] ?? shape.allowedValues
            return shape
        }

        private func member(_ word: Substring, _ indexes: [Substring: Int]) -> Member? {
            let parts = word.split(separator: ":")
            guard parts.count == 2, let shape = indexes[parts[1]] else { return nil }
            let isRequired = parts[0].last == "!"
            let name = isRequired ? parts[0].dropLast() : parts[0]
            return Member(
                name: String(name), shape: shape, isRequired: isRequired,
                pathName: name.prefix(1).lowercased() + name.dropFirst())
        }
    }
}
