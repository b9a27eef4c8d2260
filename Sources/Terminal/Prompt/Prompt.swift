internal import Glibc

/// Asks for lines at a terminal, with editing and a history that outlasts the session.
package final class Prompt {
    private let input: Int32
    private let output: Int32
    private let prompt: String
    private let historyPath: String?
    private var history: [String]
    private static let historyCountMax = 1_000
    private static let historyBytesMax = 1 << 20
    private static let choiceCountMax = 100

    /// - Parameter historyPath: where lines are kept; nil: nowhere.
    package init(
        _ prompt: String, historyPath: String?, input: Int32 = 0, output: Int32 = 1
    ) {
        self.prompt = prompt
        self.historyPath = historyPath
        self.input = input
        self.output = output
        let text = historyPath.flatMap { try? Self.read($0) } ?? ""
        history = text.split(separator: "\n").suffix(Self.historyCountMax).map(String.init)
    }

    /// The next line; nil when the person ends it (Ctrl-D), "" for a line that was given up.
    ///
    /// - Parameter complete: what the Tab key may write, by the texts before and after the cursor.
    package func line(
        _ complete: (_ before: String, _ after: String) async -> Completion
    ) async -> String? {
        guard let restore = TerminalScreen.rawMode(input) else { return readLine() }
        defer { restore() }
        let keys = KeyReader(input)
        var buffer = LineBuffer(history: history)
        paint(buffer)
        while let key = keys.next() {
            if key == .clearScreen { TerminalScreen.write("\u{1B}[2J\u{1B}[H", to: output) }
            if key == .complete {
                list(buffer.complete(await complete(buffer.before, buffer.after)))
            }
            switch buffer.press(key) {
            case .editing: paint(buffer)
            case .done(let text):
                finish(buffer)
                keep(text)
                return text
            case .cancelled:
                finish(buffer)
                return ""
            case .ended:
                finish(buffer)
                return nil
            }
        }
        return nil
    }

    private func finish(_ buffer: LineBuffer) {
        var buffer = buffer
        _ = buffer.press(.end)
        paint(buffer)
        TerminalScreen.write("\n", to: output)
    }

    /// Shows choices below the line, which is painted anew under them.
    private func list(_ choices: [String]) {
        guard !choices.isEmpty else { return }
        let columns = max(20, TerminalScreen.columns(of: output) ?? 80)
        var text = "\n"
        var width = 0
        for choice in choices.prefix(Self.choiceCountMax) {
            let spaces = choice.reversed().prefix { $0 == " " }.count
            let shown = DisplayWidth.visible(String(choice.dropLast(spaces)))
            let next = DisplayWidth.of(shown) + 2
            if width > 0, width + next > columns {
                text += "\n"
                width = 0
            }
            text += shown + "  "
            width += next
        }
        let rest = choices.count - Self.choiceCountMax
        TerminalScreen.write(text + (rest > 0 ? "\n… and \(rest) more\n" : "\n"), to: output)
    }

    /// Paints the line anew; of a long one the part around the cursor.
    private func paint(_ buffer: LineBuffer) {
        let columns = max(20, TerminalScreen.columns(of: output) ?? 80)
        let room = columns - DisplayWidth.of(prompt) - 1
        let shown: [Character] = buffer.characters.map {
            DisplayWidth.visible(String($0)).first ?? " "
        }
        var start = 0
        var width = shown[..<buffer.cursor].reduce(0) { $0 + DisplayWidth.of($1) }
        while width > room {
            width -= DisplayWidth.of(shown[start])
            start += 1
        }
        var text = ""
        var taken = 0
        for character in shown[start...] {
            taken += DisplayWidth.of(character)
            if taken > room { break }
            text.append(character)
        }
        let column = DisplayWidth.of(prompt) + width
        TerminalScreen.write(
            "\r\u{1B}[K\(prompt)\(text)\r" + (column > 0 ? "\u{1B}[\(column)C" : ""), to: output)
    }

    /// Adds a line to the history, in memory and in its file, which only its owner may read.
    private func keep(_ line: String) {
        guard !line.allSatisfy(\.isWhitespace), history.last != line else { return }
        history.append(line)
        guard let historyPath else { return }
        let descriptor = open(historyPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        TerminalScreen.write(line + "\n", to: descriptor)
        close(descriptor)
    }

    private struct Unreadable: Error {}

    private static func read(_ path: String) throws -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Unreadable() }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < historyBytesMax {
            let count = Glibc.read(descriptor, &piece, piece.count)
            guard count > 0 else { break }
            bytes += piece[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
