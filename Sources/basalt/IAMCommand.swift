import ArgumentParser
import Operations
import Wire

/// `basalt iam`: what functions asked for under their roles, and the policy that would do.
struct IAMCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "iam",
        abstract: "Tell what functions asked for, and the smallest policies that would do.",
        subcommands: [Report.self, Policy.self])

    /// `basalt iam report`.
    struct Report: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what was asked for under each role, and what would be denied.",
            discussion: """
                Observed by a server that runs with --iam observe or --iam enforce. Calls are \
                counted from the server's start; those of earlier runs are listed with 0.
                """)

        @Option(help: "Only this role.")
        var role: String?
        @Flag(help: "Print JSON.")
        var json = false
        @OptionGroup var server: EndpointOptions

        func run() async throws {
            let query = role.map { "?role=\(PercentText.encoded($0))" } ?? ""
            let answer = try await server.get("/_basalt/iam/report\(query)")
            guard let report = try? JSONValue(parsing: Array(answer.utf8)) else {
                throw ConfigurationError("the server's report cannot be read")
            }
            Say.result(json ? answer + "\n" : Self.text(report))
        }

        /// One line to a call, under its role.
        static func text(_ report: JSONValue) -> String {
            let mode = report["Mode"]?.string ?? "?"
            var lines = ["mode: \(mode)"]
            for role in report["Roles"]?.elements ?? [] {
                let isDescribed = role["HasPolicies"]?.bool ?? false
                lines.append("")
                lines.append(
                    (role["RoleName"]?.string ?? "")
                        + (isDescribed ? "" : "  (no policies are known: not restricted)"))
                for call in role["Calls"]?.elements ?? [] {
                    let decision = call["Decision"]?.string ?? ""
                    let mark = decision == "allowed" ? "ok    " : "DENY  "
                    let reason = decision == "allowed" ? "" : "  (\(decision))"
                    lines.append(
                        "  \(mark)\(call["Action"]?.string ?? "")  "
                            + "\(call["Resource"]?.string ?? "")  "
                            + "×\(call["Count"]?.integer ?? 0)\(reason)")
                }
            }
            return lines.joined(separator: "\n") + "\n"
        }
    }

    /// `basalt iam policy ROLE`.
    struct Policy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the smallest policy that allows what a role's functions asked for.")

        @Argument(help: "The role's name, or user/ACCESSKEY.")
        var role: String
        @OptionGroup var server: EndpointOptions

        func run() async throws {
            let path = "/_basalt/iam/policy/\(PercentText.encoded(role, keeping: "/"))"
            let answer = try await server.get(path)
            let policy = try? JSONValue(parsing: Array(answer.utf8))
            guard policy?["Statement"]?.elements?.isEmpty == false else {
                throw ConfigurationError(
                    "nothing was asked for under '\(role)' yet: run its functions against a server "
                        + "with --iam observe")
            }
            Say.result(answer)
        }
    }
}

extension EndpointOptions {
    /// Looks at an administrative path.
    fileprivate func get(_ path: String) async throws -> String {
        var call = AdministrationCall(endpoint: endpoint, path: path)
        call.credentials = try await credentials()
        return try await call.send()
    }
}
