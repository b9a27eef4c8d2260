import ArgumentParser
import Client
import Foundation
import Operations
import Wire

/// `basalt function`: functions that run from a directory while they are developed.
struct FunctionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "function",
        abstract: "Add, list, show and remove functions.",
        subcommands: [Add.self, List.self, Show.self, Remove.self])

    fileprivate static let functionsPath = "/2015-03-31/functions"

    /// Calls the server; what it refuses is told in one line.
    fileprivate static func call(
        _ server: EndpointOptions, _ service: Service = .lambda, method: String = "GET",
        path: String, query: [(name: String, value: String)] = [], body: JSONValue? = nil
    ) async throws(ConfigurationError) -> JSONValue {
        let client = try await server.client()
        do throws(ServiceError) {
            return try await client.call(
                service, method: method, path: path, query: query, body: body)
        } catch {
            throw server.refusal(error)
        }
    }

    /// `basalt function add`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run a function from a directory, and again when its files change.",
            discussion: """
                Adding a function that is there changes it; what isn't given stays as it is. The \
                server must be on this machine: it runs the directory's files in place.
                """)

        @Argument(help: "The function's name.")
        var name: String
        @Option(help: "python3.12, nodejs22.x, provided.al2023 and the like.")
        var runtime: String?
        @Option(help: "Module and function, like app.handler.")
        var handler: String?
        @Option(help: "The directory of its code. (default: as before, or here)")
        var path: String?
        @Option(
            name: .customLong("env"), parsing: .singleValue,
            help: ArgumentHelp("A variable of its environment; may be repeated.", valueName: "K=V"))
        var environment: [String] = []
        @Option(help: "Seconds that an invocation may take.")
        var timeout: Int?
        @Option(help: "Megabytes.")
        var memory: Int?
        @OptionGroup var server: EndpointOptions

        func run() async throws {
            var variables: [(String, JSONValue)] = []
            for pair in environment {
                let parts = pair.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, !parts[0].isEmpty else {
                    throw ConfigurationError("--env: expected K=V, not '\(pair)'")
                }
                variables.removeAll { $0.0 == parts[0] }
                variables.append((String(parts[0]), .string(String(parts[1]))))
            }
            let answer = try await FunctionCommand.call(
                server, .administration, method: "PUT",
                path: "/_basalt/functions/\(PercentText.encoded(name))",
                body: .object(present: [
                    ("Runtime", runtime.map { .string($0) }),
                    ("Handler", handler.map { .string($0) }),
                    ("Path", try directory().map { .string($0) }),
                    ("Environment", variables.isEmpty ? nil : .object(variables)),
                    ("Timeout", timeout.map { .number(String($0)) }),
                    ("MemorySize", memory.map { .number(String($0)) }),
                ]))
            let arn = answer["FunctionArn"]?.string ?? name
            Say.result(
                "\(arn)\nTry: basalt invoke \(name) --payload '{}'\n")
        }

        /// The absolute path of the directory; nil where the function keeps the one that it has.
        private func directory() throws(ConfigurationError) -> String? {
            // A function that is there may be changed without telling where it is.
            guard let path = path ?? (runtime != nil && handler != nil ? "." : nil) else {
                return nil
            }
            var isDirectory: ObjCBool = false
            let url = URL(filePath: path).standardizedFileURL
            let told = url.path(percentEncoded: false)
            guard FileManager.default.fileExists(atPath: told, isDirectory: &isDirectory) else {
                throw ConfigurationError("\(path): there is no such directory")
            }
            guard isDirectory.boolValue else {
                throw ConfigurationError("\(path): is no directory")
            }
            return told.count > 1 && told.hasSuffix("/") ? String(told.dropLast()) : told
        }
    }

    /// `basalt function list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the functions.")

        @Flag(help: "Print JSON.")
        var json = false
        @OptionGroup var server: EndpointOptions

        func run() async throws {
            var functions: [JSONValue] = []
            var marker: String?
            repeat {
                let page = try await FunctionCommand.call(
                    server, path: functionsPath + "/",
                    query: marker.map { [("Marker", $0)] } ?? [])
                functions += page["Functions"]?.elements ?? []
                marker = page["NextMarker"]?.string
            } while marker?.isEmpty == false
            if json {
                Say.result(JSONText.pretty(.array(functions)) + "\n")
                return
            }
            let rows = functions.map { function in
                ["FunctionName", "Runtime", "Handler", "LastModified"].map {
                    function[$0]?.string ?? "-"
                }
            }
            Say.result(Self.table(rows))
        }

        /// Columns as wide as their widest cell.
        private static func table(_ rows: [[String]]) -> String {
            var text = ""
            for row in rows {
                var line = ""
                for (column, cell) in row.enumerated() {
                    let width = rows.map { $0[column].count }.max() ?? 0
                    let isLast = column == row.count - 1
                    line +=
                        isLast ? cell : cell + String(repeating: " ", count: width - cell.count + 2)
                }
                text += line + "\n"
            }
            return text
        }
    }

    /// `basalt function show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a function's configuration as JSON.")

        @Argument(help: "The function's name or ARN.")
        var name: String
        @OptionGroup var server: EndpointOptions

        func run() async throws {
            let function = try await FunctionCommand.call(
                server, path: "\(functionsPath)/\(PercentText.encoded(name))/configuration")
            Say.result(JSONText.pretty(function) + "\n")
        }
    }

    /// `basalt function remove`.
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a function; its directory and its log stay.")

        @Argument(help: "The function's name or ARN.")
        var name: String
        @OptionGroup var server: EndpointOptions

        func run() async throws {
            _ = try await FunctionCommand.call(
                server, method: "DELETE", path: "\(functionsPath)/\(PercentText.encoded(name))")
        }
    }
}

/// JSON for people.
enum JSONText {
    /// Two spaces to a level, a member to a line.
    static func pretty(_ value: JSONValue, indent: String = "") -> String {
        let inner = indent + "  "
        switch value {
        case .array(let elements) where !elements.isEmpty:
            let lines = elements.map { inner + pretty($0, indent: inner) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(indent)]"
        case .object(let members) where !members.isEmpty:
            let lines = members.map { name, value in
                let told = String(decoding: JSONValue.string(name).encoded, as: UTF8.self)
                return "\(inner)\(told): \(pretty(value, indent: inner))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
        default: return String(decoding: value.encoded, as: UTF8.self)
        }
    }
}
