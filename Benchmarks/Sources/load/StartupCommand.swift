import Glibc

/// Waits between attempts.
enum PauseClock {
    static func sleep(milliseconds: Double) {
        usleep(UInt32(milliseconds * 1_000))
    }
}

/// `load startup -- COMMAND…`: starts a server again and again until it answers ListTables.
struct StartupCommand {
    static let options: Set<String> = ["url", "starts", "label", "results"]

    /// A start that takes longer has failed.
    private static let startSecondsMax: UInt64 = 30
    private static let idleSeconds: UInt32 = 2

    private let endpoint: Endpoint
    private let startCount: Int
    private let label: String
    private let results: String?
    private let command: [String]

    init(_ options: CommandOptions) throws(LoadError) {
        endpoint = try Endpoint(url: try options.required("url"))
        startCount = try options.integer("starts", orElse: 10)
        label = options.text("label") ?? "startup"
        results = options.text("results")
        command = options.operands
        guard !command.isEmpty else { throw LoadError("say the server's command behind --") }
    }

    func run() throws {
        var milliseconds: [Double] = []
        var residentBytes = 0
        for round in 1...startCount {
            let begin = monotonicNanoseconds()
            let process = try spawn()
            defer { stop(process) }
            try awaitAnswer(process, since: begin)
            milliseconds.append(Double(monotonicNanoseconds() - begin) / 1e6)
            if round == startCount {
                sleep(Self.idleSeconds)
                residentBytes = try ProcessFigures.residentBytes(Int(process))
            }
        }
        let record = StartupRecord(
            label: label, milliseconds: milliseconds, idleResidentBytes: residentBytes)
        print(record.summary)
        if let results { try BenchmarkRecord.append(.startup(record), to: results) }
    }

    /// Asks over fresh connections until there is an answer.
    private func awaitAnswer(_ process: pid_t, since begin: UInt64) throws(LoadError) {
        let list = RequestTemplate(operation: "ListTables", body: "{}", endpoint: endpoint)
        while true {
            if let answer = endpoint.ask(list) {
                guard answer.status == 200 else {
                    throw LoadError("ListTables answered HTTP \(answer.status)")
                }
                return
            }
            var status: Int32 = 0
            guard waitpid(process, &status, WNOHANG) == 0 else {
                throw LoadError("\(command[0]) ended before it answered")
            }
            guard monotonicNanoseconds() - begin < Self.startSecondsMax * 1_000_000_000 else {
                throw LoadError("\(command[0]) did not answer in \(Self.startSecondsMax) s")
            }
            PauseClock.sleep(milliseconds: 0.2)
        }
    }

    /// Starts the command with its output thrown away.
    private func spawn() throws(LoadError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor: Int32 in [1, 2] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
        }
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        let fault = posix_spawnp(&process, command[0], &actions, nil, &arguments, environ)
        guard fault == 0 else {
            throw LoadError("\(command[0]): \(String(cString: strerror(fault)))")
        }
        return process
    }

    private func stop(_ process: pid_t) {
        kill(process, SIGTERM)
        var status: Int32 = 0
        waitpid(process, &status, 0)
    }
}
