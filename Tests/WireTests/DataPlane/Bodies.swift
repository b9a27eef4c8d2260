import Items
import Operations
import TestSupport
import Testing

@testable import Wire

/// Decodes a body for an operation of DynamoDB or DynamoDB Streams.
func decode(_ operation: String, _ body: String) throws(ServiceError) -> OperationRequest {
    try decode(operation, Array(body.utf8))
}

func decode(_ operation: String, _ body: [UInt8]) throws(ServiceError) -> OperationRequest {
    try body.withUnsafeBufferPointer { bytes throws(ServiceError) in
        try WireCodec.decode(
            target: WireCodec.target(operation: operation), body: UnsafeRawBufferPointer(bytes))
    }
}

/// The error of a body that must be refused.
func refusal(
    _ operation: String, _ body: [UInt8], at location: SourceLocation = #_sourceLocation
) -> ServiceError? {
    do throws(ServiceError) {
        _ = try decode(operation, body)
        Issue.record("accepted", sourceLocation: location)
        return nil
    } catch {
        return error
    }
}

func refusal(
    _ operation: String, _ body: String, at location: SourceLocation = #_sourceLocation
) -> ServiceError? {
    refusal(operation, Array(body.utf8), at: location)
}

/// A PutItem with this JSON as its Item.
func put(_ item: String) throws -> PutItemRequest {
    try #require(try decode("PutItem", #"{"TableName":"Music","Item":\#(item)}"#).putItem)
}

/// The answer's JSON.
func encode(_ response: OperationResponse) -> String {
    var output: [UInt8] = []
    WireCodec.encode(response, into: &output)
    return String(decoding: output, as: UTF8.self)
}

extension OperationRequest {
    var getItem: GetItemRequest? { if case .getItem(let request) = self { request } else { nil } }
    var putItem: PutItemRequest? { if case .putItem(let request) = self { request } else { nil } }
    var updateItem: UpdateItemRequest? {
        if case .updateItem(let request) = self { request } else { nil }
    }
    var deleteItem: DeleteItemRequest? {
        if case .deleteItem(let request) = self { request } else { nil }
    }
    var query: QueryRequest? { if case .query(let request) = self { request } else { nil } }
    var scan: ScanRequest? { if case .scan(let request) = self { request } else { nil } }
    var batchGetItem: BatchGetItemRequest? {
        if case .batchGetItem(let request) = self { request } else { nil }
    }
    var batchWriteItem: BatchWriteItemRequest? {
        if case .batchWriteItem(let request) = self { request } else { nil }
    }
    var transactWriteItems: TransactWriteItemsRequest? {
        if case .transactWriteItems(let request) = self { request } else { nil }
    }
    var transactGetItems: TransactGetItemsRequest? {
        if case .transactGetItems(let request) = self { request } else { nil }
    }
    var executeStatement: ExecuteStatementRequest? {
        if case .executeStatement(let request) = self { request } else { nil }
    }
    var batchExecuteStatement: BatchExecuteStatementRequest? {
        if case .batchExecuteStatement(let request) = self { request } else { nil }
    }
    var executeTransaction: ExecuteTransactionRequest? {
        if case .executeTransaction(let request) = self { request } else { nil }
    }
}

/// Random items of every type.
struct RandomItems {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }

    mutating func text() -> String {
        let alphabet: [Unicode.Scalar] = [
            "a", "Z", "0", " ", "\"", "\\", "/", "\n", "\t", "\u{0}", "\u{1F}", "\u{7F}", "é",
            "ß", "\u{2028}", "日", "\u{FFFF}", "𝄞", "😀", "b", "c", "d", "e", "f", "g", "h",
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<below(40) { text.append(alphabet[below(alphabet.count)]) }
        return String(text)
    }

    mutating func number() -> DecimalNumber {
        let digits = (0..<(1 + below(38))).map { _ in UInt8(below(10)) }
        let exponent = below(4) == 0 ? below(200) - 100 : below(10) - 3
        let number = try? DecimalNumber(
            checking: digits, isNegative: below(2) == 0, exponent: exponent)
        return number ?? .zero
    }

    mutating func data() -> [UInt8] { (0..<below(50)).map { _ in UInt8(below(256)) } }

    mutating func value(depth: Int = 0) -> AttributeValue {
        switch below(depth > 4 ? 8 : 10) {
        case 0: return .string(text())
        case 1: return .number(number())
        case 2: return .binary(data())
        case 3: return .bool(below(2) == 0)
        case 4: return .null
        case 5: return .stringSet((0...below(5)).map { "\($0)" + text() })
        case 6: return .numberSet((0...below(5)).map { DecimalNumber($0 * 7 - 3) })
        case 7: return .binarySet((0...below(5)).map { [UInt8($0)] + data() })
        case 8: return .list((0..<below(5)).map { _ in value(depth: depth + 1) })
        default:
            return .map(
                Dictionary(
                    uniqueKeysWithValues: (0..<below(5)).map {
                        ("m\($0)" + text(), value(depth: depth + 1))
                    }))
        }
    }

    mutating func item() -> ItemBytes {
        ItemBytes((0..<below(12)).map { (key: "a\($0)" + text(), value: value()) })
    }
}
