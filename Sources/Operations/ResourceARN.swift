/// The parts of an ARN: `arn:aws:sqs:us-east-1:000000000000:orders`.
package struct ResourceARN: Sendable, Hashable {
    package let partition: String
    package let service: String
    /// Empty where the ARN names none, as a bucket's.
    package let region: String
    /// Empty where the ARN names none, as a bucket's.
    package let accountID: String
    /// All that follows, colons and slashes included.
    package let resource: String

    /// What follows, taken apart at its colons: `function`, `orders`, `live`.
    package var resourceParts: [String] {
        resource.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    }

    /// nil for what is no ARN.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", !parts[1].isEmpty, !parts[2].isEmpty,
            !parts[5].isEmpty
        else { return nil }
        partition = String(parts[1])
        service = String(parts[2])
        region = String(parts[3])
        accountID = String(parts[4])
        resource = String(parts[5])
    }
}
