/// A function as a name, partial ARN or ARN names it, with or without a qualifier.
struct FunctionReference: Sendable, Hashable {
    var region: String?
    var accountID: String?
    var name: String
    var qualifier: String?

    /// nil for what is in none of the forms.
    init?(_ text: String) {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard !parts.contains("") else { return nil }
        if parts.first == "arn" {
            guard parts.count >= 7, parts[2] == "lambda", parts[5] == "function" else { return nil }
            region = parts[3]
            accountID = parts[4]
            parts.removeFirst(6)
        } else if let word = parts.firstIndex(of: "function"), word <= 2, parts.count > word + 1 {
            // region:account:function:name, account:function:name, function:name
            if word >= 1 { accountID = parts[word - 1] }
            if word == 2 { region = parts[0] }
            parts.removeFirst(word + 1)
        }
        guard parts.count == 1 || parts.count == 2 else { return nil }
        name = parts[0]
        qualifier = parts.count == 2 ? parts[1] : nil
    }

    func arn(region defaultRegion: String, accountID defaultAccountID: String) -> String {
        let suffix = qualifier.map { ":\($0)" } ?? ""
        return "arn:aws:lambda:\(region ?? defaultRegion):\(accountID ?? defaultAccountID)"
            + ":function:\(name)\(suffix)"
    }
}
