/// What a word at the cursor may become.
package struct Completion: Sendable, Hashable {
    /// What was typed of it, up to the cursor.
    package var typed: String
    /// Whole texts that can take its place.
    package var choices: [String]

    package init(typed: String, choices: [String]) {
        self.typed = typed
        self.choices = choices
    }

    /// What all choices begin with; nil where there is none.
    var common: String? {
        guard var common = choices.first.map(Array.init) else { return nil }
        for choice in choices.dropFirst() {
            let shared = zip(common, choice).prefix { $0 == $1 }.count
            common.removeLast(common.count - shared)
        }
        return String(common)
    }
}
