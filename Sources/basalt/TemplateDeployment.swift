import Client
import Glibc
import Operations
import Templates

/// A template's file, deployed to a server: what `basalt deploy` and `basalt serve --template` do.
struct TemplateDeployment {
    private let file: String
    private let parameters: [(name: String, value: String)]
    let stackName: String

    /// - Parameters:
    ///   - file: the template, or the directory that it lies in.
    ///   - parameters: each `NAME=VALUE`.
    ///   - stack: nil: named after the template's file or directory.
    init(
        file: String, parameters: [String], stack: String?
    ) throws(ConfigurationError) {
        self.file = Self.template(file)
        var given: [(name: String, value: String)] = []
        for parameter in parameters {
            let parts = parameter.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw ConfigurationError("'\(parameter)' is no parameter like NAME=VALUE")
            }
            given.append((name: String(parts[0]), value: String(parts[1])))
        }
        self.parameters = given
        if let stack {
            guard PhysicalName.isStackName(stack) else {
                throw ConfigurationError(
                    "'\(stack)' is no stack's name: letters, digits and hyphens, a letter first")
            }
            stackName = stack
        } else {
            stackName = Self.stackName(file: self.file)
        }
    }

    /// The template in a directory; a file as it is.
    private static func template(_ path: String) -> String {
        for name in ["template.yaml", "template.yml", "template.json"] {
            let inside = path + (path.hasSuffix("/") ? "" : "/") + name
            if access(inside, F_OK) == 0 { return inside }
        }
        return path
    }

    /// `template.yaml` is named after its directory, any other file after itself.
    private static func stackName(file: String) -> String {
        let full = realpath(file, nil).map { pointer in
            defer { free(pointer) }
            return String(cString: pointer)
        }
        var parts = (full ?? file).split(separator: "/").map(String.init)
        let last = parts.popLast() ?? ""
        let stem = String(last.prefix { $0 != "." })
        if stem == "template" {
            if parts.suffix(2) == [".aws-sam", "build"] { parts.removeLast(2) }
            if let name = parts.last.flatMap({ PhysicalName.stackName(from: $0) }) { return name }
        }
        return PhysicalName.stackName(from: stem) ?? "basalt"
    }

    private var directory: String {
        guard let slash = file.lastIndex(of: "/") else { return "." }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }

    /// The template with everything resolved that needs no server.
    func expanded(
        accountID: String, region: String
    ) throws(ConfigurationError) -> ExpandedTemplate {
        let text = try TextFile.read(file)
        do throws(TemplateError) {
            return try ExpandedTemplate(
                Template(parsing: text), given: parameters,
                place: TemplateScope.Place(
                    accountID: accountID, region: region, stackName: stackName))
        } catch {
            throw ConfigurationError(named(error))
        }
    }

    private func named(_ error: TemplateError) -> String {
        var error = error
        error.file = file
        return error.description
    }

    /// Deploys, telling each action in a line.
    ///
    /// - Returns: the outputs.
    func run(
        server: ServiceClient, outside: OutsideEndpoints, isDryRun: Bool = false,
        replaces: Bool = false, report: @escaping @Sendable (DeploymentAction) -> Void
    ) async throws(ConfigurationError) -> [(name: String, value: String)] {
        let target = try await target(server: server, outside: outside)
        let template = try expanded(
            accountID: target.accountID, region: server.region)
        var options = Deployment.Options()
        options.isDryRun = isDryRun
        options.replaces = replaces
        options.directory = directory
        var deployment = Deployment(
            template, target: target.target, options: options, report: report)
        do {
            return try await deployment.run()
        } catch {
            throw fault(error)
        }
    }

    /// Deletes what the stack owns.
    func delete(
        server: ServiceClient, outside: OutsideEndpoints,
        report: @escaping @Sendable (DeploymentAction) -> Void
    ) async throws(ConfigurationError) {
        let target = try await target(server: server, outside: outside)
        do {
            try await Deployment.delete(target.target, report: report)
        } catch {
            throw fault(error)
        }
    }

    private func target(
        server: ServiceClient, outside: OutsideEndpoints
    ) async throws(ConfigurationError) -> (target: DeploymentTarget, accountID: String) {
        let accountID: String
        do throws(ServiceError) {
            accountID = try await DeploymentTarget.accountID(of: server)
        } catch {
            switch error.code {
            case ConnectionFault.noConnection, ConnectionFault.timeout:
                throw ConfigurationError(
                    "nobody answers on \(server.endpoint): start one with basalt serve")
            default:
                throw ConfigurationError(
                    "\(server.endpoint) keeps no deployments: \(error.code): \(error.message)")
            }
        }
        let place = TemplateScope.Place(
            accountID: accountID, region: server.region, stackName: stackName)
        return (DeploymentTarget(server: server, outside: outside, place: place), accountID)
    }

    private func fault(_ error: any Error) -> ConfigurationError {
        switch error {
        case let error as TemplateError: ConfigurationError(named(error))
        case let error as ServiceError: ConfigurationError("\(error.code): \(error.message)")
        default: ConfigurationError("\(error)")
        }
    }
}

extension ServeConfiguration {
    /// Deploys the template that was given, if one was, through the server's own endpoint.
    func deployTemplate(
        to endpoint: String?, secretKeys: [String: String]
    ) async throws(ConfigurationError) {
        guard let template, let endpoint else { return }
        let deployment = try TemplateDeployment(
            file: template, parameters: templateParameters, stack: nil)
        var credentials = ServiceCredentials.any
        if let (key, secret) = secretKeys.min(by: { $0.key < $1.key }) {
            credentials = ServiceCredentials(accessKeyID: key, secretAccessKey: secret)
        }
        let tally = DeploymentTally()
        let outputs = try await deployment.run(
            server: ServiceClient(
                endpoint: endpoint, region: region, credentials: credentials),
            outside: outside, report: tally.add)
        tally.finish(deployment.stackName, outputs)
    }
}
