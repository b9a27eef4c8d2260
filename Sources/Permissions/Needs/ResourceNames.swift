internal import Operations

/// The ARNs of what requests name, by name or by ARN.
struct ResourceNames: Sendable {
    let accountID: String
    let region: String

    /// A table's ARN.
    func table(_ name: String) -> String {
        name.hasPrefix("arn:")
            ? Self.normal(name) : "arn:aws:dynamodb:\(region):\(accountID):table/\(name)"
    }

    /// An ARN of DynamoDB with the one partition that policies here are written for: the engine
    /// takes the names of the others as well, and they must not lead past a policy.
    static func normal(_ arn: String) -> String {
        let parts = arn.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "arn", parts[2].hasPrefix("dynamodb:") else {
            return arn
        }
        return "arn:aws:\(parts[2])"
    }

    /// An index's ARN, or the table's where there is no index.
    func index(_ index: String?, of table: String) -> String {
        self.table(table) + (index.map { "/index/\($0)" } ?? "")
    }

    /// The ARN of a function that is named by name, partial ARN or ARN, with a qualifier perhaps.
    func function(_ name: String, qualifier: String?) -> String {
        var arn: String
        if name.hasPrefix("arn:") {
            arn = name
        } else if let range = name.firstRange(of: ":function:") {
            arn =
                "arn:aws:lambda:\(region):\(name[..<range.lowerBound]):function:"
                + name[range.upperBound...]
        } else {
            arn = "arn:aws:lambda:\(region):\(accountID):function:\(name)"
        }
        if let qualifier, arn.split(separator: ":", omittingEmptySubsequences: false).count < 8 {
            arn += ":\(qualifier)"
        }
        return arn
    }

    /// The table's name and region of a table's, index's or stream's ARN; nil for any other.
    static func table(inARN arn: String) -> (name: String, region: String)? {
        guard let arn = ResourceARN(arn), arn.service == "dynamodb",
            arn.resource.hasPrefix("table/")
        else { return nil }
        let name = arn.resource.dropFirst("table/".count).prefix { $0 != "/" }
        return (String(name), arn.region)
    }
}
