import Client
import Operations
import Testing
import Wire

/// Requests as SQS, SNS and S3 take them; the end-to-end tests have servers that do.
@Suite struct OutsideClientTests {
    private let queue = SQSClient.Queue(
        url: "http://elsewhere:1/000000000000/orders", region: "eu-west-1")

    private func endpoints(_ server: ScriptedServer) -> OutsideEndpoints {
        OutsideEndpoints(sqs: server.endpoint, sns: server.endpoint, s3: server.endpoint)
    }

    private func json(_ asked: ScriptedServer.Asked?) throws -> JSONValue {
        try JSONValue(parsing: try #require(asked).body)
    }

    @Test func whatIsNotConfiguredNamesItsFlag() {
        let none = OutsideEndpoints()
        let calls: [(String, () throws(ServiceError) -> Void)] = [
            ("--sqs-endpoint", { () throws(ServiceError) in _ = try none.queues(region: "r") }),
            ("--sns-endpoint", { () throws(ServiceError) in _ = try none.topics(region: "r") }),
            ("--s3-endpoint", { () throws(ServiceError) in _ = try none.buckets(region: "r") }),
        ]
        for (flag, call) in calls {
            let error = #expect(throws: ServiceError.self) { try call() }
            #expect(error?.code == OutsideEndpoints.notConfigured)
            #expect(error?.message == "no \(flag) is configured")
        }
    }

    @Test func aQueueIsFoundWhereItsARNSays() async throws {
        try await withServer { _, _ in
            .json(200, #"{"QueueUrl":"http://elsewhere:1/000000000000/orders"}"#)
        } _: { server in
            let client = try endpoints(server).queues(region: "us-east-1")
            let found = try await client.queue(arn: "arn:aws:sqs:eu-west-1:111122223333:orders")
            #expect(found == queue)
            let asked = server.asked.first
            #expect(
                try json(asked)
                    == .object([
                        ("QueueName", .string("orders")),
                        ("QueueOwnerAWSAccountId", .string("111122223333")),
                    ]))
            #expect(asked?.header("X-Amz-Target") == "AmazonSQS.GetQueueUrl")
            #expect(asked?.header("Authorization")?.contains("/eu-west-1/sqs/") == true)
            for arn in ["", "orders", "arn:aws:sns:eu-west-1:111122223333:orders", "arn:aws:sqs"] {
                await #expect(throws: ServiceError.self) { _ = try await client.queue(arn: arn) }
            }
            #expect(server.asked.count == 1)
        }
    }

    @Test func messagesAreTaken() async throws {
        try await withServer { number, _ in
            number > 0
                ? .json(200, "{}")
                : .json(
                    200,
                    #"{"Messages":[{"MessageId":"m","ReceiptHandle":"h","Body":"b","MD5OfBody":"5","#
                        + #""Attributes":{"SentTimestamp":"1"},"MessageAttributes":{"a":"#
                        + #"{"DataType":"String","StringValue":"v"}}},{"MessageId":"broken"}]}"#)
        } _: { server in
            let client = try endpoints(server).queues(region: "us-east-1")
            let messages = try await client.receive(
                from: queue, maximum: 7, waitSeconds: 20, visibilityTimeout: 30)
            #expect(messages.map(\.messageID) == ["m"])
            #expect(messages.first?.attributes == ["SentTimestamp": "1"])
            #expect(messages.first?.messageAttributes.first?.value["StringValue"]?.string == "v")
            let asked = try json(server.asked.first)
            #expect(asked["QueueUrl"]?.string == queue.url)
            #expect(asked["MaxNumberOfMessages"]?.integer == 7)
            #expect(asked["WaitTimeSeconds"]?.integer == 20)
            #expect(asked["VisibilityTimeout"]?.integer == 30)
            let none = try await client.receive(from: queue)
            #expect(none.isEmpty)
            #expect(try json(server.asked.last)["VisibilityTimeout"] == nil)
        }
    }

    @Test func batchesAreOfTenAndTellWhatFailed() async throws {
        try await withServer { number, _ in
            .json(
                200,
                number == 0
                    ? #"{"Successful":[],"Failed":[{"Id":"9","Code":"c","Message":"m","#
                        + #""SenderFault":true},{"Id":"77"}]}"# : #"{"Successful":[]}"#)
        } _: { server in
            let client = try endpoints(server).queues(region: "us-east-1")
            let handles = (0..<12).map { "handle \($0)" }
            let failed = try await client.delete(handles, from: queue)
            #expect(
                failed
                    == [.init(receiptHandle: "handle 9", code: "c", message: "m")])
            let counts = try server.asked.map { try json($0)["Entries"]?.elements?.count }
            #expect(counts == [10, 2])
            _ = try await client.changeVisibility(of: ["h"], in: queue, to: 0)
            let entry = try json(server.asked.last)["Entries"]?.elements?.first
            #expect(entry?["VisibilityTimeout"]?.integer == 0)
            let nothing = try await client.delete([], from: queue)
            #expect(nothing.isEmpty)
            #expect(server.asked.count == 3)
        }
    }

    @Test func aMessageIsPublished() async throws {
        try await withServer { _, _ in
            .json(
                200,
                "<PublishResponse><PublishResult><MessageId>id</MessageId></PublishResult>"
                    + "</PublishResponse>")
        } _: { server in
            let client = try endpoints(server).topics(region: "us-east-1")
            let id = try await client.publish(
                "a&b=é", to: "arn:aws:sns:eu-west-1:000000000000:t",
                attributes: [MessageAttribute(name: "n", value: "1", dataType: "Number")])
            #expect(id == "id")
            let asked = try #require(server.asked.first)
            #expect(
                asked.text
                    == "Action=Publish&Version=2010-03-31"
                    + "&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A000000000000%3At"
                    + "&Message=a%26b%3D%C3%A9&MessageAttributes.entry.1.Name=n"
                    + "&MessageAttributes.entry.1.Value.DataType=Number"
                    + "&MessageAttributes.entry.1.Value.StringValue=1")
            #expect(asked.header("Authorization")?.contains("/eu-west-1/sns/") == true)
        }
    }

    @Test func objectsAreNamedByTheirPath() async throws {
        try await withServer { _, _ in
            .bytes(3)
        } _: { server in
            let client = try endpoints(server).buckets(region: "us-east-1")
            try await client.put([1], bucket: "b", key: "a b/+//../é", contentType: "a/b")
            let asked = try #require(server.asked.first)
            #expect(asked.method == "PUT")
            #expect(asked.uri == "/b/a%20b/%2B//../%C3%A9")
            #expect(asked.header("Content-Type") == "a/b")
            #expect(asked.header("X-Amz-Content-Sha256")?.utf8.count == 64)
            let bytes = try await client.object(
                bucket: "b", key: "k", version: "v=1", region: "eu-west-1")
            #expect(bytes == [7, 7, 7])
            #expect(server.asked.last?.uri == "/b/k?versionId=v%3D1")
            #expect(
                server.asked.last?.header("Authorization")?.contains("/eu-west-1/s3/") == true)
        }
    }

