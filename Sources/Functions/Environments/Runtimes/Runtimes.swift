internal import Crypto
internal import Dispatch
internal import FoundationEssentials
internal import Glibc
internal import Operations
internal import Synchronization
internal import Wire

/// What runs functions: the interpreters of this machine and Basalt's clients for them, and
/// executables that speak the Runtime API themselves.
final class Runtimes: Sendable {
    /// How a function is to be run.
    enum Choice: Sendable {
        case run(RuntimeRecipe)
        /// There is no bootstrap: the message of Runtime.InvalidEntrypoint.
        case invalidEntrypoint(String)
    }

    private struct Found {
        var pythons: [Substring: Interpreter] = [:]
        var node: Interpreter?
        /// Directories of clients that have been written.
        var clients: [String: String] = [:]
    }

    private let search: InterpreterSearch
    /// Where clients are written to.
    private let directory: String
    private let files = DispatchQueue(label: "basalt.runtimes")
    private let found = Mutex(Found())

    init(supervisor: ProcessSupervisor, directory: String) {
        search = InterpreterSearch(supervisor: supervisor)
        self.directory = directory
    }

    /// How a function is run.
    ///
    /// - Throws: InvalidRuntimeException for runtimes that aren't supported, or whose interpreter
    ///   isn't on this machine.
    func choose(for function: ResolvedFunction) async throws(ServiceError) -> Choice {
        let name = function.configuration.runtime ?? "provided"
        if name.hasPrefix("python3") {
            return .run(try await python(name, function).wrapped(for: function))
        }
        if name.hasPrefix("nodejs") {
            return .run(try await node(name, function).wrapped(for: function))
        }
        if name == "provided" || name.hasPrefix("provided.") {
            return bootstrap(name, function)
        }
        throw Self.invalidRuntime(
            "Runtime \(name) isn't supported here: python3.x, nodejs and provided are.")
    }

    private func python(
        _ name: String, _ function: ResolvedFunction
    ) async throws(ServiceError) -> RuntimeRecipe {
        let wanted = name.dropFirst("python".count)
        var interpreter = found.withLock { $0.pythons[wanted] }
        if interpreter == nil {
            interpreter = await search.python(wanted)
            let known = interpreter
            found.withLock { $0.pythons[wanted] = known }
        }
        guard let interpreter else {
            throw Self.invalidRuntime("Runtime \(name) needs a python3 on this machine's PATH.")
        }
        let client = try await client("python", "client.py", PackageResources.python_client_py)
        var recipe = recipe(
            name, "python", interpreter, client: client.directory, function: function)
        recipe.arguments = [client.path, interpreter.sdkDirectory ?? ""]
        if let layers = function.layerDirectory {
            recipe.variables["PYTHONPATH"] =
                "\(layers)/python/lib/python\(interpreter.minorVersion)/site-packages:"
                + "\(layers)/python"
        }
        if function.configuration.developmentDirectory != nil {
            recipe.variables["PYTHONDONTWRITEBYTECODE"] = "1"
        }
        if interpreter.minorVersion != wanted {
            recipe.note =
                "[basalt] \(name) runs on Python \(interpreter.version) "
                + "(\(interpreter.executable)): there is no python\(wanted) on this machine"
        }
        return recipe
    }

