/// The table and the requests that all benchmarks measure with.
///
/// One on-demand table with a string partition key. An item has ten attributes of mixed types
/// (S, N, B, BOOL, a small M and L) and a DynamoDB size of about 1,000 bytes: one write unit.
public enum BenchmarkTable {
    /// The table's name.
    public static let name = "bench"

    /// Keys have this many digits behind their prefix, so that all are of one length.
    static let keyDigitCount = 10

    /// The partition key of an item, by its index.
    public static func key(_ index: Int) -> String {
        let digits = String(index)
        let padding = String(repeating: "0", count: max(0, keyDigitCount - digits.count))
        return "item#" + padding + digits
    }

    /// The body of a CreateTable for the table.
    public static let createTable = createTable(more: "")

    /// The body of a CreateTable for the table with a stream of the costliest view.
    public static let createTableWithStream = createTable(
        more: #","StreamSpecification":{"StreamEnabled":true,"#
            + #""StreamViewType":"NEW_AND_OLD_IMAGES"}"#)

    private static func createTable(more: String) -> String {
        #"{"TableName":"\#(name)","AttributeDefinitions":[{"AttributeName":"pk","#
            + #""AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"#
            + #""BillingMode":"PAY_PER_REQUEST"\#(more)}"#
    }

    /// The body of a GetItem.
    public static func getItem(_ index: Int) -> String {
        #"{"TableName":"\#(name)","Key":{"pk":{"S":"\#(key(index))"}}}"#
    }

    /// The body of a PutItem of the 1 KB item.
    public static func putItem(_ index: Int, using generator: inout SeededGenerator) -> String {
        #"{"TableName":"\#(name)","Item":\#(item(index, using: &generator))}"#
    }

    /// The body of a conditional UpdateItem that sets two attributes and adds to a third.
    public static func updateItem(_ index: Int) -> String {
        #"{"TableName":"\#(name)","Key":{"pk":{"S":"\#(key(index))"}},"UpdateExpression":"#
            + ##""SET #t = :t, price = :p ADD quantity :one","ConditionExpression":"##
            + ##""attribute_exists(pk)","ExpressionAttributeNames":{"#t":"title"},"##
            + #""ExpressionAttributeValues":{":t":{"S":"A new title"},":p":{"N":"21.5"},"#
            + #"":one":{"N":"1"}},"ReturnValues":"UPDATED_NEW"}"#
    }

    /// The body of a Query of one partition with a filter.
    public static func query(_ index: Int) -> String {
        #"{"TableName":"\#(name)","KeyConditionExpression":"pk = :k","FilterExpression":"#
            + #""price BETWEEN :low AND :high","ExpressionAttributeValues":{":k":{"S":"#
            + #""\#(key(index))"},":low":{"N":"1"},":high":{"N":"5000"}},"Limit":100,"#
            + #""ReturnConsumedCapacity":"TOTAL"}"#
    }

    /// The 1 KB item in the service's JSON.
    public static func item(_ index: Int, using generator: inout SeededGenerator) -> String {
        let price = "\(Int.random(in: 100...4_999, using: &generator)).95"
        let members = [
            #""pk":{"S":"\#(key(index))"}"#,
            #""title":{"S":"\#(text(48, using: &generator))"}"#,
            #""description":{"S":"\#(text(448, using: &generator))"}"#,
            #""price":{"N":"\#(price)"}"#,
            #""quantity":{"N":"\#(Int.random(in: 10...99, using: &generator))"}"#,
            #""active":{"BOOL":\#(Bool.random(using: &generator))}"#,
            #""payload":{"B":"\#(base64(groups: 85, using: &generator))"}"#,
            #""tags":{"L":[{"S":"\#(text(8, using: &generator))"},"#
                + #"{"S":"\#(text(8, using: &generator))"},{"N":"7"}]}"#,
            #""dimensions":{"M":{"width":{"N":"12.5"},"height":{"N":"30"},"unit":{"S":"cm"}}}"#,
            #""createdAt":{"S":"2026-09-\#(Int.random(in: 10...28, using: &generator))T10:00:00Z"}"#,
        ]
        return "{" + members.joined(separator: ",") + "}"
    }

    /// Words of lower-case letters.
    private static func text(_ count: Int, using generator: inout SeededGenerator) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for position in 0..<count {
            let isGap = position % 7 == 6 && position != count - 1
            bytes.append(isGap ? UInt8(ascii: " ") : UInt8.random(in: 97...122, using: &generator))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Base64 of random bytes: 3 per group of 4 characters.
    private static func base64(
        groups: Int, using generator: inout SeededGenerator
    ) -> String {
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let bytes = (0..<(groups * 4)).map { _ in
            alphabet[Int.random(in: 0..<64, using: &generator)]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
