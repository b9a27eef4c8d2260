import ArgumentParser
import Client
import Glibc
import Operations
import Wire

/// `basalt invoke`: runs a function and prints what it answers.
struct InvokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invoke",
        abstract: "Invoke a function and print its answer.",
        discussion: """
            PAYLOAD is JSON, @FILE for a file's content, or - for the standard input. The answer \
            goes to the standard output, the log (with --log) to the standard error. The exit \
            code is 1 when the function failed.
            """)

    /// The longest that a function may run, and some time for its start, in seconds.
    private static let timeout = 960.0
    /// What Lambda takes, and a little more, for it to be the server that refuses.
    private static let payloadBytesMax = 8 << 20

    @Argument(help: "The function's name or ARN.")
    var name: String
    @Option(parsing: .unconditional, help: "JSON, @FILE or -.")
    var payload = "{}"
    @Option(help: "Version or alias.")
    var qualifier: String?
    @Flag(name: .customLong("async"), help: "Only hand it over, and wait for nothing.")
    var isAsynchronous = false
    @Flag(help: "Print the last 4 KB of the invocation's log.")
    var log = false
    @OptionGroup var server: EndpointOptions

    func validate() throws {
        guard !(isAsynchronous && log) else {
            throw ValidationError("--async has no log: see 'basalt logs \(name)'")
        }
    }

    func run() async throws {
        var request = ServiceRequest(
            .lambda,
            path: "/2015-03-31/functions/\(PercentText.encoded(name))/invocations",
            query: qualifier.map { [("Qualifier", $0)] } ?? [],
            headers: [
                ("X-Amz-Invocation-Type", isAsynchronous ? "Event" : "RequestResponse"),
                ("X-Amz-Log-Type", log ? "Tail" : "None"),
            ],
            body: try payloadBytes(), timeout: Self.timeout)
        request.region = server.region
        let client = try await server.client()
        let response: ServiceResponse
        do throws(ServiceError) {
            response = try await client.send(request)
        } catch {
            throw server.refusal(error)
        }
        if let tail = response.header("X-Amz-Log-Result").flatMap({ Base64.decoded($0) }) {
            Say.aside(String(decoding: tail, as: UTF8.self))
        }
        guard !isAsynchronous else { return }
        Say.result(String(decoding: response.body, as: UTF8.self) + "\n")
        guard let fault = response.header("X-Amz-Function-Error") else { return }
        let message = (try? JSONValue(parsing: response.body))?["errorMessage"]?.string
        throw ConfigurationError(
            "\(name) failed (\(fault))" + (message.map { ": \($0)" } ?? "")
                + (log ? "" : "; its log: basalt logs \(name)"))
    }

    private func payloadBytes() throws(ConfigurationError) -> [UInt8] {
        if payload == "-" {
            return try TextFile.bytes(of: STDIN_FILENO, "standard input", max: Self.payloadBytesMax)
        }
        if payload.hasPrefix("@") {
            return try TextFile.bytes(String(payload.dropFirst()), max: Self.payloadBytesMax)
        }
        return Array(payload.utf8)
    }
}
