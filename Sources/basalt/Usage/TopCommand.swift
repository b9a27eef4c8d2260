import ArgumentParser
import Client
import Glibc
import Operations
import Terminal
import Wire

/// `basalt top`: what is going on, each second.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch units per second, hot keys and partitions, and throttles, live.",
        discussion: "q ends it. --once prints one frame, of one second, and ends.")

    @Flag(help: "Print one frame and end.")
    var once = false
    @OptionGroup var server: EndpointOptions

    func run() async throws {
        let isLive = !once && TerminalScreen.isTerminal(STDOUT_FILENO)
        let source = TopSource(
            endpoint: server.endpoint, credentials: try await server.credentials())
        var before = try await source.sample()
        guard isLive else {
            try await Task.sleep(for: .seconds(1))
            let frame = TopFrame(before: before, after: try await source.sample())
            let lines = frame.lines(
                width: TerminalScreen.columns(of: STDOUT_FILENO), height: nil, palette: .plain)
            TerminalScreen.write(lines.joined(), to: STDOUT_FILENO)
            return
        }
        let screen = LiveScreen()
        defer { screen.end() }
        while true {
            if await screen.isLeft(within: 1) { return }
            let after = try await source.sample()
            let frame = TopFrame(before: before, after: after)
            screen.show(
                frame.lines(
                    width: TerminalScreen.columns(of: STDOUT_FILENO), height: screen.rows,
                    palette: Palette(for: STDOUT_FILENO)))
            before = after
        }
    }
}

struct TopSample {
    let counts: JSONValue
    let time: ContinuousClock.Instant
}

/// Asks the server for its counts.
struct TopSource {
    let endpoint: String
    let credentials: ServiceCredentials

    /// What was counted until now, and when that was by this process's clock: the server's may be
    /// moved by days between two samples.
    func sample() async throws(ConfigurationError) -> TopSample {
        var call = AdministrationCall(endpoint: endpoint, path: "/_basalt/usage/now")
        call.credentials = credentials
        let answer = try await call.send()
        guard let counts = try? JSONValue(parsing: Array(answer.utf8)) else {
            throw ConfigurationError("the server's answer cannot be read")
        }
        return TopSample(counts: counts, time: .now)
    }
}

/// A terminal that is drawn over, line by line, without a blank moment between frames.
struct LiveScreen {
    private let restore: (@Sendable () -> Void)?

    init() {
        restore = TerminalScreen.rawMode(STDIN_FILENO)
        // The other screen, without a cursor.
        TerminalScreen.write("\u{1B}[?1049h\u{1B}[?25l", to: STDOUT_FILENO)
    }

    func end() {
        TerminalScreen.write("\u{1B}[?25h\u{1B}[?1049l", to: STDOUT_FILENO)
        restore?()
    }

    var rows: Int? {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else {
            return nil
        }
        return Int(size.ws_row)
    }

    /// Draws a frame over the one before, in one write.
    func show(_ lines: [String]) {
        var text = "\u{1B}[H"
        for line in lines {
            text += line.filter { $0 != "\n" } + "\u{1B}[K\r\n"
        }
        if text.hasSuffix("\r\n") { text.removeLast() }
        TerminalScreen.write(text + "\u{1B}[J", to: STDOUT_FILENO)
    }

    /// Waits; answers whether q, Control-C or the end of input came meanwhile.
    func isLeft(within seconds: Int) async -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        while true {
            let left = end - .now
            guard left > .zero else { return false }
            let milliseconds = Int32(clamping: left.components.attoseconds / 1_000_000_000_000_000)
            var poller = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            let found = poll(&poller, 1, max(1, milliseconds))
            guard found > 0 else { continue }
            var byte: UInt8 = 0
            guard read(STDIN_FILENO, &byte, 1) == 1 else { return true }
            if byte == UInt8(ascii: "q") || byte == UInt8(ascii: "Q") || byte == 3 { return true }
        }
    }
}
