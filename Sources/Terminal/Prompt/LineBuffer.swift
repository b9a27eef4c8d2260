/// The line that somebody types at a prompt: pure, key by key.
package struct LineBuffer: Sendable {
    package enum Key: Sendable, Hashable {
        case character(Character)
        case enter, backspace, deleteForward, left, right, home, end, up, down
        case wordLeft, wordRight, eraseWord, eraseToStart, eraseToEnd
        case clearScreen, cancel, endOfInput, complete
    }

    package enum Outcome: Sendable, Hashable {
        /// The line goes on.
        case editing
        case done(String)
        /// Ctrl-C: the line is given up.
        case cancelled
        /// Ctrl-D on an empty line.
        case ended
    }

    package private(set) var characters: [Character] = []
    /// Before which character the cursor stands.
    package private(set) var cursor = 0
    private let history: [String]
    /// Which line of history is shown; its count: the line that is typed.
    private var shown: Int
    private var typed: [Character] = []

    package init(history: [String] = []) {
        self.history = history
        shown = history.count
    }

    package var text: String { String(characters) }

    package mutating func press(_ key: Key) -> Outcome {
        switch key {
        case .enter: return .done(text)
        case .cancel: return .cancelled
        case .endOfInput:
            if characters.isEmpty { return .ended }
            deleteForward()
        case .character(let character):
            characters.insert(character, at: cursor)
            cursor += 1
        case .backspace:
            if cursor > 0 {
                cursor -= 1
                characters.remove(at: cursor)
            }
        case .deleteForward: deleteForward()
        case .left: cursor = max(0, cursor - 1)
        case .right: cursor = min(characters.count, cursor + 1)
        case .home: cursor = 0
        case .end: cursor = characters.count
        case .wordLeft: cursor = wordStart
        case .wordRight:
            while cursor < characters.count, !isWord(characters[cursor]) { cursor += 1 }
            while cursor < characters.count, isWord(characters[cursor]) { cursor += 1 }
        case .eraseWord:
            let start = wordStart
            characters.removeSubrange(start..<cursor)
            cursor = start
        case .eraseToStart:
            characters.removeSubrange(0..<cursor)
            cursor = 0
        case .eraseToEnd: characters.removeSubrange(cursor...)
        case .up: show(shown - 1)
        case .down: show(shown + 1)
        case .clearScreen, .complete: break
        }
        return .editing
    }

    /// The text before the cursor.
    var before: String { String(characters[..<cursor]) }
    /// The text after the cursor.
    var after: String { String(characters[cursor...]) }

    /// Puts what all choices begin with in the place of what was typed of them.
    ///
    /// - Returns: the choices, where that adds nothing: somebody has to choose.
    mutating func complete(_ completion: Completion) -> [String] {
        guard let text = completion.common else { return [] }
        let typed = min(completion.typed.count, cursor)
        guard completion.choices.count == 1 || text.count > typed else {
            return completion.choices
        }
        characters.replaceSubrange(cursor - typed..<cursor, with: text)
        cursor += text.count - typed
        return []
    }

    private mutating func deleteForward() {
        if cursor < characters.count { characters.remove(at: cursor) }
    }

    private func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    private var wordStart: Int {
        var start = cursor
        while start > 0, !isWord(characters[start - 1]) { start -= 1 }
        while start > 0, isWord(characters[start - 1]) { start -= 1 }
        return start
    }

    private mutating func show(_ place: Int) {
        guard place >= 0, place <= history.count else { return }
        if shown == history.count { typed = characters }
        shown = place
        characters = place == history.count ? typed : Array(history[place])
        cursor = characters.count
    }
}
