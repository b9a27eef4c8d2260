internal import Operations
internal import Wire

/// The tags of functions, and, by their keeper, of event source mappings.
extension LambdaAPI {
    private static let tagsMax = 50

    static func check(_ tags: [String: String]) throws(ServiceError) {
        guard tags.count <= tagsMax else {
            throw .invalidParameterValue("Number of tags exceeds resource tag limit.")
        }
        for (key, value) in tags {
            guard (1...128).contains(key.utf16.count), !key.lowercased().hasPrefix("aws:") else {
                throw .invalidParameterValue("The tag key is invalid: \(key)")
            }
            guard value.utf16.count <= 256 else {
                throw .invalidParameterValue("The tag value of \(key) is too long.")
            }
        }
    }

    func tagging(_ input: LambdaInput) async throws(ServiceError) -> RESTResponse {
        let arn = input.string("Resource") ?? ""
        var changes: [String: String?] = [:]
        switch input.operation {
        case "TagResource":
            for (key, value) in input.texts("Tags") ?? [:] { changes[key] = .some(value) }
            try Self.check(changes.compactMapValues { $0 })
        case "UntagResource":
            for key in input.list("TagKeys") ?? [] { changes[key] = .some(nil) }
        default:
            return RESTResponse(
                json: .object([("Tags", .texts(try await tags(of: arn, input)))]))
        }
        if let tagKeeper, tagKeeper.keepsTags(of: arn) {
            try await tagKeeper.changeTags(of: arn, changes, region: input.region)
        } else {
            let wanted = changes
            try await catalogue.onThread { () throws(ServiceError) in
                try self.changeTags(wanted, of: arn, input)
            }
        }
        return RESTResponse(status: 204)
    }

    private func tags(
        of arn: String, _ input: LambdaInput
    ) async throws(ServiceError) -> [String: String] {
        if let tagKeeper, tagKeeper.keepsTags(of: arn) {
            return try await tagKeeper.tags(of: arn, region: input.region)
        }
        return try tagged(arn, input, in: catalogue.snapshot).tags
    }

    private func tagged(
        _ arn: String, _ input: LambdaInput, in state: FunctionCatalogue.State
    ) throws(ServiceError) -> FunctionRecord {
        guard arn.contains(":function:") else { throw .nothingThere }
        let (key, qualifier) = try catalogue.locate(
            arn, qualifier: nil, region: input.region, action: input.operation)
        guard qualifier == nil else {
            throw .invalidParameterValue(
                "Tags on function aliases and versions are not supported. Please specify a "
                    + "function ARN.")
        }
        guard let record = state.functions[key] else {
            throw .functionNotFound(catalogue.arn(key))
        }
        return record
    }

    private func changeTags(
        _ changes: [String: String?], of arn: String, _ input: LambdaInput
    ) throws(ServiceError) {
        try catalogue.change { state throws(ServiceError) in
            var record = try self.tagged(arn, input, in: state)
            for (key, value) in changes { record.tags[key] = value }
            try Self.check(record.tags)
            state.functions[record.key] = record
        }
    }
}
