/// What a process is started with.
struct LaunchPlan: Sendable {
    /// A path that is run as it is; never looked for.
    var executable: String
    /// Without the executable's own name, which goes before them.
    var arguments: [String]
    var environment: [String: String]
    var directory: String
    /// By how much others go before it, 1…19; 0: it is as important as its starter.
    var niceness: Int32 = 0
}

/// Why a process could not be started: the errno of fork, chdir, exec or what they need.
struct LaunchFailure: Error {
    var code: Int32
}

/// How a process ended.
enum ProcessExit: Sendable, Hashable {
    case exited(Int32)
    case signalled(Int32)

    /// As Lambda tells it: `exit status 1`, `signal: killed`.
    var description: String {
        switch self {
        case .exited(let status): "exit status \(status)"
        case .signalled(let signal): "signal: \(Self.names[signal] ?? "signal \(signal)")"
        }
    }

    private static let names: [Int32: String] = [
        1: "hangup", 2: "interrupt", 3: "quit", 4: "illegal instruction",
        5: "trace/breakpoint trap", 6: "aborted", 7: "bus error",
        8: "floating point exception", 9: "killed", 10: "user defined signal 1",
        11: "segmentation fault", 12: "user defined signal 2", 13: "broken pipe",
        14: "alarm clock", 15: "terminated", 31: "bad system call",
    ]
}
