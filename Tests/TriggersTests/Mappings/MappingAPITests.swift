import Operations
import Storage
import Synchronization
import Testing
import Wire

@testable import Triggers

@Suite("The API of event source mappings")
struct MappingAPITests {
    private func json(_ text: String) throws -> JSONValue {
        try JSONValue(parsing: Array(text.utf8))
    }

    private func id(_ answer: JSONValue) throws -> String {
        try #require(answer["UUID"]?.string)
    }

    /// The state of a mapping; nil where there is none.
    private func state(_ harness: MappingHarness, _ uuid: String) async throws -> String? {
        try await harness.call("GET", "\(MappingHarness.path)/\(uuid)").json["State"]?.string
    }

    @Test("a stream's mapping has the service's defaults")
    func streamDefaults() async throws {
        let harness = try MappingHarness()
        harness.catalogue.start()
        let (status, answer, _) = try await harness.create(#","StartingPosition":"LATEST""#)
        let uuid = try id(answer)
        #expect(status == 202)
        #expect(
            answer
                == (try json(
                    #"""
                    {"UUID":"\#(uuid)","BatchSize":100,"MaximumBatchingWindowInSeconds":0,
                    "EventSourceArn":"\#(MappingHarness.stream)",
                    "FunctionArn":"arn:aws:lambda:us-east-1:000000000000:function:handler",
                    "LastModified":1763752442.125,"State":"Creating",
                    "StateTransitionReason":"User action","FunctionResponseTypes":[],
                    "EventSourceMappingArn":"arn:aws:lambda:us-east-1:000000000000:event-source-mapping:\#(uuid)",
                    "StartingPosition":"LATEST","ParallelizationFactor":1,
                    "DestinationConfig":{"OnFailure":{}},"MaximumRecordAgeInSeconds":-1,
                    "BisectBatchOnFunctionError":false,"MaximumRetryAttempts":-1,
                    "TumblingWindowInSeconds":0,"LastProcessingResult":"No records processed"}
                    """#)))
        #expect(harness.streams.running.map(\.uuid) == [uuid])
        let told = try await harness.call("GET", "\(MappingHarness.path)/\(uuid.uppercased())")
        #expect(told.status == 200 && told.json["State"] == .string("Enabled"))
    }

    @Test("a queue's mapping tells nothing of streams")
    func queueDefaults() async throws {
        let harness = try MappingHarness()
        harness.catalogue.start()
        let (status, answer, _) = try await harness.create(
            #","ScalingConfig":{"MaximumConcurrency":2},"FunctionResponseTypes":["ReportBatchItemFailures"]"#,
            source: MappingHarness.queue)
        let uuid = try id(answer)
        #expect(status == 202)
        #expect(
            answer
                == (try json(
                    #"""
                    {"UUID":"\#(uuid)","BatchSize":10,"MaximumBatchingWindowInSeconds":0,
                    "EventSourceArn":"\#(MappingHarness.queue)",
                    "FunctionArn":"arn:aws:lambda:us-east-1:000000000000:function:handler",
                    "LastModified":1763752442.125,"State":"Creating",
                    "StateTransitionReason":"USER_INITIATED",
                    "FunctionResponseTypes":["ReportBatchItemFailures"],
                    "EventSourceMappingArn":"arn:aws:lambda:us-east-1:000000000000:event-source-mapping:\#(uuid)",
                    "ScalingConfig":{"MaximumConcurrency":2}}
                    """#)))
        #expect(harness.queues.running.map(\.uuid) == [uuid])
        harness.catalogue.processed(uuid, result: "OK")
        var told = try await harness.call("GET", "\(MappingHarness.path)/\(uuid)").json
        #expect(told["LastProcessingResult"] == nil)
        harness.catalogue.processed(uuid, result: "PROBLEM: Function call failed")
        told = try await harness.call("GET", "\(MappingHarness.path)/\(uuid)").json
        #expect(told["LastProcessingResult"] == .string("PROBLEM: Function call failed"))
    }

    @Test("everything that was set is told")
    func everything() async throws {
        let harness = try MappingHarness()
        let members = #"""
            "StartingPosition":"TRIM_HORIZON","BatchSize":7,"MaximumBatchingWindowInSeconds":3,
            "ParallelizationFactor":4,"MaximumRecordAgeInSeconds":60,"MaximumRetryAttempts":2,
            "BisectBatchOnFunctionError":true,"TumblingWindowInSeconds":30,
            "DestinationConfig":{"OnFailure":{"Destination":"arn:aws:sqs:us-east-1:000000000000:dead"}},
            "FilterCriteria":{"Filters":[{"Pattern":"{\"eventName\":[\"INSERT\"]}"}]},
            "FunctionResponseTypes":["ReportBatchItemFailures"],
            "MetricsConfig":{"Metrics":["EventCount"]},"KMSKeyArn":"arn:aws:kms:us-east-1:000000000000:key/k"
            """#
        let answer = try await harness.create(
            ",\"Enabled\":false,\"Tags\":{\"a\":\"b\"}," + members
        ).json
        let expected = try #require(try json("{\(members)}").members)
        for (name, value) in expected { #expect(answer[name] == value, "\(name)") }
        #expect(answer["Tags"] == nil)
        let uuid = try id(answer)
        #expect(try await state(harness, uuid) == "Disabled")
        #expect(harness.streams.running.isEmpty)
        // What is null is as if it weren't there; what is empty takes away.
        let update = try await harness.call(
            "PUT", "\(MappingHarness.path)/\(uuid)",
            #"{"BatchSize":null,"DestinationConfig":{"OnFailure":{}},"FilterCriteria":{"Filters":[]},"KMSKeyArn":"","FunctionResponseTypes":[],"FunctionName":"handler:live"}"#
        ).json
        #expect(update["State"] == .string("Updating"))
        #expect(update["BatchSize"] == .number("7"))
        #expect(update["DestinationConfig"] == (try json(#"{"OnFailure":{}}"#)))
        #expect(update["FilterCriteria"] == nil && update["KMSKeyArn"] == nil)
        #expect(update["FunctionResponseTypes"] == .array([]))
        #expect(update["FunctionArn"]?.string?.hasSuffix(":function:handler:live") == true)
    }

    @Test("a local file may take what failed")
    func fileDestination() async throws {
        let harness = try MappingHarness()
        let answer = try await harness.create(
            #","StartingPosition":"LATEST","DestinationConfig":{"OnFailure":{"Destination":"file:///tmp/x.jsonl"}}"#
        )
        #expect(answer.status == 202)
        #expect(
            answer.json["DestinationConfig"]?["OnFailure"]?["Destination"]
                == .string("file:///tmp/x.jsonl"))
    }

    private static let invalid = "InvalidParameterValueException"

    @Test(
        "what a stream's mapping may not have",
        arguments: [
            (
                "", invalid,
                "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null."
            ),
            (
                #","StartingPosition":"AT_TIMESTAMP""#, invalid,
                "Unsupported starting position for arn type: \(MappingHarness.stream)"
            ),
            (#","StartingPosition":"NOW""#, "ValidationException", nil),
            (#","StartingPosition":"LATEST","BatchSize":0"#, "ValidationException", nil),
            (#","StartingPosition":"LATEST","BatchSize":10001"#, "ValidationException", nil),
            (#","StartingPosition":"LATEST","BatchSize":"x""#, "SerializationException", nil),
            (
                #","StartingPosition":"LATEST","ParallelizationFactor":11"#, "ValidationException",
                nil
            ),
            (#","StartingPosition":"LATEST","MaximumRecordAgeInSeconds":59"#, invalid, nil),
            (
                #","StartingPosition":"LATEST","ScalingConfig":{"MaximumConcurrency":5}"#, invalid,
                "Unsupported ScalingConfig parameter for given event source mapping type."
            ),
            (
                #","StartingPosition":"LATEST","FilterCriteria":{"Filters":[{"Pattern":"{}"}]}"#,
                invalid, "Invalid filter pattern definition."
            ),
            (
                #","StartingPosition":"LATEST","FilterCriteria":{"Filters":[{}]}"#, invalid,
                "Invalid filter pattern definition."
            ),
            (
                #","StartingPosition":"LATEST","DestinationConfig":{"OnSuccess":{"Destination":"arn:aws:sqs:us-east-1:000000000000:x"}}"#,
                invalid,
                "Unsupported DestinationConfig parameter for given event source mapping type."
            ),
            (
                #","StartingPosition":"LATEST","DestinationConfig":{"OnFailure":{"Destination":"arn:aws:ec2:us-east-1:000000000000:x"}}"#,
                invalid, nil
            ),
        ] as [(String, String, String?)])
    func streamRefusals(members: String, code: String, message: String?) async throws {
        let harness = try MappingHarness()
        let (status, answer, error) = try await harness.create(members)
        #expect(status == 400 && error == code, "\(answer)")
        if let message { #expect(answer["message"] == .string(message)) }
        #expect(
            try await harness.call("GET", MappingHarness.path).json["EventSourceMappings"]
                == .array([]))
    }

    @Test(
        "what a queue's mapping may not have",
        arguments: [
            (
                #","StartingPosition":"LATEST""#,
                "StartingPosition is not valid for SQS event sources."
            ),
            (
                #","BatchSize":11"#,
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
            ),
            (
                #","MaximumRetryAttempts":3"#,
                "Unsupported MaximumRetryAttempts parameter for given event source mapping type."
            ),
            (
                #","ParallelizationFactor":1"#,
                "Unsupported ParallelizationFactor parameter for given event source mapping type."
            ),
            (
                #","ScalingConfig":{"MaximumConcurrency":5},"ProvisionedPollerConfig":{"MinimumPollers":2}"#,
                nil
            ),
        ] as [(String, String?)])
    func queueRefusals(members: String, message: String?) async throws {
        let harness = try MappingHarness()
        let (status, answer, error) = try await harness.create(
            members, source: MappingHarness.queue)
        #expect(status == 400 && error == Self.invalid, "\(answer)")
        if let message { #expect(answer["message"] == .string(message)) }
    }

    @Test("functions, streams, queues and their kinds must be there")
    func sources() async throws {
        let queue = FakeQueue()
        let harness = try MappingHarness(client: queue)
        func message(_ members: String, _ source: String) async throws -> String? {
            let (status, answer, error) = try await harness.create(members, source: source)
            #expect(status == 400 && error == Self.invalid, "\(answer)")
            return answer["message"]?.string
        }
        let latest = #","StartingPosition":"LATEST""#
        let gone = MappingHarness.stream.replacing("orders", with: "gone")
        #expect(try await message(latest, gone) == "Stream not found: \(gone)")
        harness.functions.setTimeout(60)
        #expect(
            try await message("", MappingHarness.queue)
                == "Invalid request provided: Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds"
        )
        queue.fail(
            ServiceError(
                "QueueDoesNotExist", "The specified queue does not exist.", namespace: .rest))
        #expect(
            try await message("", MappingHarness.queue)
                == "Error occurred while ReceiveMessage. SQS Error Code: QueueDoesNotExist. SQS Error Message: The specified queue does not exist."
        )
        #expect(
            try await message(latest, "arn:aws:kinesis:us-east-1:000000000000:stream/x")?
                .hasPrefix("Unsupported event source") == true)
        #expect(
            try await message("", "arn:aws:ec2:us-east-1:000000000000:x")
                == "Unrecognized event source.")
        #expect(
            try await message("", "arn:aws-cn:sqs:cn-north-1:000000000000:x")
                == "Unrecognized event source.")
        harness.functions.remove()
        #expect(try await message(latest, MappingHarness.stream) == "Function does not exist")
        let none = try await harness.call(
            "POST", MappingHarness.path, #"{"FunctionName":"handler"}"#)
        #expect(none.json["message"] == .string("Unrecognized event source."))
    }

    @Test("a source and a function have one mapping; an alias is another function")
    func conflicts() async throws {
        let harness = try MappingHarness()
        let latest = #","StartingPosition":"LATEST""#
        let stream = try id(try await harness.create(latest).json)
        let queue = try id(try await harness.create("", source: MappingHarness.queue).json)
        var (status, answer, error) = try await harness.create(latest)
        #expect(status == 409 && error == "ResourceConflictException")
        #expect(
            answer["message"]?.string
                == "The event source arn (\" \(MappingHarness.stream) \") and function (\" handler \") provided mapping already exists. Please update or delete the existing mapping with UUID \(stream)"
        )
        (status, answer, error) = try await harness.create("", source: MappingHarness.queue)
        #expect(status == 409 && error == "ResourceConflictException")
        #expect(
            answer["message"]?.string
                == "An event source mapping with SQS arn (\" \(MappingHarness.queue) \") and function (\" handler \") already exists. Please update or delete the existing mapping with UUID \(queue)"
        )
        let alias = try await harness.call(
            "POST", MappingHarness.path,
            #"{"EventSourceArn":"\#(MappingHarness.queue)","FunctionName":"handler:live"}"#)
        #expect(alias.status == 202)
    }

    @Test("states: what is in transition is in use")
    func states() async throws {
        let harness = try MappingHarness()
        harness.catalogue.start()
        let uuid = try id(try await harness.create(#","StartingPosition":"LATEST""#).json)
        let path = "\(MappingHarness.path)/\(uuid)"
        harness.streams.hold(true)
        let disabling = try await harness.call("PUT", path, #"{"Enabled":false,"BatchSize":5}"#)
        #expect(disabling.status == 202 && disabling.json["State"] == .string("Disabling"))
        for (method, verb) in [("PUT", "update"), ("DELETE", "delete")] {
            let refused = try await harness.call(method, path)
            #expect(refused.status == 400 && refused.errorType == "ResourceInUseException")
            #expect(
                refused.json["message"]?.string
                    == "Cannot \(verb) the event source mapping because it is in use.")
        }
        harness.streams.hold(false)
        try await MappingHarness.eventually { try await state(harness, uuid) == "Disabled" }
        #expect(harness.streams.running.isEmpty)
        let enabling = try await harness.call("PUT", path, #"{"Enabled":true}"#)
        #expect(enabling.json["State"] == .string("Enabling"))
        try await MappingHarness.eventually { try await state(harness, uuid) == "Enabled" }
        #expect(harness.streams.running.map(\.batchSize) == [5])
        // A refused update changes nothing.
        let refused = try await harness.call("PUT", path, #"{"MaximumRecordAgeInSeconds":3}"#)
        #expect(refused.status == 400)
        #expect(try await state(harness, uuid) == "Enabled")

        harness.streams.hold(true)
        let deleting = try await harness.call("DELETE", path)
        #expect(deleting.status == 202 && deleting.json["State"] == .string("Deleting"))
        #expect(try await state(harness, uuid) == "Deleting")
        harness.streams.hold(false)
        try await MappingHarness.eventually { try await state(harness, uuid) == nil }
        let gone = try await harness.call("GET", path)
        #expect(gone.status == 404 && gone.errorType == "ResourceNotFoundException")
        #expect(gone.json["Message"]?.string == "The resource you requested does not exist.")
        #expect(harness.streams.state.withLock { $0.forgotten } == [uuid])
    }

    @Test("a restart goes on with what was enabled, and ends what was being deleted")
    func restart() async throws {
        let first = try MappingHarness()
        first.catalogue.start()
        let enabled = try id(
            try await first.create(#","StartingPosition":"LATEST","BatchSize":9"#).json)
        let disabled = try id(
            try await first.create(#","Enabled":false"#, source: MappingHarness.queue).json)
        let deleted = try id(
            try await first.call(
                "POST", MappingHarness.path,
                #"{"EventSourceArn":"\#(MappingHarness.stream)","FunctionName":"other","StartingPosition":"LATEST"}"#
            ).json)
        first.streams.hold(true)
        #expect(try await first.call("DELETE", "\(MappingHarness.path)/\(deleted)").status == 202)

        let second = try MappingHarness(store: first.store)
        #expect(second.streams.running.isEmpty)
        second.catalogue.start()
        #expect(second.streams.running.map(\.uuid) == [enabled])
        #expect(second.streams.running.map(\.batchSize) == [9])
        #expect(try await state(second, enabled) == "Enabled")
        #expect(try await state(second, disabled) == "Disabled")
        try await MappingHarness.eventually { try await state(second, deleted) == nil }
        await second.catalogue.stop()
        #expect(second.streams.running.isEmpty)
        first.streams.hold(false)
        await first.catalogue.stop()
    }

    @Test("lists by source, by function in every form, and in pages")
    func lists() async throws {
        let harness = try MappingHarness()
        let stream = try id(try await harness.create(#","StartingPosition":"LATEST""#).json)
        let queue = try id(try await harness.create("", source: MappingHarness.queue).json)
        let alias = try id(
            try await harness.call(
                "POST", MappingHarness.path,
                #"{"EventSourceArn":"\#(MappingHarness.queue)","FunctionName":"handler:live"}"#
            ).json)
        func ids(_ query: String) async throws -> Set<String> {
            let answer = try await harness.call("GET", "\(MappingHarness.path)/?\(query)")
            #expect(answer.status == 200, "\(query): \(answer.json)")
            return Set(
                (answer.json["EventSourceMappings"]?.elements ?? []).compactMap {
                    $0["UUID"]?.string
                })
        }
        #expect(try await ids("") == [stream, queue, alias])
        #expect(
            try await ids("EventSourceArn=\(PercentText.encoded(MappingHarness.queue))") == [
                queue, alias,
            ])
        for name in [
            "handler", "000000000000:function:handler", "function:handler",
            "arn:aws:lambda:us-east-1:000000000000:function:handler",
        ] {
            #expect(
                try await ids("FunctionName=\(PercentText.encoded(name))") == [stream, queue],
                "\(name)")
        }
        #expect(try await ids("FunctionName=handler:live") == [alias])
        #expect(try await ids("FunctionName=other") == [])
        let unknown = try await harness.call("GET", "\(MappingHarness.path)?FunctionName=nobody")
        #expect(unknown.status == 404 && unknown.errorType == "ResourceNotFoundException")
        #expect(
            try await harness.call("GET", MappingHarness.path, region: "eu-west-1")
                .json["EventSourceMappings"] == .array([]))

        var paged: [String] = []
        var marker: String? = ""
        while let next = marker {
            let answer = try await harness.call(
                "GET", "\(MappingHarness.path)?MaxItems=1&Marker=\(PercentText.encoded(next))"
            ).json
            paged += (answer["EventSourceMappings"]?.elements ?? []).compactMap {
                $0["UUID"]?.string
            }
            marker = answer["NextMarker"]?.string
        }
        #expect(paged == [stream, queue, alias].sorted())
        let refused = try await harness.call("GET", "\(MappingHarness.path)?MaxItems=0")
        #expect(refused.errorType == "ValidationException")
    }

    @Test("tags are kept beside the mapping")
    func tags() async throws {
        let harness = try MappingHarness()
        let answer = try await harness.create(
            #","StartingPosition":"LATEST","Tags":{"a":"1","b":"2"}"#
        ).json
        let arn = try #require(answer["EventSourceMappingArn"]?.string)
        let keeper = MappingTags(harness.catalogue, accountID: MappingHarness.account)
        #expect(keeper.keepsTags(of: arn))
        try await keeper.changeTags(
            of: arn, ["a": nil, "b": "3", "c": "", "x": nil], region: "us-east-1")
        let expected = ["b": "3", "c": ""]
        #expect(try await keeper.tags(of: arn, region: "us-east-1") == expected)
        await #expect(throws: ServiceError.self) {
            try await keeper.changeTags(of: arn, ["aws:x": "1"], region: "us-east-1")
        }
        let many = Dictionary(uniqueKeysWithValues: (0..<49).map { ("\($0)", Optional("v")) })
        await #expect(throws: ServiceError.self) {
            try await keeper.changeTags(of: arn, many, region: "us-east-1")
        }
        let restarted = try MappingHarness(store: harness.store)
        let later = MappingTags(restarted.catalogue, accountID: MappingHarness.account)
        #expect(try await later.tags(of: arn, region: "us-east-1") == expected)
        await #expect(throws: ServiceError.self) {
            try await later.tags(of: arn.dropLast(4) + "0000", region: "us-east-1")
        }
        #expect(!keeper.keepsTags(of: "arn:aws:lambda:us-east-1:000000000000:function:f"))
    }

    @Test("metrics of all mappings are told to people")
    func metrics() async throws {
        let harness = try MappingHarness()
        let uuid = try id(try await harness.create(#","StartingPosition":"LATEST""#).json)
        let answer = try await harness.call("GET", "/_basalt/mappings")
        #expect(answer.status == 200)
        let mapping = try #require(answer.json["mappings"]?.elements?.first)
        #expect(mapping["uuid"] == .string(uuid) && mapping["invocationCount"] == .number("0"))
    }
}
