import Foundation
import Functions
import Glibc
import Operations
import Testing
import Wire

@Suite("Environments come and go") struct LifeTests {
    @Test("a handler that takes too long is killed with all that it started") func timeout()
        async throws
    {
        try await FunctionHarness.with { harness in
            let function = try harness.python(
                """
                import os, subprocess, time
                def handler(event, context):
                    child = subprocess.Popen(["sleep", "100"])
                    print("pids", os.getpid(), child.pid)
                    time.sleep(100 if event.get("slow") else 0)
                    return os.getpid()
                """
            ) { $0.timeout = 1 }
            let begun = ContinuousClock.now
            let result = try await harness.invoke(function, #"{"slow":1}"#, requestID: "id")
            #expect(ContinuousClock.now - begun < .seconds(60))
            #expect(result.functionError == "Unhandled")
            #expect(
                result.text
                    == #"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: id Error: Task timed out after 1.00 seconds"}"#
            )
            let pids = try #require(harness.log.message("pids")).split(separator: " ").compactMap {
                Int($0)
            }
            #expect(pids.count == 2)
            #expect(try await eventually { !pids.contains(where: isAlive) })
            #expect(
                harness.log.messages.contains {
                    $0.contains(" id Task timed out after 1.00 seconds")
                })
            #expect(
                harness.log.message("REPORT RequestId: id")?.hasSuffix("Status: timeout") == true)
            #expect(try await harness.answer(function).integer != pids[0])
        }
    }

    @Test(
        "a process that ends in the middle fails its invocation, not the next",
        arguments: [
            ("os._exit(3)", "Runtime exited with error: exit status 3"),
            ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
            ("os.abort()", "Runtime exited with error: signal: aborted"),
            ("sys.exit(0)", "Runtime exited without providing a reason"),
        ])
    func exits(statement: String, message: String) async throws {
        try await FunctionHarness.with { harness in
            let function = try harness.python(
                """
                import os, sys
                def handler(event, context):
                    print("last words")
                    if event.get("end"): \(statement)
                    return 1
                """)
            #expect(try await harness.invoke(function).text == "1")
            let result = try await harness.invoke(function, #"{"end":1}"#, requestID: "id")
            #expect(
                result.text
                    == #"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: id Error: \#(message)"}"#
            )
            let messages = harness.log.messages
            let start = try #require(
                messages.firstIndex(of: "START RequestId: id Version: $LATEST"))
            #expect(messages[start + 1] == "last words")
            #expect(messages[start + 2] == "RequestId: id Error: \(message)\nRuntime.ExitError")
            #expect(try await harness.invoke(function).text == "1")
        }
    }

    @Test("a process that ends while it is idle is replaced") func idleExit() async throws {
        try await FunctionHarness.with { harness in
            let function = try harness.python(
                """
                import os, threading, time
                def handler(event, context):
                    threading.Thread(target=lambda: (time.sleep(0.05), os._exit(1))).start()
                    return os.getpid()
                """)
            let first = try #require(try await harness.answer(function).integer)
            #expect(try await eventually { !isAlive(first) })
            #expect(try await harness.answer(function).integer != first)
        }
    }

    @Test("memory beyond the function's is refused: slowly or quickly taken") func memory()
        async throws
    {
        try await FunctionHarness.with { harness in
            let function = try harness.python(
                """
                import subprocess, sys, time
                def handler(event, context):
                    if event["how"] == "quick":
                        return len(b"x" * 300_000_000)
                    if event["how"] == "child":
                        script = "x = b'x' * 300_000_000; import time; time.sleep(20)"
                        return subprocess.run([sys.executable, "-c", script]).returncode
                    held = []
                    while True:
                        held.append(b"x" * 10_000_000)
                        time.sleep(0.02)
                """
            ) { $0.timeout = 30 }
            for how in ["slow", "quick", "child"] {
                let result = try await harness.invoke(
                    function, #"{"how":"\#(how)"}"#, requestID: "id")
                #expect(
                    result.text
                        == #"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: id Error: Runtime exited with error: signal: killed"}"#,
                    "\(how)")
            }
        }
    }

    @Test("an answer of more than 6 MB is refused, and the process goes on") func large()
        async throws
    {
        try await FunctionHarness.with { harness in
            let function = try harness.python(
                "def handler(event, context): return 'x' * event['count']")
            let whole = try await harness.invoke(function, #"{"count":6291000}"#)
            #expect(whole.payload.count == 6_291_002)
            let result = try await harness.invoke(function, #"{"count":6291600}"#)
            #expect(result.functionError == "Unhandled")
            #expect(result.json?["errorType"]?.string == "Function.ResponseSizeTooLarge")
            #expect(
                result.json?["errorMessage"]?.string
                    == "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
            )
            #expect(try await harness.invoke(function, #"{"count":1}"#).text == #""x""#)
            #expect(harness.log.count("INIT_START") == 1)
        }
    }

    @Test("output is split and capped") func output() async throws {
        try await FunctionHarness.with { harness in
            let function = try harness.python(
                """
                import sys
                def handler(event, context):
                    for _ in range(event["lines"]): print("y" * event["length"])
                """
            ) { $0.timeout = 60 }
            _ = try await harness.invoke(function, #"{"lines":1,"length":600000}"#)
            let counts = harness.log.messages.filter { $0.hasPrefix("y") }.map(\.utf8.count)
            #expect(counts == [262_144, 262_144, 75_712])
            _ = try await harness.invoke(function, #"{"lines":300,"length":100000}"#)
            #expect(harness.log.count("[basalt] output of this invocation beyond 16 MB") == 1)
            #expect(harness.log.count("REPORT") == 2)
        }
    }

    /// Returns once a file is there that the event names.
    private static let waitingHandler = """
        import os, time
        def handler(event, context):
            while "file" in event and not os.path.exists(event["file"]): time.sleep(0.01)
        """

    @Test("reserved concurrency throttles; 0 throttles all") func reserved() async throws {
        try await FunctionHarness.with { harness in
            var function = try harness.python(Self.waitingHandler) { $0.timeout = 60 }
            function.reservedConcurrency = 1
            _ = try await harness.invoke(function)
            let limited = function
            async let slow = harness.invoke(limited, #"{"file":"go"}"#)
            #expect(try await eventually { harness.log.count("START") == 2 })
            var error = await #expect(throws: ServiceError.self) {
                try await harness.invoke(limited)
            }
            #expect(error?.code == "TooManyRequestsException")
            #expect(error?.message == "Rate Exceeded.")
            #expect(error?.status == 429)
            #expect(error?.reason == "ReservedFunctionConcurrentInvocationLimitExceeded")
            try harness.write("orders/go", "")
            #expect(try await slow.functionError == nil)
            function.reservedConcurrency = 0
            let none = function
            error = await #expect(throws: ServiceError.self) { try await harness.invoke(none) }
            #expect(error?.reason == "ReservedFunctionConcurrentInvocationLimitExceeded")
        }
        var limits = EnvironmentLimits()
        limits.concurrency = 0
        try await FunctionHarness.with(limits: limits) { harness in
            let function = try harness.python("def handler(event, context): pass")
            let error = await #expect(throws: ServiceError.self) {
                try await harness.invoke(function)
            }
            #expect(error?.reason == "ConcurrentInvocationLimitExceeded")
        }
    }

    @Test("what functions reserve is not the others'; each region has a share of its own")
    func shares() async throws {
        var limits = EnvironmentLimits()
        limits.concurrency = 5
        try await FunctionHarness.with(limits: limits) { harness in
            var reserving = try harness.python(Self.waitingHandler, name: "reserving")
            reserving.reservedConcurrency = 4
            reserving.regionReservations = 4
            var sharing = try harness.python(Self.waitingHandler) { $0.timeout = 60 }
            sharing.regionReservations = 4
            let (one, other) = (reserving, sharing)
            async let slow = harness.invoke(other, #"{"file":"go"}"#)
            #expect(try await eventually { harness.log.count("START") == 1 })
            let error = await #expect(throws: ServiceError.self) {
                try await harness.invoke(other)
            }
            #expect(error?.reason == "ConcurrentInvocationLimitExceeded")
            #expect(try await harness.invoke(one).functionError == nil)
            sharing.configuration.region = "eu-west-1"
            sharing.functionArn = "arn:aws:lambda:eu-west-1:000000000000:function:orders"
            #expect(try await harness.invoke(sharing).functionError == nil)
            try harness.write("orders/go", "")
            #expect(try await slow.functionError == nil)
        }
    }

    @Test("processes give way to the server; a version can be discarded alone") func niceness()
        async throws
    {
        try await FunctionHarness.with { harness in
            let source = "import os\ndef handler(e, c): return [os.nice(0), os.getpid()]"
            let first = try harness.python(source) { $0.version = "1" }
            let second = try harness.python(source) { $0.version = "2" }
            let one = try #require(try await harness.answer(first).elements)
            let two = try #require(try await harness.answer(second).elements)
            let own = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
            #expect(one.first?.integer == min(19, max(Int(own), 10)))
            harness.environments.discard(functionArn: first.functionArn, version: "1")
            let process = try #require(one.last?.integer)
            #expect(try await eventually { !isAlive(process) })
            #expect(isAlive(try #require(two.last?.integer)))
        }
    }

    @Test("callers beyond the processes wait; idle processes of others make room") func waiting()
        async throws
    {
        var limits = EnvironmentLimits()
        limits.processes = 2
        limits.waitMilliseconds = 60_000
        try await FunctionHarness.with(limits: limits) { harness in
            let source =
                "import os, time\ndef handler(event, context):\n    time.sleep(0.05)\n    return os.getpid()"
            let functions = try ["one", "two", "three"].map { try harness.python(source, name: $0) }
            let processes = try await withThrowingTaskGroup(of: Int?.self) { group in
                for n in 0..<12 {
                    group.addTask { try await harness.answer(functions[n % 3]).integer }
                }
                return try await group.reduce(into: [Int?]()) { $0.append($1) }
            }
            #expect(processes.count == 12)
            #expect(!processes.contains(nil))
        }
        limits.waitMilliseconds = 50
        limits.processes = 1
        try await FunctionHarness.with(limits: limits) { harness in
            let function = try harness.python(Self.waitingHandler) { $0.timeout = 60 }
            async let slow = harness.invoke(function, #"{"file":"go"}"#)
            #expect(try await eventually { harness.log.count("START") == 1 })
            let error = await #expect(throws: ServiceError.self) {
                try await harness.invoke(function)
            }
            #expect(error?.code == "TooManyRequestsException")
            try harness.write("orders/go", "")
            #expect(try await slow.functionError == nil)
        }
    }

    @Test("a change of the function, idleness and discarding end processes") func replaced()
        async throws
    {
        try await FunctionHarness.with { harness in
            var function = try harness.python("import os\ndef handler(e, c): return os.getpid()")
            let first = try #require(try await harness.answer(function).integer)
            #expect(try await harness.answer(function).integer == first)
            function.configuration.revisionId = "another"
            let second = try #require(try await harness.answer(function).integer)
            #expect(second != first)
            #expect(try await eventually { !isAlive(first) })
            harness.environments.discard(functionArn: function.functionArn)
            #expect(try await eventually { !isAlive(second) })
        }
        var limits = EnvironmentLimits()
        limits.idleMilliseconds = 500
        try await FunctionHarness.with(limits: limits) { harness in
            let function = try harness.python("import os\ndef handler(e, c): return os.getpid()")
            let process = try #require(try await harness.answer(function).integer)
            #expect(try await eventually { !isAlive(process) })
        }
    }

    @Test("credentials are known while the environment lives") func sessions() async throws {
        try await FunctionHarness.with { harness in
            let function = try harness.python(
                "import os\ndef handler(e, c): return os.environ['AWS_ACCESS_KEY_ID']")
            let key = try #require(try await harness.answer(function).string)
            #expect(key.wholeMatch(of: #/ASIA[A-Z2-7]{16}/#) != nil)
            #expect(harness.environments.session(accessKeyID: key)?.sessionName == "orders")
            harness.environments.discard(functionArn: function.functionArn)
            #expect(harness.environments.session(accessKeyID: key) == nil)
        }
    }

    @Test("starting has its own time, then the function's") func slowStart() async throws {
        var limits = EnvironmentLimits()
        limits.initSeconds = 1
        try await FunctionHarness.with(limits: limits) { harness in
            let function = try harness.python(
                "import time\ntime.sleep(1.5)\ndef handler(e, c): return 1"
            ) { $0.timeout = 5 }
            #expect(try await harness.invoke(function).text == "1")
            #expect(
                harness.log.message("INIT_REPORT")?.hasSuffix("Phase: init\tStatus: timeout")
                    == true)
            let never = try harness.python("import time\ntime.sleep(100)", name: "never") {
                $0.timeout = 1
            }
            let result = try await harness.invoke(never, requestID: "id")
            #expect(result.json?["errorType"]?.string == "Sandbox.Timedout")
        }
    }

    @Test("stopping kills everything, and what runs is told so") func stopping() async throws {
        let harness = try FunctionHarness()
        let function = try harness.python(
            "import os, time\ndef handler(e, c):\n    print('pid', os.getpid())\n    time.sleep(100)"
        ) { $0.timeout = 100 }
        let slow = Task { try await harness.invoke(function) }
        #expect(try await eventually { harness.log.message("pid") != nil })
        let process = try #require(Int(harness.log.message("pid")?.dropFirst(4) ?? ""))
        await harness.environments.stop()
        #expect(!isAlive(process))
        let error = await #expect(throws: ServiceError.self) { try await slow.value }
        #expect(error?.status == 500)
        await #expect(throws: ServiceError.self) { try await harness.invoke(function) }
    }

    @Test("a directory under development is loaded again when it changes") func development()
        async throws
    {
        try await FunctionHarness.with { harness in
            try harness.write("dev/part/value.py", "value = 1")
            try harness.write(
                "dev/app.py", "from part.value import value\ndef handler(e, c): return value")
            let function = harness.function("dev", runtime: "python3.12", handler: "app.handler") {
                $0.developmentDirectory = "\(harness.directory)/dev"
            }
            #expect(try await harness.invoke(function).text == "1")
            #expect(try await harness.invoke(function).text == "1")
            #expect(harness.log.count("INIT_START") == 1)
            try harness.write("dev/part/value.py", "value = 22")
            try await Task.sleep(for: .milliseconds(250))
            #expect(try await harness.invoke(function).text == "22")
            #expect(
                harness.log.count("[basalt] files in \(harness.directory)/dev have changed") == 1)
            #expect(!FileManager.default.fileExists(atPath: "\(harness.directory)/dev/__pycache__"))
            try harness.write("dev/__pycache__/x.pyc", "ignored")
            try await Task.sleep(for: .milliseconds(250))
            #expect(try await harness.invoke(function).text == "22")
            #expect(harness.log.count("INIT_START") == 2)
        }
    }
}
