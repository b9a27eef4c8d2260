import Client
import Operations
import Testing
import Wire

@Suite struct ServiceClientTests {
    private let quick = RetryPolicy(attemptsMax: 3, baseDelay: 0.001, delayMax: 0.002)

    private func client(_ server: ScriptedServer) -> ServiceClient {
        ServiceClient(endpoint: server.endpoint, region: "eu-west-1", retries: quick)
    }

    /// What a call is refused with.
    private func refusal(
        _ call: () async throws(ServiceError) -> some Any
    ) async -> ServiceError? {
        do throws(ServiceError) {
            _ = try await call()
            return nil
        } catch {
            return error
        }
    }

    @Test func anOperationIsToldByItsTarget() async throws {
        try await withServer { _, _ in
            .json(200, #"{"TableNames":["a"]}"#)
        } _: { server in
            let answer = try await client(server).call(
                .dynamodb, "ListTables", .object([("Limit", .number("3"))]))
            #expect(answer["TableNames"]?.elements == [.string("a")])
            let asked = try #require(server.asked.first)
            #expect(asked.method == "POST")
            #expect(asked.uri == "/")
            #expect(asked.text == #"{"Limit":3}"#)
            #expect(asked.header("X-Amz-Target") == "DynamoDB_20120810.ListTables")
            #expect(asked.header("Content-Type") == "application/x-amz-json-1.0")
            #expect("http://\(asked.header("Host") ?? "")" == server.endpoint)
            let signature = try #require(asked.header("Authorization"))
            #expect(signature.contains("/eu-west-1/dynamodb/aws4_request"))
        }
    }

    @Test func anOperationIsToldByMethodAndPath() async throws {
        try await withServer { _, _ in
            .json(204, "")
        } _: { server in
            let arn = PercentText.encoded("arn:aws:lambda:us-east-1:000000000000:function:f")
            let answer = try await client(server).call(
                .lambda, method: "DELETE", path: "/2015-03-31/functions/\(arn)",
                query: [("Qualifier", "1/ 2")])
            #expect(answer == .object([]))
            let asked = try #require(server.asked.first)
            #expect(asked.method == "DELETE")
            #expect(asked.uri == "/2015-03-31/functions/\(arn)?Qualifier=1%2F%202")
        }
    }

    @Test(arguments: [
        (
            ScriptedServer.Answer.json(
                400,
                #"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceInUseException","#
                    + #""message":"Table already exists: t"}"#),
            "ResourceInUseException", "Table already exists: t", 400
        ),
        (
            .json(
                404, #"{"Type":"User","Message":"Function not found"}"#,
                headers: [("x-amzn-ErrorType", "ResourceNotFoundException:http://internal/")]),
            "ResourceNotFoundException", "Function not found", 404
        ),
        (
            .json(
                404,
                "<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code>"
                    + "<Message>The specified &quot;key&quot; is gone</Message></Error>"),
            "NoSuchKey", "The specified \"key\" is gone", 404
        ),
        (
            .json(
                403,
                "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/\"><Error><Type>Sender"
                    + "</Type><Code>AuthorizationError</Code><Message>No</Message></Error>"
                    + "</ErrorResponse>"), "AuthorizationError", "No", 403
        ),
        (.json(418, "tea"), "418", "tea", 418),
        (.json(301, ""), "301", "301", 301),
    ])
    func refusalsKeepTheirWords(
        answer: ScriptedServer.Answer, code: String, message: String, status: Int
    ) async throws {
        try await withServer { _, _ in
            answer
        } _: { server in
            let client = client(server)
            let error = await refusal { () async throws(ServiceError) in
                try await client.call(.sqs, "GetQueueUrl")
            }
            #expect(error?.code == code)
            #expect(error?.message == message)
            #expect(error?.status == status)
            #expect(server.asked.count == 1)
        }
    }

    @Test(arguments: [
        ScriptedServer.Answer.json(503, "<Error><Code>SlowDown</Code></Error>"),
        .json(500, "{}"), .hangUp,
        .json(400, #"{"__type":"com.amazon.coral.availability#ThrottlingException"}"#),
    ])
    func whatPassesIsTriedAgain(fault: ScriptedServer.Answer) async throws {
        try await withServer { number, _ in
            number < 2 ? fault : .json(200, #"{"a":1}"#)
        } _: { server in
            let answer = try await client(server).call(.sqs, "ListQueues")
            #expect(answer["a"]?.integer == 1)
            #expect(server.asked.count == 3)
        }
    }

    @Test func attemptsAreBounded() async throws {
        try await withServer { _, _ in
            .json(500, #"{"message":"broken"}"#)
        } _: { server in
            let client = client(server)
            let error = await refusal { () async throws(ServiceError) in
                try await client.call(.sqs, "ListQueues")
            }
            #expect(error?.status == 500)
            #expect(error?.message == "broken")
            #expect(server.asked.count == 3)
        }
    }

    @Test func nobodyThereIsTold() async throws {
        let server = try await ScriptedServer { _, _ in .silence }
        let endpoint = server.endpoint
        await server.stop()
        let client = ServiceClient(endpoint: endpoint, retries: quick)
        let error = await refusal { () async throws(ServiceError) in
            try await client.call(.sqs, "ListQueues")
        }
        #expect(error?.code == ConnectionFault.noConnection)
        #expect(error?.message.contains(endpoint) == true)
    }

    @Test(arguments: [
        "", "here:80", "ftp://here", "http://", "http://a b", "http://:80", "http://here:port",
        "http://u:p@here", "http://[::1", "http://::1", "http://here?x=1", "http://here:70000",
    ])
    func whatIsNoEndpointIsTold(endpoint: String) async {
        let client = ServiceClient(endpoint: endpoint, retries: quick)
        let error = await refusal { () async throws(ServiceError) in
            try await client.call(.sqs, "ListQueues")
        }
        #expect(error?.code == ConnectionFault.invalidEndpoint)
    }

    @Test func aLongPollIsNotCutAndASilentServerIs() async throws {
        try await withServer { number, _ in
            number == 0 ? .late(0.4, #"{"Messages":[]}"#) : .silence
        } _: { server in
            var client = client(server)
            client.retries = .never
            let answer = try await client.call(.sqs, "ReceiveMessage", timeout: 30)
            #expect(answer["Messages"] != nil)
            let fixed = client
            let error = await refusal { () async throws(ServiceError) in
                try await fixed.call(.sqs, "ReceiveMessage", timeout: 0.1)
            }
            #expect(error?.code == ConnectionFault.timeout)
        }
    }

    @Test func aCallEndsWithItsTask() async throws {
        try await withServer { _, _ in
            .silence
        } _: { server in
            let client = client(server)
            let task = Task {
                await refusal { () async throws(ServiceError) in
                    try await client.call(.sqs, "ReceiveMessage", timeout: 3_600)
                }
            }
            while server.asked.isEmpty { await Task.yield() }
            task.cancel()
            #expect(await task.value?.code == ConnectionFault.cancelled)
            #expect(server.asked.count == 1)
        }
    }

    @Test func connectionsAreKept() async throws {
        try await withServer { _, _ in
            .json(200, "{}")
        } _: { server in
            for _ in 0..<5 { _ = try await client(server).call(.sqs, "ListQueues") }
            #expect(Set(server.asked.map(\.connection)).count == 1)
        }
    }

    @Test func answersAreBounded() async throws {
        try await withServer { _, _ in
            .bytes(1_001)
        } _: { server in
            let client = client(server)
            var request = ServiceRequest(.s3, method: "GET", path: "/b/k")
            request.responseBytesMax = 1_001
            let response = try await client.send(request)
            #expect(response.body.count == 1_001)
            request.responseBytesMax = 1_000
            let bounded = request
            let error = await refusal { () async throws(ServiceError) in
                try await client.send(bounded)
            }
            #expect(error?.code == ConnectionFault.tooLarge)
        }
    }
}
