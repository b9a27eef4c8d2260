internal import Wire

/// What resources are known by, as far as they are deployed.
struct KnownValues: ResourceDirectory {
    private struct Entry {
        var reference: String
        var attributes: [String: String]
        /// Whether it isn't there, and attributes are made up.
        var isGuessed: Bool
    }

    private var entries: [String: Entry] = [:]
    /// `Function.Alias` and the like.
    var synonyms: [String: String] = [:]

    mutating func set(
        _ logicalID: String, reference: String, attributes: [String: String], isGuessed: Bool
    ) {
        entries[logicalID] = Entry(
            reference: reference, attributes: attributes, isGuessed: isGuessed)
    }

    func reference(_ logicalID: String) throws(TemplateError) -> JSONValue? {
        if let entry = entries[synonyms[logicalID] ?? logicalID] {
            return .string(entry.reference)
        }
        // SAM makes these of events that aren't carried out.
        if logicalID.hasPrefix("Serverless"), logicalID.contains("Api") {
            return .string(logicalID)
        }
        return nil
    }

    func attribute(_ name: String, of logicalID: String) throws(TemplateError) -> JSONValue? {
        guard let entry = entries[synonyms[logicalID] ?? logicalID] else {
            if logicalID.hasPrefix("Serverless"), logicalID.contains("Api") {
                return .string("\(logicalID).\(name)")
            }
            return nil
        }
        if let value = entry.attributes[name] { return .string(value) }
        if entry.isGuessed { return .string("\(entry.reference).\(name)") }
        let known = entry.attributes.keys.sorted().joined(separator: ", ")
        throw TemplateError(
            "\(logicalID) has no attribute \(name)"
                + (known.isEmpty ? "" : "; it has \(known)"))
    }
}

/// What a resource that isn't carried out, or not yet, would be known by.
enum SkippedNames {
    /// The name that the template gives it.
    static func name(of resource: ResolvedResource) -> String? {
        for property in ["QueueName", "TopicName", "BucketName", "FunctionName", "Name"] {
            if let name = resource.text(property) { return name }
        }
        return nil
    }

    static func values(
        type: String, name: String, place: TemplateScope.Place
    ) -> (reference: String, attributes: [String: String]) {
        switch type {
        case "AWS::SQS::Queue":
            let url = "https://sqs.\(place.region).amazonaws.com/\(place.accountID)/\(name)"
            return (url, ["Arn": place.arn("sqs", name), "QueueName": name, "QueueUrl": url])
        case "AWS::SNS::Topic":
            let arn = place.arn("sns", name)
            return (arn, ["TopicArn": arn, "TopicName": name])
        case "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable":
            let arn = place.arn("dynamodb", "table/\(name)")
            return (name, ["Arn": arn, "StreamArn": arn + "/stream/2000-01-01T00:00:00.000"])
        case "AWS::S3::Bucket":
            let bucket = name.lowercased()
            return (bucket, ["Arn": "arn:\(place.partition):s3:::\(bucket)"])
        case "AWS::Lambda::Function":
            return (name, ["Arn": place.arn("lambda", "function:\(name)")])
        default:
            let service = type.split(separator: ":").dropFirst().first.map { $0.lowercased() }
            return (name, ["Arn": place.arn(service ?? "unknown", name)])
        }
    }
}
