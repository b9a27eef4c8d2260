import Foundation
import Functions
import Operations
import Testing
import Wire

/// A bootstrap in shell that answers with what `answer` prints of the event in $event.
func shellBootstrap(_ answer: String, initially: String = "") -> String {
    """
    #!/bin/bash
    api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
    \(initially)
    while true; do
        response=$(curl -sS -D - "$api/invocation/next" | tr -d '\\r')
        id=$(grep -i -m 1 '^lambda-runtime-aws-request-id' <<<"$response" | cut -d' ' -f2)
        event=${response#*$'\\n\\n'}
        \(answer)
    done
    """
}

@Suite("Functions as bootstrap executables") struct BootstrapTests {
    private static let answering =
        #"curl -sS -o /dev/null -d "$event" "$api/invocation/$id/response""#

    private func function(
        _ harness: FunctionHarness, _ script: String, mode: Int = 0o755,
        _ change: (inout FunctionConfiguration) -> Void = { _ in }
    ) throws -> ResolvedFunction {
        try harness.write("orders/bootstrap", script, mode: mode)
        return harness.function("orders", runtime: "provided.al2023", handler: "any", change)
    }

    @Test("answers; layers bring bootstraps too") func answers() async throws {
        try await FunctionHarness.with { harness in
            let function = try function(
                harness, shellBootstrap("echo $_HANDLER; " + Self.answering))
            #expect(try await harness.invoke(function, #"{"n":1}"#).text == #"{"n":1}"#)
            #expect(try await harness.invoke(function, #"{"n":2}"#).text == #"{"n":2}"#)
            #expect(harness.log.messages.filter { $0 == "any" }.count == 2)
            #expect(harness.log.count("INIT_START") == 1)
            try harness.write("layer/bootstrap", shellBootstrap(Self.answering), mode: 0o755)
            try FileManager.default.createDirectory(
                atPath: "\(harness.directory)/empty", withIntermediateDirectories: true)
            var layered = harness.function("empty", runtime: "provided.al2", handler: nil)
            layered.layerDirectory = "\(harness.directory)/layer"
            #expect(try await harness.invoke(layered, "3").text == "3")
        }
    }

    @Test("a program that can't be run is told") func invalid() async throws {
        try await FunctionHarness.with { harness in
            try harness.write("orders/other", "")
            let missing = harness.function("orders", runtime: "provided.al2023", handler: "any")
            let result = try await harness.invoke(missing, requestID: "id")
            #expect(result.json?["errorType"]?.string == "Runtime.InvalidEntrypoint")
            #expect(
                result.json?["errorMessage"]?.string
                    == "RequestId: id Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
            )
            let unrunnable = try function(harness, "#!/bin/sh\n", mode: 0o644)
            let other = try await harness.invoke(unrunnable, requestID: "id")
            #expect(
                other.json?["errorMessage"]?.string?.hasSuffix("/bootstrap: permission denied")
                    == true)
        }
    }

    @Test("other runtimes are refused") func refused() async throws {
        try await FunctionHarness.with { harness in
            for runtime in ["ruby3.3", "java21", "dotnet8", "go1.x"] {
                let function = harness.function("orders", runtime: runtime, handler: "any")
                let error = await #expect(throws: ServiceError.self) {
                    try await harness.invoke(function)
                }
                #expect(error?.code == "InvalidRuntimeException")
                #expect(error?.status == 502)
            }
        }
    }

    @Test("init errors, streamed answers, and requests that are not the API's") func api()
        async throws
    {
        try await FunctionHarness.with { harness in
            let failing = try function(
                harness,
                shellBootstrap(
                    "",
                    initially:
                        #"curl -sS -H 'Lambda-Runtime-Function-Error-Type: Mine' -d '{"errorType":"Mine"}' $api/init/error; exit 1"#
                ))
            #expect(try await harness.invoke(failing).text == #"{"errorType":"Mine"}"#)
            #expect(
                harness.log.messages.contains {
                    $0.hasSuffix("Phase: init\tStatus: error\tError Type: Mine")
                })
            let streaming = try function(
                harness,
                shellBootstrap(
                    #"echo "$event" | curl -sS -o /dev/null -H 'Lambda-Runtime-Function-Response-Mode: streaming' -H 'Transfer-Encoding: chunked' -T - -X POST "$api/invocation/$id/response""#
                ))
            #expect(try await harness.invoke(streaming, "5").text == "5\n")
            // Each status is printed; the last request is the true answer.
            let probing = try function(
                harness,
                shellBootstrap(
                    """
                    code() { curl -s -o /dev/stdout -w ' %{http_code}\\n' "$@"; }
                    code "$api/invocation/next"
                    code -d 1 "$api/invocation/other/response"
                    code -d 1 "$api/invocation/other/error"
                    code -d 1 "$api/init/error"
                    code "$api/nothing"
                    code -d 1 "$api/invocation/next"
                    code -d 1 "$api/invocation/$id/response"
                    code -d 1 "$api/invocation/$id/response"
                    """))
            let count = harness.log.messages.count
            #expect(try await harness.invoke(probing).text == "1")
            #expect(
                try await eventually {
                    harness.log.messages.filter { $0.hasSuffix("400") || $0 == " 400" }.count >= 3
                })
            let codes = harness.log.messages.dropFirst(count).compactMap {
                // Lambda's own lines end with ids, which may end with digits.
                $0.hasPrefix("INIT_START") || $0.hasPrefix("END")
                    ? nil : $0.wholeMatch(of: #/.*? ?([0-9]{3})/#).map { String($0.1) }
            }
            #expect(codes == ["403", "400", "400", "403", "404", "405", "202", "400"])
            #expect(
                harness.log.messages.contains(
                    #"{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}"#))
        }
    }
}
