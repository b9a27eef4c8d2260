import Foundation
import Items
import Operations
import Testing

@testable import Wire

@Suite("No body crashes or hangs the codec")
struct WireFuzzTests {
    private static let valid: [(operation: String, body: String)] = [
        (
            "GetItem",
            #"""
            {"TableName":"Music","Key":{"a":{"S":"x\u00e9"}},"AttributesToGet":["a"],
             "ConsistentRead":true}
            """#
        ),
        (
            "PutItem",
            #"""
            {"TableName":"Music","Item":{"s":{"S":"日本\n"},"n":{"N":"-1.5e3"},"b":{"B":"AAEC"},
             "t":{"BOOL":true},"z":{"NULL":true},"ss":{"SS":["a","b"]},"ns":{"NS":["1","2"]},
             "bs":{"BS":["AQ=="]},"l":{"L":[{"S":"x"},{"L":[]}]},"m":{"M":{"k":{"N":"0"}}}},
             "Expected":{"a":{"Value":{"S":"v"},"Exists":true}},"ReturnValues":"ALL_OLD",
             "ExpressionAttributeValues":{":a":{"S":"x"}},"ConditionExpression":"a = :a"}
            """#
        ),
        (
            "UpdateItem",
            #"""
            {"TableName":"Music","Key":{"a":{"S":""}},
             "AttributeUpdates":{"y":{"Value":{"N":"1"},"Action":"ADD"}}}
            """#
        ),
        (
            "DeleteItem",
            #"{"TableName":"Music","Key":{"a":{"N":"12"}},"ReturnConsumedCapacity":"TOTAL"}"#
        ),
        (
            "Query",
            #"""
            {"TableName":"Music","Limit":5,
             "KeyConditions":{"k":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"x"}]}}}
            """#
        ),
        (
            "Scan",
            #"""
            {"TableName":"Music","Segment":0,"TotalSegments":4,
             "ExclusiveStartKey":{"a":{"S":"b"}}}
            """#
        ),
        (
            "BatchGetItem",
            #"{"RequestItems":{"Music":{"Keys":[{"a":{"S":"1"}}],"ConsistentRead":null}}}"#
        ),
        (
            "BatchWriteItem",
            #"""
            {"RequestItems":{"Music":[{"PutRequest":{"Item":{"a":{"S":"1"}}}},
                                      {"DeleteRequest":{"Key":{"a":{"S":"2"}}}}]}}
            """#
        ),
        (
            "TransactWriteItems",
            #"""
            {"TransactItems":[{"Put":{"TableName":"Music","Item":{"a":{"S":"1"}}}},
             {"Update":{"TableName":"Music","Key":{"a":{"S":"2"}},"UpdateExpression":"SET b = :b",
                        "ExpressionAttributeValues":{":b":{"N":"1"}}}},
             {"ConditionCheck":{"TableName":"Music","Key":{"a":{"S":"3"}},
                                "ConditionExpression":"b = c"}}],"ClientRequestToken":"t"}
            """#
        ),
        (
            "TransactGetItems",
            #"{"TransactItems":[{"Get":{"TableName":"Music","Key":{"a":{"S":"1"}}}}]}"#
        ),
        (
            "ExecuteStatement",
            #"{"Statement":"SELECT * FROM Music WHERE a = ?","Parameters":[{"S":"1"}],"Limit":2}"#
        ),
        (
            "BatchExecuteStatement",
            #"{"Statements":[{"Statement":"SELECT","Parameters":[{"L":[{"NS":["1"]}]}]}]}"#
        ),
        (
            "ExecuteTransaction",
            #"{"TransactStatements":[{"Statement":"EXISTS"},{"Statement":"UPDATE"}]}"#
        ),
        (
            "DescribeStream",
            #"""
            {"StreamArn":"arn:aws:dynamodb:us-east-1:000000000000:table/Music/stream/1","Limit":1,
             "ShardFilter":{"Type":"CHILD_SHARDS","ShardId":"shardId-00000000000000000000-1234"}}
            """#
        ),
        ("GetRecords", #"{"ShardIterator":"x","Limit":1000}"#),
    ]

    private static let tokens = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\uD800", "null", "true", "1e999",
        "-", "{}",
        "\"S\":", "\"N\":", "\"M\":{", "\"L\":[", "\"SS\":[]", "\u{FEFF}", "\u{0}", "é", "\"a\":{}",
        "{\"M\":{\"a\":", "[[[[[[[[", "0", "99999999999999999999",
    ].map { Array($0.utf8) }

    private func mutated(_ body: [UInt8], _ random: inout RandomItems) -> [UInt8] {
        var body = body
        for _ in 0...random.below(4) {
            let at = random.below(body.count + 1)
            let end = min(body.count, at + random.below(12))
            switch random.below(7) {
            case 0: if at < body.count { body[at] = UInt8(random.below(256)) }
            case 1: body.removeSubrange(at..<end)
            case 2: body.insert(contentsOf: Self.tokens[random.below(Self.tokens.count)], at: at)
            case 3: body.insert(contentsOf: body[at..<end], at: random.below(body.count + 1))
            case 4: body.removeSubrange(at...)
            case 5: if at < body.count { body[at] ^= 1 << UInt8(random.below(8)) }
            default:
                body.replaceSubrange(at..<end, with: Self.tokens[random.below(Self.tokens.count)])
            }
        }
        return body
    }

    /// Decodes, and checks whatever was accepted; true where something was.
    private func survives(_ operation: String, _ body: [UInt8], _ seed: UInt64) -> Bool {
        do throws(ServiceError) {
            let request = try decode(operation, body)
            guard let put = request.putItem else { return true }
            var names: Set<[UInt8]> = []
            put.item.forEachAttribute { name, _ in names.insert(Array(put.item.bytes[name])) }
            #expect(names.count == put.item.count, "seed \(seed): \(body)")
            #expect(ItemBytes(untrusted: put.item.bytes) != nil, "seed \(seed): \(body)")
            return true
        } catch {
            let isDefined =
                error.code == "SerializationException" || error.code == "ValidationException"
            #expect(isDefined, "seed \(seed): \(error) of \(body)")
            return false
        }
    }

    @Test("Mutated bodies and random bytes", .timeLimit(.minutes(60)))
    func fuzz() throws {
        let extra = ProcessInfo.processInfo.environment["BASALT_FUZZ_SECONDS"]
        let seconds = extra.flatMap { Double($0) } ?? 2
        let randomSeed = UInt64.random(in: 0...UInt64.max)
        print("WireFuzzTests seeds: 42 and \(randomSeed)")
        for seed in [42, randomSeed] {
            var random = RandomItems(seed: seed)
            let deadline = ContinuousClock.now + .seconds(seconds / 2)
            var accepted = 0
            var refused = 0
            while ContinuousClock.now < deadline {
                let (operation, body) = Self.valid[random.below(Self.valid.count)]
                let isMutation = random.below(8) > 0
                let bytes = isMutation ? mutated(Array(body.utf8), &random) : random.data()
                if survives(operation, bytes, seed) { accepted += 1 } else { refused += 1 }
            }
            // Both ways must have been tried, or the fuzzer tests nothing.
            #expect(accepted > 0 && refused > 0, "seed \(seed)")
        }
    }

    @Test("The bodies that the fuzzer starts from are valid")
    func seedsAreValid() throws {
        for (operation, body) in Self.valid { _ = try decode(operation, body) }
    }

    @Test("Every prefix of a valid body is refused, and said to be no JSON")
    func prefixes() {
        for (operation, body) in Self.valid {
            let bytes = Array(body.utf8)
            for count in 0..<bytes.count {
                #expect(
                    refusal(operation, Array(bytes.prefix(count)))?.code
                        == "SerializationException")
            }
        }
    }
}
