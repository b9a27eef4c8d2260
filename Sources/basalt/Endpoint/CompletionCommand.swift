import ArgumentParser
import Client
import Dispatch
import Operations
import Synchronization
import Wire

/// `basalt completion SHELL`.
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print the completion script of a shell.",
        discussion: "Put it where your shell looks, like: source <(basalt completion bash)")

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash
        case zsh
        case fish
    }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run() throws {
        let kind: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        Say.result(Basalt.completionScript(for: kind) + "\n")
    }
}

/// The names of tables, as a shell completes them.
enum TableCompletion {
    /// Nobody waits longer for a key that was pressed.
    private static let seconds = 1.0

    static let names = CompletionKind.custom { words, _, prefix in
        found(words).filter { $0.hasPrefix(prefix) }
    }

    /// The endpoint's tables, by the options among the words; none where it doesn't answer soon.
    private static func found(_ words: [String]) -> [String] {
        let options = words.enumerated().flatMap { index, word -> [String] in
            let known = ["--endpoint", "--region", "--profile", "--access-key", "--secret-key"]
            guard known.contains(word), index + 1 < words.count else { return [] }
            return [word, words[index + 1]]
        }
        guard let endpoint = try? EndpointOptions.parse(options) else { return [] }
        let isDone = DispatchSemaphore(value: 0)
        let found = Found()
        Task.detached {
            defer { isDone.signal() }
            guard let client = try? await endpoint.client(),
                let answer = try? await client.call(
                    .dynamodb, "ListTables", .object([]), timeout: seconds)
            else { return }
            let names = (answer["TableNames"]?.elements ?? []).compactMap(\.string)
            found.names.withLock { $0 = names }
        }
        _ = isDone.wait(timeout: .now() + seconds)
        return found.names.withLock { $0 }
    }

    private final class Found: Sendable {
        let names = Mutex<[String]>([])
    }
}
