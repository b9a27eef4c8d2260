internal import Glibc
internal import Synchronization

/// A shell that outlives this process by a moment, to kill the process groups that it leaves behind
/// when it is killed itself.
///
/// It reads which groups there are from a socket; at the socket's end, which comes with this
/// process's, it kills them.
final class ProcessGuard: Sendable {
    private struct State {
        var socket: Int32 = -1
        var process: Int32 = -1
        var hasBegun = false
    }

    private let state = Mutex(State())

    private static let script = """
        trap '' HUP INT QUIT TERM
        groups=' '
        while read -r sign group; do
            case $sign in
                +) groups="$groups$group " ;;
                -) case $groups in
                       *" $group "*) groups="${groups%%" $group "*} ${groups#*" $group "}" ;;
                   esac ;;
            esac
        done
        for group in $groups; do kill -s KILL -- "-$group"; done
        """

    /// Starts the shell, unless it runs.
    ///
    /// Without a shell there is no guard: processes still die
    /// with their thread.
    func begin() {
        state.withLock { state in
            guard !state.hasBegun else { return }
            state.hasBegun = true
            var ends: [Int32] = [-1, -1]
            let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return }
            let output = open("/dev/null", O_WRONLY | O_CLOEXEC)
            let plan = LaunchPlan(
                executable: "/bin/sh", arguments: ["-c", Self.script, "basalt-guard"],
                environment: [:], directory: "/")
            var failure: Int32 = 0
            let process = plan.launch(
                input: ends[0], output: output, diesWithThread: false, &failure)
            close(ends[0])
            if output >= 0 { close(output) }
            if process > 0 {
                state.process = process
                state.socket = ends[1]
            } else {
                close(ends[1])
            }
        }
    }

    func watch(_ group: Int32) { tell("+ \(group)\n") }

    func forget(_ group: Int32) { tell("- \(group)\n") }

    /// Ends the shell; all groups must have been forgotten.
    func end() {
        let process = state.withLock { state -> Int32 in
            if state.socket >= 0 { close(state.socket) }
            defer {
                state.socket = -1
                state.process = -1
            }
            return state.process
        }
        guard process > 0 else { return }
        while waitpid(process, nil, 0) < 0 && errno == EINTR {}
    }

    private func tell(_ line: String) {
        state.withLock { state in
            guard state.socket >= 0 else { return }
            // The shell may be gone: then nobody is told, and no signal raised.
            _ = line.utf8.withContiguousStorageIfAvailable {
                send(state.socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
        }
    }
}
