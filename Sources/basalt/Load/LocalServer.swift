import CLaunch
import Glibc
import Synchronization

/// A server in a process of its own, in memory, for as long as this process lives.
///
/// It is killed with the process that started it, however that ends.
final class LocalServer: Sendable {
    let endpoint: String
    private let process: Int32
    private let output: Int32

    private init(endpoint: String, process: Int32, output: Int32) {
        self.endpoint = endpoint
        self.process = process
        self.output = output
    }

    /// Starts a server on a free port and waits until it answers.
    static func start(_ arguments: [String]) throws(ConfigurationError) -> LocalServer {
        var ends: [Int32] = [-1, -1]
        guard basalt_pipe(&ends) == 0 else { throw failure("pipe") }
        // What it says is waited for.
        _ = fcntl(ends[0], F_SETFL, 0)
        let launch = Launch(
            arguments: ["basalt", "serve", "--in-memory", "--port", "0"] + arguments,
            output: ends[1])
        let process = launch.run()
        close(ends[1])
        guard process > 0 else {
            close(ends[0])
            throw failure("starting a server")
        }
        // What it says first is where it is.
        var said: [UInt8] = []
        while !said.contains(UInt8(ascii: "\n")), said.count < 65_536 {
            var buffer = [UInt8](repeating: 0, count: 4_096)
            let count = read(ends[0], &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            said += buffer[..<count]
        }
        let text = String(decoding: said, as: UTF8.self)
        let words = text.split(whereSeparator: { $0.isWhitespace })
        guard let endpoint = words.first(where: { $0.hasPrefix("http://") }) else {
            kill(process, SIGKILL)
            close(ends[0])
            throw ConfigurationError("the server for the test did not start: \(text)")
        }
        return LocalServer(endpoint: String(endpoint), process: process, output: ends[0])
    }

    func stop() {
        kill(process, SIGKILL)
        close(output)
    }

    private static func failure(_ what: String) -> ConfigurationError {
        ConfigurationError("\(what): \(String(cString: strerror(errno)))")
    }
}

/// Starts a process from a thread that stays: the process dies with the thread.
private final class Launch: Sendable {
    private let arguments: [String]
    private let output: Int32
    private let process = Mutex<Int32?>(nil)

    init(arguments: [String], output: Int32) {
        self.arguments = arguments
        self.output = output
    }

    /// The process's id, or -1.
    func run() -> Int32 {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let status = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Launch>.fromOpaque(context).takeRetainedValue().launch()
                return nil
            }, context)
        guard status == 0 else { return -1 }
        pthread_detach(thread)
        while true {
            if let process = process.withLock({ $0 }) { return process }
            usleep(200)
        }
    }

    private func launch() {
        let empty = open("/dev/null", O_RDONLY | O_CLOEXEC)
        var texts: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            ProcessEnvironment.variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        var failure: Int32 = 0
        let id = texts.withUnsafeMutableBufferPointer { texts in
            variables.withUnsafeMutableBufferPointer { variables in
                "/proc/self/exe".withCString { executable in
                    "/".withCString { directory in
                        var launch = basalt_launch()
                        launch.executable = executable
                        launch.directory = directory
                        launch.arguments = UnsafePointer(texts.baseAddress)
                        launch.environment = UnsafePointer(variables.baseAddress)
                        launch.input = empty
                        launch.output = output
                        launch.dies_with_thread = 1
                        return basalt_launch(&launch, &failure)
                    }
                }
            }
        }
        for text in texts + variables { free(text) }
        close(empty)
        process.withLock { $0 = id }
        guard id > 0 else { return }
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
    }
}
