import Foundation
import Functions
import Operations
import Testing
import Wire

@Suite("Functions in Python") struct PythonTests {
    @Test("answers, keeps its state while warm, and logs") func warm() async throws {
        try await FunctionHarness.with { harness in
            let function = try harness.python(
                """
                import os
                count = 0
                def handler(event, context):
                    global count
                    count += 1
                    print("event is", event["n"])
                    return {"count": count, "n": event["n"], "pid": os.getpid(), "t": "é"}
                """)
            var process: Int?
            for n in 1...3 {
                let answer = try await harness.answer(
                    function, #"{"n":\#(n)}"#, requestID: "id-\(n)")
                #expect(answer["count"]?.integer == n)
                #expect(answer["n"]?.integer == n)
                #expect(answer["t"]?.string == "é")
                #expect(process == nil || process == answer["pid"]?.integer)
                process = answer["pid"]?.integer
            }
            let messages = harness.log.messages
            #expect(messages[0].hasPrefix("INIT_START Runtime Version: python:3."))
            let first = try #require(
                messages.firstIndex(of: "START RequestId: id-1 Version: $LATEST"))
            #expect(messages[first + 1] == "event is 1")
            #expect(messages[first + 2] == "END RequestId: id-1")
            #expect(
                messages[first + 3].wholeMatch(
                    of:
                        #/
                        REPORT\ RequestId:\ id-1\tDuration:\ [0-9]+\.[0-9]{2}\ ms\t
                        Billed\ Duration:\ [0-9]+\ ms\tMemory\ Size:\ 128\ MB\t
                        Max\ Memory\ Used:\ [0-9]+\ MB\tInit\ Duration:\ [0-9]+\.[0-9]{2}\ ms\t
                        /#
                ) != nil)
            #expect(harness.log.message("REPORT RequestId: id-2")?.contains("Init") == false)
            #expect(harness.log.streams.count == 1)
            #expect(
                harness.log.streams.first?.wholeMatch(
                    of: #/[0-9]{4}/[0-9]{2}/[0-9]{2}/\[\$LATEST\][0-9a-f]{32}/#) != nil)
        }
    }