    private func node(
        _ name: String, _ function: ResolvedFunction
    ) async throws(ServiceError) -> RuntimeRecipe {
        var interpreter = found.withLock { $0.node }
        if interpreter == nil {
            interpreter = await search.node()
            let known = interpreter
            found.withLock { $0.node = known }
        }
        guard let interpreter, interpreter.majorNumber >= 18 else {
            throw Self.invalidRuntime(
                "Runtime \(name) needs a node of version 18 or later on this machine's PATH.")
        }
        let client = try await client("node", "client.cjs", PackageResources.node_client_cjs)
        var recipe = recipe(
            name, "nodejs", interpreter, client: client.directory, function: function)
        let megabytes = function.configuration.memorySize
        recipe.arguments = [
            "--max-old-space-size=\(megabytes * 9 / 10)",
            "--max-semi-space-size=\(max(1, megabytes / 20))", client.path,
        ]
        var modules: [String] = []
        if let layers = function.layerDirectory {
            modules = [
                "\(layers)/nodejs/node\(interpreter.majorNumber)/node_modules",
                "\(layers)/nodejs/node_modules",
            ]
        }
        modules.append(function.codeDirectory)
        let programs = interpreter.executable.split(separator: "/").dropLast(2)
        modules.append("/" + (programs + ["lib", "node_modules"]).joined(separator: "/"))
        recipe.variables["NODE_PATH"] = modules.joined(separator: ":")
        let wanted = name.dropFirst("nodejs".count).prefix { $0 != "." }
        if !wanted.isEmpty, wanted != String(interpreter.majorNumber) {
            recipe.note =
                "[basalt] \(name) runs on Node.js \(interpreter.version) "
                + "(\(interpreter.executable))"
        }
        return recipe
    }

    private func bootstrap(_ name: String, _ function: ResolvedFunction) -> Choice {
        let directories = [function.codeDirectory] + [function.layerDirectory].compactMap { $0 }
        for directory in directories {
            let path = "\(directory)/bootstrap"
            guard access(path, F_OK) == 0 else { continue }
            let version = name.replacing(".", with: ":", maxReplacements: 1)
            let recipe = RuntimeRecipe(
                executable: path, runtimeDirectory: "/var/runtime", version: version,
                versionArn: Self.versionArn(version, function))
            return .run(recipe.wrapped(for: function))
        }
        return .invalidEntrypoint(
            "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]")
    }

    private func recipe(
        _ name: String, _ family: String, _ interpreter: Interpreter, client: String,
        function: ResolvedFunction
    ) -> RuntimeRecipe {
        let version = "\(family):\(interpreter.version)"
        return RuntimeRecipe(
            executable: interpreter.executable,
            variables: ["AWS_EXECUTION_ENV": "AWS_Lambda_\(name)"],
            runtimeDirectory: client, version: version,
            versionArn: Self.versionArn(version, function))
    }

    private static func versionArn(_ version: String, _ function: ResolvedFunction) -> String {
        let digest = SHA256.hash(data: Data(version.utf8))
        return
            "arn:aws:lambda:\(function.configuration.region)::runtime:\(Hexadecimal.text(digest))"
    }

    private static func invalidRuntime(_ message: String) -> ServiceError {
        ServiceError("InvalidRuntimeException", message, namespace: .rest, status: 502)
    }

    // MARK: - Clients

    /// The client for a language, written to a directory whose name tells its content.
    private func client(
        _ language: String, _ file: String, _ content: [UInt8]
    ) async throws(ServiceError) -> (directory: String, path: String) {
        if let known = found.withLock({ $0.clients[language] }),
            access("\(known)/\(file)", R_OK) == 0
        {
            return (known, "\(known)/\(file)")
        }
        let digest = Hexadecimal.text(SHA256.hash(data: Data(content)).prefix(8))
        let target = "\(directory)/\(language)-\(digest)"
        let fault: String? = await withCheckedContinuation { continuation in
            files.async {
                do {
                    try FileManager.default.createDirectory(
                        atPath: target, withIntermediateDirectories: true)
                    let path = "\(target)/\(file)"
                    if FileManager.default.contents(atPath: path) != Data(content) {
                        try Data(content).write(to: URL(filePath: path), options: .atomic)
                    }
                    continuation.resume(returning: nil)
                } catch {
                    continuation.resume(returning: "\(error)")
                }
            }
        }
        if let fault {
            throw ServiceError(
                "ServiceException", "The runtime could not be written: \(fault)",
                namespace: .rest, status: 500)
        }
        found.withLock { $0.clients[language] = target }
        return (target, "\(target)/\(file)")
    }
}
