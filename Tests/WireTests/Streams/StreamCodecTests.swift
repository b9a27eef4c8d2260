import Items
import Operations
import Testing

@testable import Wire

@Suite("Requests and answers of DynamoDB Streams")
struct StreamCodecTests {
    private static let arn = "arn:aws:dynamodb:us-east-1:000000000000:table/Music/stream/2026"
    private static let shard = "shardId-00000001763712345678-0a1b2c3d"
    private static let sequence = "000000000000000000021"

    @Test("ListStreams")
    func listStreams() throws {
        guard
            case .listStreams(let request) = try decode(
                "ListStreams",
                #"{"TableName":"Music","Limit":7,"ExclusiveStartStreamArn":"\#(Self.arn)"}"#),
            case .listStreams(let plain) = try decode("ListStreams", "{}")
        else {
            Issue.record("another operation")
            return
        }
        #expect(request.tableName == "Music")
        #expect(request.limit == 7)
        #expect(request.exclusiveStartStreamArn == Self.arn)
        #expect(plain.tableName == nil)
        #expect(plain.limit == nil)
        #expect(plain.exclusiveStartStreamArn == nil)
    }

    @Test("DescribeStream")
    func describeStream() throws {
        guard
            case .describeStream(let request) = try decode(
                "DescribeStream",
                #"""
                {"StreamArn":"\#(Self.arn)","Limit":1,"ExclusiveStartShardId":"\#(Self.shard)",
                 "ShardFilter":{"Type":"CHILD_SHARDS","ShardId":"\#(Self.shard)"}}
                """#)
        else {
            Issue.record("another operation")
            return
        }
        #expect(request.streamArn == Self.arn)
        #expect(request.limit == 1)
        #expect(request.exclusiveStartShardId == Self.shard)
        #expect(request.shardFilterType == "CHILD_SHARDS")
        #expect(request.shardFilterShardId == Self.shard)
    }

    @Test(
        "GetShardIterator of each type",
        arguments: [
            ("TRIM_HORIZON", GetShardIteratorRequest.IteratorType.trimHorizon),
            ("LATEST", .latest), ("AT_SEQUENCE_NUMBER", .atSequenceNumber),
            ("AFTER_SEQUENCE_NUMBER", .afterSequenceNumber),
        ])
    func getShardIterator(_ text: String, _ type: GetShardIteratorRequest.IteratorType) throws {
        guard
            case .getShardIterator(let request) = try decode(
                "GetShardIterator",
                #"""
                {"StreamArn":"\#(Self.arn)","ShardId":"\#(Self.shard)","ShardIteratorType":"\#(text)",
                 "SequenceNumber":"\#(Self.sequence)"}
                """#)
        else {
            Issue.record("another operation")
            return
        }
        #expect(request.streamArn == Self.arn)
        #expect(request.shardId == Self.shard)
        #expect(request.iteratorType == type)
        #expect(request.sequenceNumber == Self.sequence)
    }

    @Test("GetRecords")
    func getRecords() throws {
        guard
            case .getRecords(let request) = try decode(
                "GetRecords", #"{"ShardIterator":"\#(Self.arn)|1|abc","Limit":1000}"#),
            case .getRecords(let plain) = try decode("GetRecords", #"{"ShardIterator":"i"}"#)
        else {
            Issue.record("another operation")
            return
        }
        #expect(request.shardIterator == "\(Self.arn)|1|abc")
        #expect(request.limit == 1_000)
        #expect(plain.limit == nil)
    }

    @Test("A wrong JSON type is a SerializationException")
    func types() {
        let error = refusal("GetRecords", #"{"ShardIterator":1}"#)
        #expect(error?.code == "SerializationException")
        #expect(error?.message == "NUMBER_VALUE cannot be converted to String")
        #expect(refusal("ListStreams", "")?.code == "SerializationException")
    }

    @Test("Streams and their shards, open and closed")
    func descriptions() {
        var list = ListStreamsResponse()
        #expect(encode(.listStreams(list)) == #"{"Streams":[]}"#)
        list.streams = [StreamSummary(streamArn: "arn", tableName: "Music", streamLabel: "label")]
        list.lastEvaluatedStreamArn = "arn"
        #expect(
            encode(.listStreams(list))
                == #"{"LastEvaluatedStreamArn":"arn","Streams":[{"StreamArn":"arn","#
                + #""StreamLabel":"label","TableName":"Music"}]}"#)
        var stream = StreamDescription()
        stream.streamArn = "arn"
        stream.streamLabel = "label"
        stream.streamStatus = .disabled
        stream.streamViewType = .newAndOldImages
        stream.creationRequestDateTime = 1_763_712_345.678
        stream.tableName = "Music"
        stream.keySchema = [KeySchemaElement("a", .hash), KeySchemaElement("b", .range)]
        stream.shards = [
            ShardDescription(
                shardId: "1", parentShardId: nil, startingSequenceNumber: "10",
                endingSequenceNumber: "19"),
            ShardDescription(
                shardId: "2", parentShardId: "1", startingSequenceNumber: "20",
                endingSequenceNumber: nil),
        ]
        stream.lastEvaluatedShardId = "2"
        #expect(
            encode(.streamDescription(stream))
                == #"{"StreamDescription":{"CreationRequestDateTime":1.763712345678E9,"#
                + #""KeySchema":[{"AttributeName":"a","KeyType":"HASH"},"#
                + #"{"AttributeName":"b","KeyType":"RANGE"}],"LastEvaluatedShardId":"2","#
                + #""Shards":[{"SequenceNumberRange":{"EndingSequenceNumber":"19","#
                + #""StartingSequenceNumber":"10"},"ShardId":"1"},"#
                + #"{"ParentShardId":"1","SequenceNumberRange":{"StartingSequenceNumber":"20"},"#
                + #""ShardId":"2"}],"StreamArn":"arn","StreamLabel":"label","#
                + #""StreamStatus":"DISABLED","StreamViewType":"NEW_AND_OLD_IMAGES","#
                + #""TableName":"Music"}}"#)
        #expect(encode(.shardIterator("a|1|b")) == #"{"ShardIterator":"a|1|b"}"#)
    }

    @Test("Records: images that are there, whole seconds, the service's identity")
    func records() {
        var response = GetRecordsResponse()
        #expect(encode(.records(response)) == #"{"Records":[]}"#)
        response.nextShardIterator = "next"
        response.records = [
            StreamRecord(
                eventID: "e1", eventName: .insert, awsRegion: "eu-west-1",
                approximateCreationDateTime: 1_763_712_345.999, keys: ["a": .string("1")],
                newImage: ["a": .string("1"), "b": .null], oldImage: nil, sequenceNumber: "100",
                sizeBytes: 42, streamViewType: .newImage),
            StreamRecord(
                eventID: "e2", eventName: .remove, awsRegion: "eu-west-1",
                approximateCreationDateTime: 1_763_712_346, keys: ["a": .string("2")],
                newImage: nil, oldImage: [:], sequenceNumber: "200", sizeBytes: 3,
                streamViewType: .oldImage, isTimeToLiveDeletion: true),
        ]
        #expect(
            encode(.records(response))
                == #"{"NextShardIterator":"next","Records":[{"awsRegion":"eu-west-1","dynamodb":{"#
                + #""ApproximateCreationDateTime":1.763712345E9,"Keys":{"a":{"S":"1"}},"#
                + #""NewImage":{"a":{"S":"1"},"b":{"NULL":true}},"SequenceNumber":"100","#
                + #""SizeBytes":42,"StreamViewType":"NEW_IMAGE"},"eventID":"e1","#
                + #""eventName":"INSERT","eventSource":"aws:dynamodb","eventVersion":"1.1"},"#
                + #"{"awsRegion":"eu-west-1","dynamodb":{"#
                + #""ApproximateCreationDateTime":1.763712346E9,"Keys":{"a":{"S":"2"}},"#
                + #""OldImage":{},"SequenceNumber":"200","SizeBytes":3,"#
                + #""StreamViewType":"OLD_IMAGE"},"eventID":"e2","eventName":"REMOVE","#
                + #""eventSource":"aws:dynamodb","eventVersion":"1.1","#
                + #""userIdentity":{"PrincipalId":"dynamodb.amazonaws.com","Type":"Service"}}]}"#)
    }
}