    @Test("an exception is told as Lambda tells it, and the process goes on") func exception()
        async throws
    {
        try await FunctionHarness.with { harness in
            let function = try harness.python(
                """
                import os
                class Odd(Exception): pass
                def handler(event, context):
                    if event.get("fail"): raise Odd("no good")
                    return os.getpid()
                """)
            let process = try await harness.answer(function)
            let result = try await harness.invoke(function, #"{"fail":true}"#, requestID: "id")
            #expect(result.functionError == "Unhandled")
            let error = try #require(result.json)
            #expect(error["errorMessage"]?.string == "no good")
            #expect(error["errorType"]?.string == "Odd")
            #expect(error["requestId"]?.string == "id")
            #expect(error["stackTrace"]?.elements?.count == 1)
            #expect(
                error["stackTrace"]?.elements?[0].string?.contains(
                    "/app.py\", line 4, in handler\n    if event.get(\"fail\"): raise Odd")
                    == true)
            #expect(harness.log.message("[ERROR] Odd: no good\nTraceback") != nil)
            #expect(
                harness.log.message("REPORT RequestId: id\t")?.hasSuffix(
                    "Status: error\tError Type: Odd") == true)
            #expect(try await harness.answer(function) == process)
        }
    }

    @Test(
        "what the runtime refuses",
        arguments: [
            (
                "missing.handler", "", "Runtime.ImportModuleError",
                "Unable to import module 'missing': No module named 'missing'"
            ),
            (
                "app.nothing", "", "Runtime.HandlerNotFound",
                "Handler 'nothing' missing on module 'app'"
            ),
            (
                "app", "", "Runtime.MalformedHandlerName",
                "Bad handler 'app': not enough values to unpack (expected 2, got 1)"
            ),
            (
                "app.handler", "import nowhere", "Runtime.ImportModuleError",
                "Unable to import module 'app': No module named 'nowhere'"
            ),
            (
                "app.handler", "def handler(:", "Runtime.UserCodeSyntaxError",
                "Syntax error in module 'app': invalid syntax (app.py, line 1)"
            ),
            ("app.handler", "x = 1 / 0", "ZeroDivisionError", "division by zero"),
            (
                "app.handler", "import decimal\ndef handler(e, c): return decimal.Decimal(1)",
                "Runtime.MarshalError",
                "Unable to marshal response: Object of type Decimal is not JSON serializable"
            ),
        ])
    func faults(handler: String, source: String, type: String, message: String) async throws {
        try await FunctionHarness.with { harness in
            let function = try harness.python(source) { $0.handler = handler }
            let result = try await harness.invoke(function)
            #expect(result.functionError == "Unhandled")
            #expect(result.json?["errorType"]?.string == type)
            #expect(result.json?["errorMessage"]?.string == message)
        }
    }

    @Test("the context and the variables are Lambda's") func surroundings() async throws {
        try await FunctionHarness.with { harness in
            let function = try harness.python(
                """
                import os, sys
                def handler(event, context):
                    return {
                        "name": context.function_name, "version": context.function_version,
                        "arn": context.invoked_function_arn, "memory": context.memory_limit_in_mb,
                        "id": context.aws_request_id, "group": context.log_group_name,
                        "stream": context.log_stream_name, "identity": repr(context.identity),
                        "client": context.client_context,
                        "left": context.get_remaining_time_in_millis(),
                        "environment": dict(os.environ), "cwd": os.getcwd(), "path": sys.path[0],
                        "descriptors": sorted(
                            os.readlink(f"/proc/self/fd/{n}").split(":")[0]
                            for n in os.listdir("/proc/self/fd")
                            if os.path.lexists(f"/proc/self/fd/{n}")),
                        "group_leader": os.getpgid(0) == os.getpid() == os.getsid(0),
                    }
                """
            ) {
                $0.timeout = 7
                $0.environment = ["TABLE": "orders", "TZ": "Europe/Berlin"]
            }
            let answer = try await harness.answer(function, requestID: "the-id")
            #expect(answer["name"]?.string == "orders")
            #expect(answer["version"]?.string == "$LATEST")
            #expect(answer["arn"]?.string == function.invokedArn)
            #expect(answer["memory"]?.string == "128")
            #expect(answer["id"]?.string == "the-id")
            #expect(answer["group"]?.string == "/aws/lambda/orders")
            #expect(answer["stream"]?.string == harness.log.streams.first)
            #expect(answer["client"]?.isNull == true)
            #expect(answer["group_leader"]?.bool == true)
            let left = try #require(answer["left"]?.integer)
            #expect((5000...7000).contains(left))
            let code = "\(harness.directory)/orders"
            #expect(answer["cwd"]?.string == code)
            #expect(answer["path"]?.string == code)
            let variables = try #require(answer["environment"])
            for (name, value) in [
                "AWS_LAMBDA_FUNCTION_NAME": "orders", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128", "_HANDLER": "app.handler",
                "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11", "LAMBDA_TASK_ROOT": code,
                "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/orders", "TABLE": "orders",
                "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "TZ": "Europe/Berlin",
                "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:8000",
                "AWS_ENDPOINT_URL_LAMBDA": "http://127.0.0.1:8000",
            ] { #expect(variables[name]?.string == value, "\(name)") }
            #expect(variables["_X_AMZN_TRACE_ID"]?.string?.hasPrefix("Root=1-") == true)
            #expect(variables["AWS_ENDPOINT_URL_SQS"] == nil)
            let key = try #require(variables["AWS_ACCESS_KEY_ID"]?.string)
            let session = try #require(harness.environments.session(accessKeyID: key))
            #expect(session.roleARN == "arn:aws:iam::000000000000:role/r")
            #expect(session.sessionToken == variables["AWS_SESSION_TOKEN"]?.string)
            // Nothing of the server's own files is inherited: the pipe thrice, the socket, the
            // input, and the directory that is being listed.
            #expect((answer["descriptors"]?.elements?.count ?? 99) <= 6)
            #expect(variables["SWIFT_TESTING_ENABLED"] == nil)
        }
    }

    @Test("logging has Lambda's form, and messages of several lines stay whole") func logging()
        async throws
    {
        try await FunctionHarness.with { harness in
            let function = try harness.python(
                """
                import logging
                logger = logging.getLogger()
                logger.setLevel(logging.INFO)
                def handler(event, context):
                    print("before", end="")
                    logger.info("two\\nlines")
                    logging.getLogger("mine").warning("careful")
                    print("after")
                """)
            let result = try await harness.invoke(function, requestID: "id", wantsLogTail: true)
            #expect(result.text == "null")
            let messages = harness.log.messages
            let start = try #require(messages.firstIndex { $0.hasPrefix("START") })
            #expect(messages[start + 1] == "before")
            #expect(
                messages[start + 2].wholeMatch(
                    of: #/\[INFO\]\t[0-9-]+T[0-9:]+\.[0-9]+Z\tid\ttwo\nlines/#) != nil)
            #expect(messages[start + 3].hasPrefix("[WARNING]\t"))
            #expect(messages[start + 4] == "after")
            let tail = String(decoding: try #require(result.logTail), as: UTF8.self)
            #expect(tail.hasPrefix("START RequestId: id Version: $LATEST\nbefore\n[INFO]"))
            #expect(tail.contains("\nREPORT RequestId: id"))
        }
    }
}
