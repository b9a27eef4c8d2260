import Foundation

/// A golden script: text and steps, a step being what is done and what came of it.
///
/// ```
/// # A comment.
///
/// PutItem {"TableName": "tab", "Item": {"pk": {"S": "a"}}}
/// ----
/// 200 {}
/// put items tab "a" = {pk: "a"}
/// ```
///
/// A step's input goes up to the line `----`, its output from there to the next empty line.
struct Script {
    /// A piece of the file.
    enum Part {
        /// Comments and empty lines.
        case text(String)
        case step(Step)
    }

    struct Step {
        /// The number of the input's first line.
        let line: Int
        let input: [String]
        let output: [String]
    }

    /// What a step's input asks for.
    enum Command {
        /// An operation of the service and its body, macros still in it.
        case operation(name: String, body: String)
        /// A directive of the script: its words.
        case directive([String])
    }

    /// The folder of all scripts.
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Scripts")

    /// Every script's path below the folder, without its extension.
    static let names: [String] = {
        let files = FileManager.default.enumerator(atPath: folder.path())
        let paths = (files?.allObjects as? [String]) ?? []
        return paths.filter { $0.hasSuffix(".golden") }.map { String($0.dropLast(7)) }.sorted()
    }()

    let url: URL
    let parts: [Part]

    init(named name: String) throws {
        let url = Script.folder.appending(path: name + ".golden")
        self.init(url: url, text: try String(contentsOf: url, encoding: .utf8))
    }

    init(url: URL = Script.folder, text: String) {
        self.url = url
        parts = Script.parse(text)
    }

    /// The text of the file with other outputs, one per step.
    func text(outputs: [[String]]) -> String {
        var lines: [String] = []
        var remaining = outputs[...]
        for part in parts {
            switch part {
            case .text(let text): lines.append(text)
            case .step(let step):
                lines += step.input + ["----"] + (remaining.popFirst() ?? step.output)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func parse(_ text: String) -> [Part] {
        var parts: [Part] = []
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)[...]
        if lines.last?.isEmpty == true { lines.removeLast() }
        while let first = lines.first {
            if first.isEmpty || first.hasPrefix("#") {
                parts.append(.text(first))
                lines.removeFirst()
                continue
            }
            let line = lines.startIndex + 1
            let input = Array(lines.prefix { $0 != "----" })
            lines = lines.dropFirst(input.count + 1)
            let output = Array(lines.prefix { !$0.isEmpty })
            lines = lines.dropFirst(output.count)
            parts.append(.step(Step(line: line, input: input, output: output)))
        }
        return parts
    }
}

extension Script.Step {
    /// The commands of the input.
    ///
    /// A line that begins with a letter begins a command: an operation's name with a capital, a
    /// directive with a small letter. Other lines go on with the body before them.
    var commands: [Script.Command] {
        var commands: [Script.Command] = []
        for line in input {
            if line.first?.isUppercase == true {
                let name = line.prefix { $0.isLetter }
                let body = line.dropFirst(name.count).drop { $0 == " " }
                commands.append(.operation(name: String(name), body: String(body)))
            } else if line.first?.isLowercase == true {
                commands.append(.directive(line.split(separator: " ").map(String.init)))
            } else if case .operation(let name, let body) = commands.last {
                commands[commands.count - 1] = .operation(name: name, body: body + "\n" + line)
            } else {
                commands.append(.directive([line]))
            }
        }
        return commands
    }
}
