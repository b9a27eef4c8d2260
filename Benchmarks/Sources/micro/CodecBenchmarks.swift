import Expressions
import Items
import Operations
import Wire
import Workload

/// JSON to requests, items to JSON, numbers and expressions: no store, no thread.
struct CodecBenchmarks {
    private static let target = "DynamoDB_20120810."

    private let item: ItemBytes
    private let putBody: [UInt8]

    init() throws {
        var generator = SeededGenerator(seed: 1)
        putBody = Array(BenchmarkTable.putItem(0, using: &generator).utf8)
        item = try Self.item(of: putBody)
    }

    private static func item(of body: [UInt8]) throws -> ItemBytes {
        guard case .putItem(let request) = try decode("PutItem", body) else {
            throw BenchmarkError("PutItem was decoded as something else")
        }
        return request.item
    }

    static func decode(_ operation: String, _ body: [UInt8]) throws -> OperationRequest {
        try body.withUnsafeBytes { try WireCodec.decode(target: target + operation, body: $0) }
    }

    func run(_ measurement: inout Measurement) throws {
        try decoding(&measurement)
        encoding(&measurement)
        try expressions(&measurement)
        try numbers(&measurement)
        lookup(&measurement)
    }

    private func decoding(_ measurement: inout Measurement) throws {
        let bodies = [
            ("GetItem", Array(BenchmarkTable.getItem(0).utf8)), ("PutItem 1 KB", putBody),
            ("UpdateItem", Array(BenchmarkTable.updateItem(0).utf8)),
            ("Query", Array(BenchmarkTable.query(0).utf8)),
        ]
        for (name, body) in bodies {
            let operation = name.prefix { $0 != " " }
            let target = Self.target + operation
            try measurement.measure("decode \(name)") {
                try body.withUnsafeBytes { try WireCodec.decode(target: target, body: $0) }
            }
        }
    }

    private func encoding(_ measurement: inout Measurement) {
        let response = OperationResponse.getItem(GetItemResponse(item: item))
        var output: [UInt8] = []
        measurement.measure("encode item 1 KB") {
            output.removeAll(keepingCapacity: true)
            WireCodec.encode(response, into: &output)
        }
    }

    private func expressions(_ measurement: inout Measurement) throws {
        let values: [String: ItemValue] = [
            ":low": ItemValue(.number(DecimalNumber(1))),
            ":high": ItemValue(.number(DecimalNumber(5_000))), ":unit": ItemValue(.string("cm")),
        ]
        let text =
            "price BETWEEN :low AND :high AND dimensions.#u = :unit AND NOT contains(tags, :unit)"
        let scope = ExpressionScope(names: ["#u": "unit"], values: values)
        let texts = (0..<5_000).map { "\(text) AND size(tags[\($0)]) < :high" }
        var next = 0
        try measurement.measure("parse condition, text seen before") {
            var scope = scope
            return try Condition.parse(text, as: .condition, scope: &scope)
        }
        try measurement.measure("parse condition, text not seen before") {
            var scope = scope
            next = (next + 1) % texts.count
            return try Condition.parse(texts[next], as: .condition, scope: &scope)
        }
        var used = scope
        let condition = try Condition.parse(text, as: .condition, scope: &used)
        guard condition.evaluate(item) else {
            throw BenchmarkError("the condition to evaluate does not hold")
        }
        measurement.measure("evaluate condition") { condition.evaluate(item) }
    }

    private func numbers(_ measurement: inout Measurement) throws {
        let text = Array("-1234567.8901234".utf8)
        var output: [UInt8] = []
        try text.withUnsafeBufferPointer { text in
            try measurement.measure("encode number") {
                output.removeAll(keepingCapacity: true)
                try DecimalNumber.appendEncoded(text: text, to: &output)
            }
        }
    }

    private func lookup(_ measurement: inout Measurement) {
        measurement.measure("look up the item's last attribute") {
            item.value(named: "createdAt")
        }
    }
}

/// Why a benchmark cannot be trusted: one sentence.
struct BenchmarkError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
