internal import CLaunch
internal import Glibc
internal import Synchronization

/// Starts processes, hears of their end, reads what they write, and watches their memory: all of it
/// on one thread, which lives as long as the server.
///
/// Processes are bound to that thread: the system kills them when it ends, however it does. What
/// they started themselves is killed with their process group: by the supervisor, or, should this
/// process be killed, by a guard (a shell of a megabyte) that reads the groups from a socket and
/// kills them at its end.
final class ProcessSupervisor: Sendable {
    /// What is read of a process's output at once; more waits for the next turn.
    static let turnByteCount = 256 << 10
    /// How often memory is looked at while processes work, in milliseconds.
    private static let watchMilliseconds: Int32 = 100

    private struct Live {
        var process: LaunchedProcess
        var output: ProcessOutput
        /// -1 where the system has none: then the end is looked for at every turn.
        var descriptor: Int32
        /// When it is killed, whatever it does.
        var deadline: ContinuousClock.Instant?
        var onExit: @Sendable (ProcessExit) -> Void
    }

    private struct State {
        var isStarted = false
        var isStopped = false
        /// What the thread has been given to do.
        var work: [@Sendable () -> Void] = []
        /// Processes that have not been reaped, by id.
        var live: [Int32: Live] = [:]
        var stopWaiters: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())
    /// What the thread waits at.
    private let poll: Int32
    /// Wakes the thread.
    private let wake: Int32
    private let guardian = ProcessGuard()

    init() {
        poll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    }

    deinit {
        close(poll)
        close(wake)
    }

    // MARK: - What others call

    /// Starts a process.
    ///
    /// - Parameters:
    ///   - output: gets all that the process writes.
    ///   - memoryKilobytesMax: beyond which it is killed, while it is watched.
    ///   - secondsMax: after which it is killed, whatever it does.
    ///   - completion: called on the supervisor's thread; `onExit` is called after it, once, when
    ///     the process has ended and all that it wrote has been read.
    func launch(
        _ plan: LaunchPlan, output: ProcessOutput, memoryKilobytesMax: Int? = nil,
        secondsMax: Int? = nil,
        completion: @escaping @Sendable (Result<LaunchedProcess, LaunchFailure>) -> Void,
        onExit: @escaping @Sendable (ProcessExit) -> Void
    ) {
        let isTaken = perform { [self] in
            let launched = start(
                plan, output: output, memoryKilobytesMax: memoryKilobytesMax,
                secondsMax: secondsMax, onExit: onExit)
            completion(launched)
        }
        if !isTaken { completion(.failure(LaunchFailure(code: ESHUTDOWN))) }
    }

    /// Kills a process and all of its group; its end is told as any other.
    func kill(_ process: LaunchedProcess) {
        state.withLock { state in
            // What has been reaped may have lent its number to another.
            guard state.live[process.id] != nil else { return }
            _ = Glibc.kill(-process.id, SIGKILL)
        }
    }

    /// Kills every process and ends the thread once they are gone; starts none any more.
    func stop() async {
        await withCheckedContinuation { continuation in
            let runs = state.withLock { state -> Bool in
                guard state.isStarted, !(state.isStopped && state.stopWaiters.isEmpty) else {
                    state.isStopped = true
                    return false
                }
                state.isStopped = true
                state.stopWaiters.append { continuation.resume() }
                for id in state.live.keys { _ = Glibc.kill(-id, SIGKILL) }
                return true
            }
            if runs { wakeUp() } else { continuation.resume() }
        }
    }

    // MARK: - The thread

    /// Gives the thread something to do; false where it has been stopped.
    private func perform(_ work: @escaping @Sendable () -> Void) -> Bool {
        let (isTaken, mustStart) = state.withLock { state -> (Bool, Bool) in
            guard !state.isStopped else { return (false, false) }
            state.work.append(work)
            defer { state.isStarted = true }
            return (true, !state.isStarted)
        }
        if mustStart { startThread() }
        if isTaken { wakeUp() }
        return isTaken
    }

