/// A text to be compared without regard to case, character by character.
struct FoldedText: Sendable {
    private let scalars: [String]

    init(_ text: String) { scalars = Self.folded(text) }

    func isEqual(to text: String) -> Bool { Self.folded(text) == scalars }

    /// Whether a text begins with this one.
    func begins(_ text: String) -> Bool { Self.folded(text).starts(with: scalars) }

    /// Whether a text ends with this one.
    func ends(_ text: String) -> Bool {
        Self.folded(text).reversed().starts(with: scalars.reversed())
    }

    private static func folded(_ text: String) -> [String] {
        text.unicodeScalars.map { scalar in
            // Upper case first: some letters have two lower cases, as the Greek sigma.
            let upper = scalar.properties.uppercaseMapping
            guard upper.unicodeScalars.count == 1, let first = upper.unicodeScalars.first else {
                return upper
            }
            return first.properties.lowercaseMapping
        }
    }
}
