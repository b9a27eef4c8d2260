internal import Expressions
internal import FoundationEssentials
internal import Items
internal import Operations

/// What a request does with items of one table or index: the values of DynamoDB's condition keys.
///
/// Everything is worked out when a policy asks for it, and not before.
struct ItemAccess: Sendable {
    /// An expression, and where its placeholders are told.
    struct Expression: Sendable {
        var text: String
        var kind: ExpressionKind
        var names: [String: String]?
    }

    var tableName: String
    var indexName: String?
    /// Keys, or whole items that are put.
    var keys: [ItemBytes] = []
    /// Attributes that are named by themselves.
    var attributes: [String] = []
    var expressions: [Expression] = []
    /// `ALL_ATTRIBUTES` and its like; nil for operations that have no Select.
    var select: String?
    var returnValues: String?
    var returnConsumedCapacity: String?
    /// The operation around the action: TransactWriteItems.
    var enclosingOperation: String?
    var fullTableScan: Bool?
    /// Values of HASH attributes, given beside keys: by a key condition or a WHERE.
    var partitionValues: (@Sendable (_ hash: [String]) -> [[ItemValue]])?

    init(_ tableName: String, index: String? = nil) {
        self.tableName = tableName
        indexName = index
    }

    mutating func add(_ text: String?, _ kind: ExpressionKind, _ names: [String: String]?) {
        guard let text else { return }
        expressions.append(Expression(text: text, kind: kind, names: names))
    }

    /// The values of a condition key, whose name is given in lower case.
    ///
    /// - Parameter hash: the HASH attributes of the table or index; nil where there is no table.
    func value(_ key: String, hash: [String]?) -> [String]? {
        switch key {
        case "dynamodb:attributes": return namedAttributes
        case "dynamodb:select": return select.map { [$0] }
        case "dynamodb:returnvalues": return returnValues.map { [$0] }
        case "dynamodb:returnconsumedcapacity": return returnConsumedCapacity.map { [$0] }
        case "dynamodb:enclosingoperation": return enclosingOperation.map { [$0] }
        case "dynamodb:fulltablescan": return fullTableScan.map { ["\($0)"] }
        case "dynamodb:leadingkeys", "dynamodb:firstpartitionkeyvalues":
            return keyValues(0, hash)
        case "dynamodb:secondpartitionkeyvalues": return keyValues(1, hash)
        case "dynamodb:thirdpartitionkeyvalues": return keyValues(2, hash)
        case "dynamodb:fourthpartitionkeyvalues": return keyValues(3, hash)
        default: return nil
        }
    }

    private var namedAttributes: [String]? {
        var names = Set(attributes)
        for key in keys { names.formUnion(key.names) }
        for expression in expressions {
            names.formUnion(
                NamedAttributes.of(
                    expression.text, kind: expression.kind, names: expression.names) ?? [])
        }
        return names.isEmpty ? nil : names.sorted()
    }

    private func keyValues(_ place: Int, _ hash: [String]?) -> [String]? {
        guard let hash, place < hash.count else { return nil }
        var values: [String] = []
        for key in keys {
            if let value = key.value(named: hash[place]) { values.append(Self.text(value)) }
        }
        for combination in partitionValues?(hash) ?? [] where place < combination.count {
            values.append(Self.text(combination[place]))
        }
        var seen: Set<String> = []
        values = values.filter { seen.insert($0).inserted }
        return values.isEmpty ? nil : values
    }

    /// A key's value as policies write it: numbers in plain digits, bytes in Base64.
    private static func text(_ value: ItemValue) -> String {
        if let string = value.string { return string }
        if let number = value.number { return number.description }
        return Data(value.scalar).base64EncodedString()
    }
}
