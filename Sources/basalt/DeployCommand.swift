import ArgumentParser
import Client
import Operations
import Synchronization
import Templates
import Wire

/// `basalt deploy`: makes what a SAM or CloudFormation template says.
struct DeployCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Create and update what a SAM or CloudFormation template describes.",
        discussion: """
            Tables, functions, triggers, schedules and roles go to the server; queues, topics and \
            buckets to the endpoints given for them. A second run changes what changed, and \
            deletes what the template has no longer.
            """)

    @Argument(help: "The template, YAML or JSON, or its directory.")
    var template: String
    @Option(
        name: .customLong("parameter"),
        help: ArgumentHelp("A parameter of the template; may be repeated.", valueName: "K=V"))
    var parameters: [String] = []
    @Option(help: "The stack's name. (default: that of the template's directory or file)")
    var stack: String?
    @OptionGroup var options: EndpointOptions
    @Option(help: "Where queues are made. (default: none are)")
    var sqsEndpoint: String?
    @Option(help: "Where topics are made. (default: none are)")
    var snsEndpoint: String?
    @Option(help: "Where buckets are made. (default: none are)")
    var s3Endpoint: String?
    @Option(
        help: "Access key that requests to those endpoints are signed with. (default: basalt)")
    var outsideAccessKey: String?
    @Option(help: "That access key's secret. (default: basalt)")
    var outsideSecretKey: String?
    @Flag(help: "Change nothing; tell what would be done.")
    var dryRun = false
    @Flag(help: "Let tables be deleted and made again where their keys changed.")
    var replace = false
    @Flag(help: "Delete all that the stack owns.")
    var delete = false
    @Flag(help: "Print the template with SAM's resources written out as CloudFormation's.")
    var expand = false

    func run() async throws {
        let deployment = try TemplateDeployment(
            file: template, parameters: parameters, stack: stack)
        if expand {
            let expanded = try deployment.expanded(
                accountID: "000000000000", region: options.region)
            Say.result(
                String(decoding: expanded.json.encoded, as: UTF8.self) + "\n")
            return
        }
        let tally = DeploymentTally(isDryRun: dryRun)
        if delete {
            try await deployment.delete(
                server: try await server(), outside: try outside(), report: tally.add)
            tally.finish(deployment.stackName, [])
        } else {
            let outputs = try await deployment.run(
                server: try await server(), outside: try outside(), isDryRun: dryRun,
                replaces: replace, report: tally.add)
            tally.finish(deployment.stackName, outputs)
        }
    }

    private func server() async throws(ConfigurationError) -> ServiceClient {
        ServiceClient(
            endpoint: try ServeConfiguration.endpoint("--endpoint", options.endpoint),
            region: options.region, credentials: try await options.credentials())
    }

    private func outside() throws(ConfigurationError) -> OutsideEndpoints {
        var settings = ServeConfiguration()
        if let sqsEndpoint {
            settings.sqsEndpoint = try ServeConfiguration.endpoint("--sqs-endpoint", sqsEndpoint)
        }
        if let snsEndpoint {
            settings.snsEndpoint = try ServeConfiguration.endpoint("--sns-endpoint", snsEndpoint)
        }
        if let s3Endpoint {
            settings.s3Endpoint = try ServeConfiguration.endpoint("--s3-endpoint", s3Endpoint)
        }
        settings.outsideAccessKey = outsideAccessKey
        settings.outsideSecretKey = outsideSecretKey
        return try settings.outside
    }
}

/// Tells actions as they are done, and counts them.
final class DeploymentTally: Sendable {
    private let counts = Mutex<[DeploymentAction.Kind: Int]>([:])
    private let isDryRun: Bool

    init(isDryRun: Bool = false) {
        self.isDryRun = isDryRun
    }

    func add(_ action: DeploymentAction) {
        counts.withLock { $0[action.kind, default: 0] += 1 }
        let isChange = [.created, .updated, .deleted].contains(action.kind)
        let prefix = isDryRun && isChange ? "would be " : ""
        Say.result(prefix + action.description + "\n")
    }

    /// Tells the outputs, and what was done in one line.
    func finish(_ stackName: String, _ outputs: [(name: String, value: String)]) {
        for output in outputs {
            Say.result("output \(output.name) = \(output.value)\n")
        }
        Say.result("\(stackName): \(summary)\n")
    }

    /// `2 created, 1 unchanged`.
    private var summary: String {
        let counts = counts.withLock { $0 }
        let told = DeploymentAction.Kind.allCases.compactMap { kind in
            kind == .note ? nil : counts[kind].map { "\($0) \(kind.rawValue)" }
        }
        let text = told.isEmpty ? "nothing to do" : told.joined(separator: ", ")
        return isDryRun ? text + " (dry run)" : text
    }
}