    private func wakeUp() {
        var one: UInt64 = 1
        _ = write(wake, &one, 8)
    }

    private func startThread() {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.fd = wake
        epoll_ctl(poll, EPOLL_CTL_ADD, wake, &event)
        var thread = pthread_t()
        let retained = Unmanaged.passRetained(self)
        let result = pthread_create(
            &thread, nil,
            { argument in
                if let argument {
                    let supervisor = Unmanaged<ProcessSupervisor>.fromOpaque(argument)
                        .takeRetainedValue()
                    basalt_name_thread("processes")
                    supervisor.run()
                }
                return nil
            }, retained.toOpaque())
        if result == 0 {
            pthread_detach(thread)
        } else {
            // There is no thread to be had: the next piece of work tries again.
            retained.release()
            state.withLock { $0.isStarted = false }
        }
    }

    private func run() {
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        var memory = MemoryTurns()
        while true {
            let work = state.withLock { state in
                defer { state.work = [] }
                return state.work
            }
            for piece in work { piece() }
            let (waitMilliseconds, stopWaiters) = state.withLock {
                state -> (Int32, [@Sendable () -> Void]?) in
                guard state.live.isEmpty else { return (Self.watchMilliseconds, nil) }
                guard state.isStopped, state.work.isEmpty else { return (-1, nil) }
                defer { state.stopWaiters = [] }
                return (0, state.stopWaiters)
            }
            if let stopWaiters {
                guardian.end()
                for waiter in stopWaiters { waiter() }
                return
            }
            let count = epoll_wait(poll, &events, Int32(events.count), waitMilliseconds)
            for event in events.prefix(max(0, Int(count))) { handle(event.data.fd) }
            if let isSurvey = memory.next() { look(wholeSessions: isSurvey) }
        }
    }

    private func handle(_ descriptor: Int32) {
        if descriptor == wake {
            var count: UInt64 = 0
            _ = read(wake, &count, 8)
            return
        }
        let (output, ended) = state.withLock { state -> (ProcessOutput?, Int32?) in
            for live in state.live.values {
                if live.output.descriptor == descriptor { return (live.output, nil) }
                if live.descriptor == descriptor { return (nil, live.process.id) }
            }
            return (nil, nil)
        }
        if let output, !output.drain() {
            // Nobody can write to it any more.
            epoll_ctl(poll, EPOLL_CTL_DEL, descriptor, nil)
        }
        if let ended { reap(ended) }
    }

    private func start(
        _ plan: LaunchPlan, output: ProcessOutput, memoryKilobytesMax: Int?, secondsMax: Int?,
        onExit: @escaping @Sendable (ProcessExit) -> Void
    ) -> Result<LaunchedProcess, LaunchFailure> {
        guard let writeEnd = output.open() else {
            return .failure(LaunchFailure(code: errno))
        }
        defer { close(writeEnd) }
        let input = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { return .failure(LaunchFailure(code: errno)) }
        defer { close(input) }
        guardian.begin()
        var failure: Int32 = 0
        let id = plan.launch(input: input, output: writeEnd, diesWithThread: true, &failure)
        guard id > 0 else {
            output.close()
            return .failure(LaunchFailure(code: failure))
        }
        guardian.watch(id)
        let process = LaunchedProcess(id: id, memoryKilobytesMax: memoryKilobytesMax)
        let descriptor = basalt_pidfd(id)
        state.withLock {
            $0.live[id] = Live(
                process: process, output: output, descriptor: descriptor,
                deadline: secondsMax.map { .now + .seconds($0) }, onExit: onExit)
            // Stopped since: the end is heard of as any other.
            if $0.isStopped { _ = Glibc.kill(-id, SIGKILL) }
        }
        for watched in [output.descriptor, descriptor] where watched >= 0 {
            var event = epoll_event()
            event.events = EPOLLIN.rawValue
            event.data.fd = watched
            epoll_ctl(poll, EPOLL_CTL_ADD, watched, &event)
        }
        return .success(process)
    }

