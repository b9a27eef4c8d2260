internal import Operations
internal import Wire

/// The policies of functions: kept and told as the service does.
extension LambdaAPI {
    /// The most bytes of a policy.
    private static let policyBytesMax = 20_480

    func addPermission(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let sid = input.string("StatementId") ?? ""
        let statement = try catalogue.change { state throws(ServiceError) in
            var (record, qualifier) = try self.policyHolder(input, in: state)
            let arn = self.catalogue.arn(record.key, qualifier)
            var policy = record.policies[qualifier ?? ""] ?? FunctionPolicy(revisionId: "")
            let text = try Self.add(input, to: &policy, toldBy: "GetPolicy") {
                () throws(ServiceError) in
                try Self.statement(input, sid: sid, resource: arn)
            }
            record.policies[qualifier ?? ""] = policy
            state.functions[record.key] = record
            return text
        }
        return RESTResponse(status: 201, json: .object([("Statement", .string(statement))]))
    }

    /// The function whose policy an input names; its version or alias is there.
    private func policyHolder(
        _ input: LambdaInput, in state: FunctionCatalogue.State
    ) throws(ServiceError) -> (record: FunctionRecord, qualifier: String?) {
        let (record, qualifier) = try record(input, in: state)
        guard let qualifier else { return (record, nil) }
        guard qualifier != FunctionRecord.latest else {
            throw .invalidParameterValue("We currently do not support adding policies for $LATEST.")
        }
        guard record.configuration(qualifier) != nil else {
            throw Self.missing(qualifier, arn: catalogue.arn(record.key, qualifier))
        }
        return (record, qualifier)
    }

    /// Adds a statement to a policy and tells it as JSON.
    ///
    /// - Parameter operation: that tells the policy, and its latest RevisionId.
    static func add(
        _ input: LambdaInput, to policy: inout FunctionPolicy, toldBy operation: String,
        statement: () throws(ServiceError) -> JSONValue
    ) throws(ServiceError) -> String {
        let sid = input.string("StatementId") ?? ""
        try checkRevision(input, of: policy, toldBy: operation)
        guard !policy.statements.contains(where: { $0.sid == sid }) else {
            throw .conflict(
                "The statement id (\(sid)) provided already exists. Please provide a new "
                    + "statement id, or remove the existing statement.")
        }
        let text = String(decoding: try statement().encoded, as: UTF8.self)
        policy.statements.append(FunctionPolicy.Statement(sid: sid, text: text))
        policy.revisionId = RandomIdentifier.uuid()
        let size = policy.text.utf8.count
        guard size <= policyBytesMax else {
            throw .lambda(
                "PolicyLengthExceededException",
                "The final policy size (\(size)) is bigger than the limit (\(policyBytesMax)).")
        }
        return text
    }

    /// A policy without the statement that an input names; nil: nothing is left of it.
    static func removing(
        _ input: LambdaInput, from policy: FunctionPolicy, toldBy operation: String
    ) throws(ServiceError) -> FunctionPolicy? {
        let sid = input.string("StatementId") ?? ""
        guard policy.statements.contains(where: { $0.sid == sid }) else {
            throw .notFound("Statement \(sid) is not found in resource policy.")
        }
        try checkRevision(input, of: policy, toldBy: operation)
        var policy = policy
        policy.statements.removeAll { $0.sid == sid }
        policy.revisionId = RandomIdentifier.uuid()
        return policy.statements.isEmpty ? nil : policy
    }

    private static func checkRevision(
        _ input: LambdaInput, of policy: FunctionPolicy, toldBy operation: String
    ) throws(ServiceError) {
        guard let revision = input.string("RevisionId") else { return }
        guard revision == policy.revisionId else { throw .staleRevision(askedBy: operation) }
    }

    private static func statement(
        _ input: LambdaInput, sid: String, resource: String
    ) throws(ServiceError) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("Sid", .string(sid)),
            ("Effect", .string("Allow")),
            ("Principal", try principal(input.string("Principal") ?? "")),
            ("Action", .string(input.string("Action") ?? "")),
            ("Resource", .string(resource)),
        ]
        let conditions = conditions(input)
        if !conditions.isEmpty { members.append(("Condition", .object(conditions))) }
        return .object(members)
    }

    static func principal(_ text: String) throws(ServiceError) -> JSONValue {
        if text == "*" { return .string("*") }
        if text.hasPrefix("arn:") { return .object([("AWS", .string(text))]) }
        if text.utf8.count == 12, FunctionReference.isVersionNumber(text) {
            return .object([("AWS", .string("arn:aws:iam::\(text):root"))])
        }
        guard text.hasSuffix(".amazonaws.com") || text.hasSuffix(".amazon.com") else {
            throw .invalidParameterValue(
                "The provided principal was invalid. Please check the principal and try again.")
        }
        return .object([("Service", .string(text))])
    }

    private static func conditions(_ input: LambdaInput) -> [(String, JSONValue)] {
        let equals: [(String, JSONValue?)] = [
            ("lambda:FunctionUrlAuthType", input["FunctionUrlAuthType"]),
            ("lambda:EventSourceToken", input["EventSourceToken"]),
            ("AWS:SourceAccount", input["SourceAccount"]),
            ("aws:PrincipalOrgID", input["PrincipalOrgID"]),
        ]
        var conditions: [(String, JSONValue)] = []
        if equals.contains(where: { $0.1 != nil }) {
            conditions.append(("StringEquals", .object(present: equals)))
        }
        if let arn = input["SourceArn"] {
            conditions.append(("ArnLike", .object([("AWS:SourceArn", arn)])))
        }
        if let invoked = input["InvokedViaFunctionUrl"]?.bool {
            let value = JSONValue.string(String(invoked))
            conditions.append(("Bool", .object([("lambda:InvokedViaFunctionUrl", value)])))
        }
        return conditions
    }

    func getPolicy(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let (key, qualifier) = try locate(input)
        let record = catalogue.function(key)
        guard let policy = record?.policies[qualifier ?? ""], !policy.statements.isEmpty else {
            throw .nothingThere
        }
        return RESTResponse(
            json: .object([
                ("Policy", .string(policy.text)), ("RevisionId", .string(policy.revisionId)),
            ]))
    }

    func removePermission(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        try catalogue.change { state throws(ServiceError) in
            let (key, qualifier) = try self.locate(input)
            guard var record = state.functions[key],
                let policy = record.policies[qualifier ?? ""]
            else { throw .notFound("No policy is associated with the given resource.") }
            record.policies[qualifier ?? ""] = try Self.removing(
                input, from: policy, toldBy: "GetPolicy")
            state.functions[key] = record
            return RESTResponse(status: 204)
        }
    }
}
