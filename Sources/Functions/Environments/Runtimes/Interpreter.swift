internal import FoundationEssentials
internal import Glibc
internal import Synchronization

/// A python3 or node of this machine.
struct Interpreter: Sendable {
    /// The program itself: not the script that some version managers put in front of it.
    var executable: String
    /// `3.12.4`, `20.20.2`.
    var version: String
    /// Where boto3 was found, for Python: the directory that holds the package.
    var sdkDirectory: String?

    /// `3.12` of `3.12.4`.
    var minorVersion: Substring {
        let parts = version.split(separator: ".")
        guard parts.count > 1 else { return version[...] }
        return version[..<parts[1].endIndex]
    }

    var majorNumber: Int { version.split(separator: ".").first.flatMap { Int($0) } ?? 0 }
}

/// Finds interpreters and asks them who they are.
struct InterpreterSearch: Sendable {
    let supervisor: ProcessSupervisor
    /// Where programs are looked for, in order.
    var path = EnvironmentVariables.hostPath

    /// The Python that is nearest to a version like `3.12`.
    ///
    /// That version where it is installed, else the first python3; nil where there is none.
    func python(_ minorVersion: Substring) async -> Interpreter? {
        var found: Interpreter?
        for candidate in places(of: "python\(minorVersion)") + versionManagers(minorVersion) {
            found = await probe(python: candidate)
            if found != nil { break }
        }
        let others = places(of: "python3")
        for candidate in others where found == nil {
            found = await probe(python: candidate)
        }
        guard var found, found.sdkDirectory == nil else { return found }
        // boto3 needs nothing of its interpreter: another's will do.
        for candidate in others {
            if let directory = await probe(python: candidate)?.sdkDirectory {
                found.sdkDirectory = directory
                break
            }
        }
        return found
    }

    /// The first node; nil where there is none.
    func node() async -> Interpreter? {
        for candidate in places(of: "node") + places(of: "nodejs") {
            let lines = await output(
                candidate, ["-p", "process.versions.node + '\\n' + process.execPath"])
            guard lines.count == 2 else { continue }
            return Interpreter(executable: lines[1], version: lines[0])
        }
        return nil
    }

    private func probe(python candidate: String) async -> Interpreter? {
        let script = """
            import os, sys, importlib.util
            found = importlib.util.find_spec('boto3')
            print('.'.join(str(part) for part in sys.version_info[:3]))
            print(sys.executable)
            print(os.path.dirname(os.path.dirname(found.origin)) if found else '-')
            """
        let lines = await output(candidate, ["-c", script])
        guard lines.count == 3, lines[1].hasPrefix("/") else { return nil }
        return Interpreter(
            executable: lines[1], version: lines[0],
            sdkDirectory: lines[2] == "-" ? nil : lines[2])
    }

    /// Where a program of a name is on the path.
    private func places(of name: String) -> [String] {
        var places: [String] = []
        for directory in path.split(separator: ":") {
            let place = "\(directory)/\(name)"
            if access(place, X_OK) == 0, !places.contains(place) { places.append(place) }
        }
        return places
    }

    /// Pythons that pyenv has installed, whether or not they are switched on.
    private func versionManagers(_ minorVersion: Substring) -> [String] {
        let root =
            getenv("PYENV_ROOT").map { String(cString: $0) }
            ?? getenv("HOME").map { "\(String(cString: $0))/.pyenv" }
        guard let root,
            let versions = try? FileManager.default.contentsOfDirectory(
                atPath: "\(root)/versions")
        else { return [] }
        return versions.filter { $0.hasPrefix("\(minorVersion).") }.sorted().reversed()
            .map { "\(root)/versions/\($0)/bin/python\(minorVersion)" }
            .filter { access($0, X_OK) == 0 }
    }

    /// The lines that a program prints; none where it fails or takes long.
    private func output(_ executable: String, _ arguments: [String]) async -> [String] {
        var environment = ["PATH": path]
        if let home = getenv("HOME") { environment["HOME"] = String(cString: home) }
        let plan = LaunchPlan(
            executable: executable, arguments: arguments, environment: environment,
            directory: "/")
        let answer = ProgramAnswer(supervisor: supervisor)
        let exit = await answer.run(plan)
        guard exit == .exited(0) else { return [] }
        let lines = answer.bytes.split(separator: UInt8(ascii: "\n"))
        return lines.map { String(decoding: $0, as: UTF8.self) }
    }
}

/// What a program printed, and how it ended.
private final class ProgramAnswer: Sendable {
    private static let byteCountMax = 64 << 10
    private static let seconds = 20

    private let text = Mutex<[UInt8]>([])
    private let supervisor: ProcessSupervisor

    init(supervisor: ProcessSupervisor) {
        self.supervisor = supervisor
    }

    var bytes: [UInt8] { text.withLock { $0 } }

    /// Runs the program to its end; it is killed where that takes too long.
    func run(_ plan: LaunchPlan) async -> ProcessExit? {
        let output = ProcessOutput { [self] piece in
            text.withLock { text in
                text.append(contentsOf: piece.prefix(max(0, Self.byteCountMax - text.count)))
            }
        }
        return await withCheckedContinuation { continuation in
            supervisor.launch(
                plan, output: output, secondsMax: Self.seconds,
                completion: { result in
                    if case .failure = result { continuation.resume(returning: nil) }
                },
                onExit: { continuation.resume(returning: $0) })
        }
    }
}