    /// Takes leave of a process that has ended: kills what is left of its group, reads what it
    /// wrote, tells.
    private func reap(_ id: Int32) {
        let ended = state.withLock { state -> (Live, ProcessExit)? in
            guard let live = state.live[id] else { return nil }
            var information = siginfo_t()
            // Left unreaped at first: its number, and with it the group's, stays its own.
            guard
                waitid(P_PID, id_t(id), &information, WEXITED | WNOHANG | WNOWAIT) == 0,
                information.si_signo == SIGCHLD
            else { return nil }
            _ = Glibc.kill(-id, SIGKILL)
            var status: Int32 = 0
            while waitpid(id, &status, 0) < 0 && errno == EINTR {}
            state.live[id] = nil
            let signal = status & 0x7f
            return (live, signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal))
        }
        guard let (live, exit) = ended else { return }
        guardian.forget(id)
        if live.descriptor >= 0 {
            epoll_ctl(poll, EPOLL_CTL_DEL, live.descriptor, nil)
            close(live.descriptor)
        }
        live.output.drain()
        epoll_ctl(poll, EPOLL_CTL_DEL, live.output.descriptor, nil)
        live.output.close()
        live.onExit(exit)
    }

    /// Looks after what no descriptor tells: memory, time, and ends where there are no such.
    private func look(wholeSessions: Bool) {
        let (watched, unheard) = state.withLock { state -> ([LaunchedProcess], [Int32]) in
            let now = ContinuousClock.now
            for (id, live) in state.live {
                if let deadline = live.deadline, now >= deadline { _ = Glibc.kill(-id, SIGKILL) }
            }
            return (
                state.live.values.map(\.process).filter { $0.isWatched.load(ordering: .relaxed) },
                state.live.values.filter { $0.descriptor < 0 }.map(\.process.id)
            )
        }
        for id in unheard { reap(id) }
        guard !watched.isEmpty else { return }
        let sessions =
            wholeSessions
            ? ProcessMemory.residentKilobytes(ofSessions: Set(watched.map(\.id))) : [:]
        for process in watched {
            let kilobytes =
                sessions[process.id] ?? ProcessMemory.residentKilobytes(of: process.id)
            if process.sees(kilobytes: kilobytes) { kill(process) }
        }
    }
}

/// When memory is looked at: turns of the thread come more often where processes write.
private struct MemoryTurns {
    private var last = ContinuousClock.now
    private var count = 0

    /// Whether whole sessions are looked at, not the first process of each alone; nil where it is
    /// too early for either.
    mutating func next() -> Bool? {
        let now = ContinuousClock.now
        guard now - last >= .milliseconds(90) else { return nil }
        last = now
        count = (count + 1) % 5
        return count == 0
    }
}

extension LaunchPlan {
    /// Starts the process on this thread; nothing hears of its end.
    ///
    /// - Returns: its id, or -1 with the errno in `failure`.
    func launch(
        input: Int32, output: Int32, diesWithThread: Bool, _ failure: inout Int32
    ) -> Int32 {
        let arguments = CStrings([executable] + self.arguments)
        let environment = CStrings(self.environment.map { "\($0.key)=\($0.value)" })
        return executable.withCString { executable in
            directory.withCString { directory in
                var launch = basalt_launch()
                launch.executable = executable
                launch.directory = directory
                launch.arguments = UnsafePointer(arguments.pointer)
                launch.environment = UnsafePointer(environment.pointer)
                launch.input = input
                launch.output = output
                launch.dies_with_thread = diesWithThread ? 1 : 0
                launch.niceness = niceness
                return basalt_launch(&launch, &failure)
            }
        }
    }
}

/// An array of C strings that a NULL ends.
private final class CStrings {
    let pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        pointer = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() {
            (pointer + index).initialize(to: strdup(string))
        }
        (pointer + count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { free(pointer[index]) }
        pointer.deallocate()
    }
}
