internal import Wire

/// How resources of a type are found, made, changed and deleted.
protocol ResourceKind: Sendable {
    /// The id that a resource has or will have; nil where it is given when it is made, and none
    /// like it is there.
    func identify(
        _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> String?
    /// The state of what has an id; nil where there is nothing.
    func find(_ id: String, _ resource: ResolvedResource, _ stack: StackView) async throws
        -> JSONValue?
    /// - Returns: the id.
    func create(_ resource: ResolvedResource, _ stack: StackView) async throws -> String
    /// Makes what is there what the template says; called where the properties are others than
    /// those it was made from, or where those aren't known.
    ///
    /// - Returns: the id, which may be another.
    func update(
        _ id: String, _ state: JSONValue, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> String
    func delete(_ owned: OwnedResource, _ stack: StackView) async throws
    /// What `Ref` gives.
    func reference(_ id: String, _ state: JSONValue, _ stack: StackView) -> String
    /// What `Fn::GetAtt` gives.
    func attributes(_ id: String, _ state: JSONValue, _ stack: StackView) -> [String: String]
    /// Why a resource isn't carried out; nil where it is.
    func refusal(_ resource: ResolvedResource, _ stack: StackView) -> String?
    /// Whether each run must call `update`: properties alone don't tell whether something changed.
    func isAlwaysUpdated(_ resource: ResolvedResource) -> Bool
}

extension ResourceKind {
    func reference(_ id: String, _ state: JSONValue, _ stack: StackView) -> String { id }
    func refusal(_ resource: ResolvedResource, _ stack: StackView) -> String? { nil }
    func isAlwaysUpdated(_ resource: ResolvedResource) -> Bool { false }
}

/// What a resource's kind sees of the deployment that it belongs to.
struct StackView: Sendable {
    let target: DeploymentTarget
    /// What the stack owns, as of now.
    var record: DeploymentRecord
    /// ARNs and names of resources that aren't carried out, and why.
    var skipped: [String: String] = [:]
    /// Whether a table may be deleted and made again.
    let replaces: Bool

    var place: TemplateScope.Place { target.place }

    /// A resource's own name, or one of the stack's name and its logical id.
    func name(
        _ resource: ResolvedResource, _ property: String, limit: Int, lowercased: Bool = false,
        suffix: String = ""
    ) -> String {
        if let given = resource.text(property), !given.isEmpty { return given }
        return PhysicalName.of(
            stack: place.stackName, logicalID: resource.logicalID, limit: limit,
            lowercased: lowercased, suffix: suffix)
    }
}

/// The registry of kinds.
enum ResourceKinds {
    static func kind(of type: String) -> (any ResourceKind)? {
        switch type {
        case "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable": TableKind()
        case "AWS::Lambda::Function": FunctionKind()
        case "AWS::Lambda::Version": VersionKind()
        case "AWS::Lambda::Alias": AliasKind()
        case "AWS::Lambda::LayerVersion": LayerKind()
        case "AWS::Lambda::Permission": PermissionKind()
        case "AWS::Lambda::EventInvokeConfig": EventInvokeConfigKind()
        case "AWS::Lambda::EventSourceMapping": MappingKind()
        case "AWS::Events::Rule": RuleKind()
        case "AWS::Scheduler::Schedule": ScheduleKind()
        case "AWS::IAM::Role": RoleKind()
        case "AWS::IAM::Policy", "AWS::IAM::RolePolicy": RolePolicyKind()
        case "AWS::IAM::ManagedPolicy": ManagedPolicyKind()
        case "AWS::SQS::Queue": QueueKind()
        case "AWS::SNS::Topic": TopicKind()
        case "AWS::SNS::Subscription": SubscriptionKind()
        case "AWS::S3::Bucket": BucketKind()
        case "AWS::Logs::LogGroup": LogGroupKind()
        default: nil
        }
    }
}
