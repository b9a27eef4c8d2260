package import Wire

/// Which items, and what of them, a transfer reads: the expressions of its scans, or of its query.
package struct ScanSelection: Sendable, Hashable {
    /// The condition on a key: with it only one partition key's items are read, by Query.
    package var keyCondition: String?
    package var filter: String?
    package var projection: String?
    /// ExpressionAttributeNames and ExpressionAttributeValues as requests have them.
    package var names: JSONValue?
    package var values: JSONValue?
    /// The attributes at the top that the projection asks for, in its order; nil without one.
    package var columns: [String]?

    package init(
        keyCondition: String? = nil, filter: String? = nil, projection: String? = nil,
        names: JSONValue? = nil, values: JSONValue? = nil, columns: [String]? = nil
    ) {
        self.keyCondition = keyCondition
        self.filter = filter
        self.projection = projection
        self.names = names
        self.values = values
        self.columns = columns
    }

    package static let everything = ScanSelection()

    /// Whether all items are read and none is left out.
    var hasAllItems: Bool { keyCondition == nil && filter == nil }
    /// The operation that reads.
    var operation: String { keyCondition == nil ? "Scan" : "Query" }

    /// Attribute by attribute: of an item only these.
    static func attributes(_ attributes: [String]) -> ScanSelection {
        let places = attributes.indices.map { "#k\($0)" }
        return ScanSelection(
            projection: places.joined(separator: ","),
            names: .object(zip(places, attributes).map { ($0, .string($1)) }),
            columns: attributes)
    }

    var members: [(String, JSONValue?)] {
        [
            ("KeyConditionExpression", keyCondition.map { .string($0) }),
            ("FilterExpression", filter.map { .string($0) }),
            ("ProjectionExpression", projection.map { .string($0) }),
            ("ExpressionAttributeNames", names), ("ExpressionAttributeValues", values),
        ]
    }

    /// As a checkpoint keeps it, to see whether a transfer that goes on is the same.
    var text: String {
        let told = JSONValue.object(present: members)
        return String(decoding: told.encoded, as: UTF8.self)
    }
}
