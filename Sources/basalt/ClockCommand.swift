import ArgumentParser
import Operations

/// `basalt clock`: reads and moves the clock of a server that runs by a virtual one.
struct ClockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clock",
        abstract: "Read or move the clock of a server that was started with --virtual-clock.",
        usage: """
            basalt clock [--endpoint URL]
            basalt clock [--endpoint URL] advance SPAN
            basalt clock [--endpoint URL] set TIME
            """,
        discussion: """
            SPAN is seconds, or like 1h30m; TIME is seconds since 1970, or like \
            2026-12-01T12:00:00Z. When the command ends, everything that became due is done.
            """)

    @OptionGroup var server: EndpointOptions
    @Argument(help: "advance or set; nothing reads the clock.")
    var action: Action?
    @Argument(help: "How far, or where to.")
    var value: String?

    enum Action: String, ExpressibleByArgument {
        case advance
        case set
    }

    func validate() throws {
        guard (action == nil) == (value == nil) else {
            throw ValidationError("expected nothing, 'advance SPAN' or 'set TIME'")
        }
    }

    func run() async throws {
        var request = AdministrationCall(endpoint: server.endpoint, path: "/_basalt/clock")
        if let action, let value {
            // Spans and times have no character that JSON would escape.
            guard value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C })
            else { throw ConfigurationError("'\(value)' is no span or time") }
            request.body = #"{"\#(action.rawValue)":"\#(value)"}"#
        }
        request.credentials = try await server.credentials()
        Say.result(try await request.send() + "\n")
    }
}
