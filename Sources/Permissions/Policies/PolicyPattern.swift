/// A text of a policy: characters, the wildcards `*` and `?`, and variables like `${aws:username}`.
///
/// What a variable stands for is taken as it is: a `*` in it is a character like others.
struct PolicyPattern: Sendable, Hashable {
    private enum Piece: Sendable, Hashable {
        case symbols([UInt32])
        case variable(key: String, fallback: String?)
    }

    /// Wildcards among Unicode scalars, which are less than these.
    private static let anything = UInt32.max
    private static let oneCharacter = UInt32.max - 1

    /// As it stands in the policy.
    let text: String
    private let pieces: [Piece]

    /// - Parameters:
    ///   - hasWildcards: whether `*` and `?` are wildcards.
    ///   - hasVariables: whether `${…}` is a variable: so it is from version 2012-10-17 on.
    init(_ text: String, hasWildcards: Bool = true, hasVariables: Bool) {
        self.text = text
        var pieces: [Piece] = []
        var symbols: [UInt32] = []
        var rest = text.unicodeScalars[...]
        while let scalar = rest.first {
            if hasVariables, let variable = Self.takeVariable(&rest) {
                switch variable.key {
                // The three characters that are written as variables.
                case "*", "?", "$": symbols += variable.key.unicodeScalars.map(\.value)
                default:
                    if !symbols.isEmpty { pieces.append(.symbols(symbols)) }
                    symbols = []
                    pieces.append(
                        .variable(key: variable.key.lowercased(), fallback: variable.fallback))
                }
                continue
            }
            rest = rest.dropFirst()
            switch scalar {
            case "*" where hasWildcards: symbols.append(Self.anything)
            case "?" where hasWildcards: symbols.append(Self.oneCharacter)
            default: symbols.append(scalar.value)
            }
        }
        if !symbols.isEmpty || pieces.isEmpty { pieces.append(.symbols(symbols)) }
        self.pieces = pieces
    }

    /// Takes `${key}` or `${key, 'fallback'}` off the front; nil, and nothing taken, where there is
    /// none.
    private static func takeVariable(
        _ rest: inout Substring.UnicodeScalarView
    ) -> (key: String, fallback: String?)? {
        guard rest.starts(with: "${".unicodeScalars), let end = rest.firstIndex(of: "}") else {
            return nil
        }
        let inside = Substring(rest[rest.index(rest.startIndex, offsetBy: 2)..<end])
        let parts = inside.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
        let key = parts[0].filter { $0 != " " }
        guard !key.isEmpty else { return nil }
        var fallback: String?
        if parts.count == 2 {
            var text = parts[1].drop { $0 == " " }
            while text.last == " " { text.removeLast() }
            guard text.count >= 2, text.first == "'", text.last == "'" else { return nil }
            fallback = String(text.dropFirst().dropLast())
        }
        rest = rest[rest.index(after: end)...]
        return (key, fallback)
    }

    /// The symbols once variables are known; nil where one of them has no single value.
    private func resolved(_ values: PolicyValues) -> [UInt32]? {
        if pieces.count == 1, case .symbols(let symbols) = pieces[0] { return symbols }
        var result: [UInt32] = []
        for piece in pieces {
            switch piece {
            case .symbols(let symbols):
                result += symbols
            case .variable(let key, let fallback):
                let known = values.value(key)
                guard let value = known?.count == 1 ? known?.first : fallback else { return nil }
                result += value.unicodeScalars.map(\.value)
            }
        }
        return result
    }

    /// The text once variables are known; for patterns without wildcards.
    func plainText(_ values: PolicyValues) -> String? {
        resolved(values).map { symbols in
            var text = String.UnicodeScalarView()
            text.append(contentsOf: symbols.compactMap(Unicode.Scalar.init))
            return String(text)
        }
    }

    /// Whether a whole text is one of those that the pattern stands for; nil where a variable has
    /// no value.
    func matches(_ text: String, _ values: PolicyValues) -> Bool? {
        resolved(values).map { Self.matches($0[...], text.unicodeScalars.map(\.value)[...]) }
    }

    /// Whether an ARN is one of those that the pattern stands for: the six parts between colons
    /// are compared one by one, so that a wildcard does not reach over a colon, but in the last.
    func matchesARN(_ text: String, _ values: PolicyValues) -> Bool? {
        guard let symbols = resolved(values) else { return nil }
        let colon = Unicode.Scalar(":").value
        func parts(_ symbols: [UInt32]) -> [ArraySlice<UInt32>] {
            symbols.split(separator: colon, maxSplits: 5, omittingEmptySubsequences: false)
        }
        let patterns = parts(symbols)
        let texts = parts(text.unicodeScalars.map(\.value))
        guard patterns.count == texts.count else {
            // A pattern of fewer parts: `*` alone stands for every ARN.
            return symbols == [Self.anything]
        }
        return zip(patterns, texts).allSatisfy { Self.matches($0, $1) }
    }

    /// The usual search: after a mismatch, the last `*` takes one character more.
    private static func matches(
        _ pattern: ArraySlice<UInt32>, _ text: ArraySlice<UInt32>
    ) -> Bool {
        var inPattern = pattern.startIndex
        var inText = text.startIndex
        var afterStar: Int?
        var starTook = text.startIndex
        while inText < text.endIndex {
            if inPattern < pattern.endIndex, pattern[inPattern] == anything {
                inPattern += 1
                afterStar = inPattern
                starTook = inText
            } else if inPattern < pattern.endIndex,
                pattern[inPattern] == oneCharacter || pattern[inPattern] == text[inText]
            {
                inPattern += 1
                inText += 1
            } else if let afterStar {
                starTook += 1
                inText = starTook
                inPattern = afterStar
            } else {
                return false
            }
        }
        return pattern[inPattern...].allSatisfy { $0 == anything }
    }
}
