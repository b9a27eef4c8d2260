/// How items are printed: `--format`.
package enum OutputFormat: String, Sendable, Hashable, CaseIterable {
    /// Aligned columns, for people.
    case table
    /// One array of plain JSON values.
    case json
    /// One array of DynamoDB JSON.
    case dynamodb
    /// A plain JSON object a line, for pipes.
    case jsonl
    case csv
}
