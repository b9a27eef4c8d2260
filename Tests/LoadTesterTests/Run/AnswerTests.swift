import NIOCore
import Testing

@testable import LoadTester

@Suite("Answers")
struct AnswerTests {
    private func scan<Result>(_ text: String, _ body: (AnswerScanner.Answer) -> Result) -> Result {
        Array(text.utf8).withUnsafeBytes { bytes in
            var scanner = AnswerScanner(bytes)
            return body(scanner.answer())
        }
    }

    @Test("units of a table and its indexes, wherever they stand in the answer")
    func consumed() {
        let text = #"""
            {"Items": [{"a": {"S": "\"}]{ConsumedCapacity"}}], "Count": 3, "ScannedCount": 12,
             "ConsumedCapacity": {"TableName": "shop", "CapacityUnits": 4.5,
              "Table": {"CapacityUnits": 1.0},
              "GlobalSecondaryIndexes": {"by-date": {"CapacityUnits": 2.0}},
              "LocalSecondaryIndexes": {"by-size": {"CapacityUnits": 1.5}}}, "x": null}
            """#
        scan(text) { answer in
            #expect(answer.count == 3)
            #expect(answer.scannedCount == 12)
            let told = answer.consumed.map {
                String(decoding: $0.table, as: UTF8.self) + "/"
                    + ($0.index.map { String(decoding: $0, as: UTF8.self) } ?? "") + "=\($0.units)"
            }
            #expect(told == ["shop/=1.0", "shop/by-date=2.0", "shop/by-size=1.5"])
        }
    }

    @Test("a list of tables, transactional halves, exponents, leftovers")
    func lists() {
        let text = #"""
            {"ConsumedCapacity":[{"TableName":"a","CapacityUnits":1.2E3,"WriteCapacityUnits":0.5},
            {"TableName":"b","CapacityUnits":2}],"UnprocessedItems":{"a":[{}]}}
            """#
        scan(text) { answer in
            #expect(answer.consumed.map(\.units) == [1_200, 2])
            #expect(answer.consumed.map(\.writeUnits) == [0.5, nil])
            #expect(answer.hasUnprocessed)
        }
        scan(#"{"UnprocessedKeys": { } }"#) { #expect(!$0.hasUnprocessed) }
    }

    @Test(
        "the size of an item is what the service counts",
        arguments: [
            (#"{"Item":{"a":{"S":"x\u00e9\"\ud83d\ude00"}}}"#, 1 + 1 + 2 + 1 + 4),
            (#"{"Item":{"n":{"N":"123456"},"b":{"B":"AAEC"}}}"#, 1 + 4 + 1 + 3),
            (#"{"Item":{"l":{"L":[{"BOOL":true},{"NULL":true}]}}}"#, 1 + 3 + 4),
            (#"{"Item":{"m":{"M":{"k":{"S":"v"}}},"s":{"SS":["ab","c"]}}}"#, 1 + 6 + 1 + 3),
        ])
    func sizes(text: String, size: Int) {
        scan(text) { #expect($0.itemByteCount == size) }
    }

    @Test("no text at all brings the scanner to an end that isn't one")
    func damaged() {
        let whole = #"{"ConsumedCapacity":{"TableName":"a\\","CapacityUnits":1.0},"Item":{"a":[1,{"#
        for count in 0...whole.utf8.count {
            scan(String(whole.prefix(count))) { #expect($0.consumed.count <= 1) }
        }
        for text in ["]", "}", ":,", #"{"a"}"#, #"{"a":}"#, #"{"Item":{"a":{"L":[[[[["#] {
            scan(text) { #expect($0.count == 0) }
        }
    }

    // MARK: HTTP

    @Test("answers are read whole however they come in pieces", arguments: [1, 2, 7, 1_000])
    func pieces(size: Int) throws {
        let text =
            "HTTP/1.1 200 OK\r\nx: y\r\nContent-Length: 5\r\n\r\nhello"
            + "HTTP/1.1 400 Bad Request\r\ncontent-length:2\r\nConnection: close\r\n\r\n{}"
        var reader = AnswerReader()
        var told: [String] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            var part = ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)])
            reader.append(&part)
            while let answer = try reader.next() {
                let body = reader.take(answer) { String(decoding: $0, as: UTF8.self) }
                told.append("\(answer.status) \(body) \(answer.closesConnection)")
            }
        }
        #expect(told == ["200 hello false", "400 {} true"])
    }

    @Test(
        "what is no HTTP with a length is refused",
        arguments: [
            "SSH-2.0-OpenSSH_9.2p1 Debian", "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 abc OK\r\nContent-Length: 1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ])
    func refused(text: String) {
        var reader = AnswerReader()
        var part = ByteBuffer(string: text)
        reader.append(&part)
        #expect(throws: AnswerReader.Fault.self) { _ = try reader.next() }
    }

    @Test("an error's code and a throttle's reasons")
    func failures() {
        func outcome(_ text: String) -> CompletedRequest.Outcome {
            Array(text.utf8).withUnsafeBytes { AnswerReading.failure(status: 400, body: $0) }
        }
        #expect(
            outcome(
                #"{"__type":"a#ThrottlingException","throttlingReasons":[{"reason":"R1"}]}"#)
                == .failure(code: "ThrottlingException", reasons: ["R1"]))
        #expect(
            outcome(
                #"{"__type":"TransactionCanceledException","CancellationReasons":[{"Code":"None"},{"Code":"ThrottlingError"}]}"#
            ) == .failure(code: "TransactionCanceledException", reasons: ["ThrottlingError"]))
        #expect(outcome("<html>") == .failure(code: "HTTP400", reasons: []))
    }

    @Test("what counts as a throttle, and under which reasons")
    func throttles() {
        var record = PatternRecord(resourceCount: 0)
        func add(_ code: String, _ reasons: [String] = []) {
            record.add(
                CompletedRequest(
                    pattern: 0, phase: 0, due: 0, sent: 0, answered: 1,
                    outcome: .failure(code: code, reasons: reasons), consumed: []))
        }
        add("ProvisionedThroughputExceededException", ["TableReadProvisionedThroughputExceeded"])
        add("RequestLimitExceeded")
        add("UnprocessedItems")
        add("UnprocessedKeys")
        add("TransactionCanceledException", ["ThrottlingError"])
        add("TransactionCanceledException", ["ConditionalCheckFailed"])
        add("TransactionCanceledException", ["TransactionConflict"])
        add("IncompletePage")
        #expect(record.throttleCount == 5)
        #expect(record.errors == ["TransactionCanceledException": 2, "IncompletePage": 1])
        #expect(
            Set(record.throttleReasons.keys) == [
                "TableReadProvisionedThroughputExceeded", "RequestLimitExceeded",
                "UnprocessedItems", "UnprocessedKeys", "ThrottlingError",
            ])
    }

    @Test("a batch that isn't done whole")
    func leftovers() throws {
        let file = try DesignFile(
            reading: """
                rate: 10
                tables:
                  - TableName: items
                    AttributeDefinitions: [{AttributeName: id, AttributeType: N}]
                    KeySchema: [{AttributeName: id, KeyType: HASH}]
                patterns:
                  - {name: r, operation: BatchGetItem, table: items, key: {id: "{index}"}}
                  - {name: w, operation: BatchWriteItem, table: items, item: {id: "{index}"}}
                """, name: "test")
        let reading = AnswerReading(design: file.design, workload: file.workload)
        func outcome(_ pattern: Int, _ text: String) -> CompletedRequest.Outcome {
            let request = PreparedRequest(
                operation: "", pattern: pattern, phase: 0, due: 0, body: [], falls: [],
                itemByteCount: 0)
            var completed = CompletedRequest(
                pattern: pattern, phase: 0, due: 0, sent: 0, answered: 1, outcome: .success,
                consumed: [])
            Array(text.utf8).withUnsafeBytes {
                reading.read(status: 200, body: $0, of: request, into: &completed)
            }
            return completed.outcome
        }
        let keys = #"{"UnprocessedKeys":{"items":{"Keys":[{"id":{"N":"1"}}]}}"#
        #expect(outcome(0, keys + "}") == .failure(code: "UnprocessedKeys", reasons: []))
        let page = keys + #","Responses":""# + String(repeating: "x", count: 16_500_000) + "\"}"
        #expect(outcome(0, page) == .failure(code: "IncompletePage", reasons: []))
        #expect(
            outcome(1, #"{"UnprocessedItems":{"items":[{}]}}"#)
                == .failure(code: "UnprocessedItems", reasons: []))
        #expect(outcome(1, #"{"UnprocessedItems":{}}"#) == .success)
    }
}