    @Test func notificationsAreToldAsXML() async throws {
        try await withServer { _, _ in
            .json(200, "")
        } _: { server in
            let client = try endpoints(server).buckets(region: "us-east-1")
            let configuration = try JSONValue(
                parsing: Array(
                    #"""
                    {"QueueConfigurations":[{"Id":"1&2","QueueArn":"arn:q","Events":["s3:a","s3:b"],
                     "Filter":{"Key":{"FilterRules":[{"Name":"suffix","Value":".csv"}]}}}],
                     "LambdaFunctionConfigurations":[{"LambdaFunctionArn":"arn:f","Events":[]}]}
                    """#.utf8))
            try await client.putNotificationConfiguration(configuration, bucket: "b")
            #expect(server.asked.first?.uri == "/b?notification=")
            #expect(
                server.asked.first?.text
                    == "<NotificationConfiguration "
                    + "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><QueueConfiguration>"
                    + "<Id>1&amp;2</Id><Queue>arn:q</Queue><Event>s3:a</Event><Event>s3:b</Event>"
                    + "<Filter><S3Key><FilterRule><Name>suffix</Name><Value>.csv</Value>"
                    + "</FilterRule></S3Key></Filter></QueueConfiguration>"
                    + "<CloudFunctionConfiguration><CloudFunction>arn:f</CloudFunction>"
                    + "</CloudFunctionConfiguration></NotificationConfiguration>")
        }
    }
}
