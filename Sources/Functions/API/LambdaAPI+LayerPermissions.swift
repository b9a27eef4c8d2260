internal import Operations
internal import Wire

/// The policies of layer versions: kept and told, not enforced.
extension LambdaAPI {
    func addLayerVersionPermission(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let (key, number) = try layerVersion(input)
        let arn = "\(layerArn(key)):\(number)"
        return try catalogue.change { state throws(ServiceError) in
            guard var layer = state.layers[key], let index = layer.index(of: number) else {
                throw Self.missingLayerVersion(arn)
            }
            var policy = layer.versions[index].policy ?? FunctionPolicy(revisionId: "")
            let text = try Self.add(input, to: &policy, toldBy: "GetLayerPolicy") {
                () throws(ServiceError) in
                try Self.layerStatement(input, resource: arn)
            }
            layer.versions[index].policy = policy
            state.layers[key] = layer
            return RESTResponse(
                status: 201,
                json: .object([
                    ("Statement", .string(text)), ("RevisionId", .string(policy.revisionId)),
                ]))
        }
    }

    private static func layerStatement(
        _ input: LambdaInput, resource: String
    ) throws(ServiceError) -> JSONValue {
        let condition = input["OrganizationId"].map { organization in
            JSONValue.object([("StringEquals", .object([("aws:PrincipalOrgID", organization)]))])
        }
        return .object(present: [
            ("Sid", input["StatementId"]),
            ("Effect", .string("Allow")),
            ("Principal", try principal(input.string("Principal") ?? "")),
            ("Action", input["Action"]),
            ("Resource", .string(resource)),
            ("Condition", condition),
        ])
    }

    func getLayerVersionPolicy(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let (key, number) = try layerVersion(input)
        guard let version = catalogue.layer(key)?.present.first(where: { $0.number == number })
        else { throw .nothingThere }
        guard let policy = version.policy else { throw Self.noPolicy }
        return RESTResponse(
            json: .object([
                ("Policy", .string(policy.text)), ("RevisionId", .string(policy.revisionId)),
            ]))
    }

    func removeLayerVersionPermission(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let (key, number) = try layerVersion(input)
        return try catalogue.change { state throws(ServiceError) in
            guard var layer = state.layers[key], let index = layer.index(of: number) else {
                throw Self.missingLayerVersion("\(self.layerArn(key)):\(number)")
            }
            guard let policy = layer.versions[index].policy else { throw Self.noPolicy }
            layer.versions[index].policy = try Self.removing(
                input, from: policy, toldBy: "GetLayerPolicy")
            state.layers[key] = layer
            return RESTResponse(status: 204)
        }
    }

    private static func missingLayerVersion(_ arn: String) -> ServiceError {
        .notFound("Layer version \(arn) does not exist.")
    }

    private static let noPolicy = ServiceError.notFound(
        "No policy is associated with the given resource.")
}

extension LayerRecord {
    /// Where a version stands that isn't deleted.
    fileprivate func index(of number: Int) -> Int? {
        versions.firstIndex { $0.number == number && !$0.isDeleted }
    }
}
