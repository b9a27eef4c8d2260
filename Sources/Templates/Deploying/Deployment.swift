internal import Operations
internal import Wire

/// What was done with a resource.
package struct DeploymentAction: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case created
        case updated
        case unchanged
        case deleted
        case skipped
        /// Something to know; nothing was done.
        case note
    }

    package var kind: Kind
    /// Its logical id, or what the note is about.
    package var subject: String
    package var type: String?
    /// Its name, or why it was skipped.
    package var detail: String?

    /// One line for people.
    package var description: String {
        var text = "\(kind.rawValue) \(subject)"
        if let type { text += " (\(type))" }
        if let detail { text += ": \(detail)" }
        return text
    }
}

/// Makes what a template says: creates what isn't there, changes what changed, deletes what the
/// template has no longer.
///
/// What was done is kept with the server after each step, so that a deployment that failed goes on
/// where it stopped.
package struct Deployment: Sendable {
    package struct Options: Sendable {
        /// Nothing is changed; what would be is told.
        package var isDryRun = false
        /// Tables may be deleted and made again where nothing else can change them.
        package var replaces = false
        /// The directory that paths of code are relative to.
        package var directory = "."

        package init() {}
    }

    private let template: ExpandedTemplate
    private let target: DeploymentTarget
    private let options: Options
    private let report: @Sendable (DeploymentAction) -> Void
    private var stack: StackView
    private var known = KnownValues()
    private var evaluator: TemplateEvaluator
    /// What went into another's place, to be deleted when all else is done.
    private var replaced: [OwnedResource] = []

    package init(
        _ template: ExpandedTemplate, target: DeploymentTarget, options: Options,
        report: @escaping @Sendable (DeploymentAction) -> Void
    ) {
        self.template = template
        self.target = target
        self.options = options
        self.report = report
        stack = StackView(
            target: target, record: DeploymentRecord(), replaces: options.replaces)
        known.synonyms = template.synonyms
        evaluator = TemplateEvaluator(scope: template.scope, resources: nil)
    }

    /// Does it all.
    ///
    /// - Returns: the outputs, in order.
    /// - Throws: `TemplateError` or `ServiceError`; what was done until then stays.
    package mutating func run() async throws -> [(name: String, value: String)] {
        stack.record = try await target.record()
        for skipped in template.skipped {
            report(DeploymentAction(kind: .skipped, subject: skipped))
        }
        for resource in template.resources { try await deploy(resource) }
        try await deleteWhatIsGone()
        let outputs = try outputs()
        for note in evaluator.scope.notes {
            report(DeploymentAction(kind: .note, subject: note))
        }
        return outputs
    }

    /// Deletes all that a stack owns, but what is to stay.
    package static func delete(
        _ target: DeploymentTarget, report: @escaping @Sendable (DeploymentAction) -> Void
    ) async throws {
        var stack = StackView(
            target: target, record: try await target.record(), replaces: false)
        for owned in stack.record.resources.reversed() {
            try await delete(owned, &stack, report)
        }
    }

    // MARK: One resource

    private mutating func deploy(_ given: Template.Resource) async throws {
        let id = given.logicalID
        guard let kind = ResourceKinds.kind(of: given.type) else {
            skip(given, id, "this type isn't carried out")
            return
        }
        let resource: ResolvedResource
        do {
            resource = try await resolved(given)
        } catch let error as MissingImport {
            skip(given, id, "it needs the export \(error.name) of another stack")
            return
        }
        if let reason = kind.refusal(resource, stack) {
            let name = try? await kind.identify(resource, stack)
            skip(given, (name ?? nil) ?? id, reason, resource: resource)
            return
        }
        do {
            try await deploy(resource, kind)
        } catch let error as ServiceError {
            throw TemplateError(
                "\(id): \(error.code): \(error.message)", line: given.line)
        }
    }

    private mutating func deploy(
        _ resource: ResolvedResource, _ kind: any ResourceKind
    ) async throws {
        let owned = stack.record[resource.logicalID]
        let id = try await identified(resource, kind)
        let state = try await id.asyncMap { try await kind.find($0, resource, stack) }
        let isSame =
            owned?.properties == resource.properties && owned?.type == resource.type
            && owned?.physicalID == id
        var action = DeploymentAction.Kind.unchanged
        var after = id ?? ""
        if let id, let state {
            if !isSame || kind.isAlwaysUpdated(resource) {
                action = .updated
                if !options.isDryRun {
                    after = try await kind.update(id, state, resource, stack)
                }
                if isSame, after == id { action = .unchanged }
            }
        } else {
            action = .created
            if !options.isDryRun { after = try await kind.create(resource, stack) }
        }
        report(
            DeploymentAction(
                kind: action, subject: resource.logicalID, type: resource.type,
                detail: after.isEmpty ? nil : after))
        for note in notes(on: resource) where action != .unchanged {
            report(DeploymentAction(kind: .note, subject: note))
        }
        try await keep(resource, kind, id: after, before: owned, state: state, action)
    }

    /// What should be said about a resource when something is done with it.
    private func notes(on resource: ResolvedResource) -> [String] {
        var notes = resource.archive?.notes ?? []
        guard resource.type == "AWS::IAM::Role" else { return notes }
        for arn in resource["ManagedPolicyArns"]?.elements?.compactMap(\.string) ?? [] {
            let isOwn = template.resources.contains { other in
                other.type == "AWS::IAM::ManagedPolicy"
                    && stack.record[other.logicalID]?.physicalID == arn
            }
            if !isOwn, ManagedPolicies.document(arn: arn) == nil {
                notes.append("\(resource.logicalID): \(arn) isn't known here and allows nothing")
            }
        }
        return notes
    }

    /// A resource's id; where nothing is changed, names that are only guessed may find nothing.
    private func identified(
        _ resource: ResolvedResource, _ kind: any ResourceKind
    ) async throws -> String? {
        do {
            return try await kind.identify(resource, stack)
        } catch {
            if options.isDryRun { return nil }
            throw error
        }
    }

    /// What a resource will be known by, as far as that can be told before it is made.
    private mutating func guess(_ resource: ResolvedResource, id: String) {
        let name =
            SkippedNames.name(of: resource)
            ?? PhysicalName.of(
                stack: target.place.stackName, logicalID: resource.logicalID, limit: 200)
        let values = SkippedNames.values(
            type: resource.type, name: id.isEmpty ? name : id, place: target.place)
        known.set(
            resource.logicalID, reference: values.reference, attributes: values.attributes,
            isGuessed: true)
    }

    /// Notes what a resource is known by, and that the stack owns it.
    private mutating func keep(
        _ resource: ResolvedResource, _ kind: any ResourceKind, id: String,
        before: OwnedResource?, state: JSONValue?, _ action: DeploymentAction.Kind
    ) async throws {
        if options.isDryRun, state == nil {
            guess(resource, id: id)
            return
        }
        var current = state
        if action != .unchanged, !options.isDryRun {
            current = try await kind.find(id, resource, stack)
        }
        known.set(
            resource.logicalID, reference: kind.reference(id, current ?? .object([]), stack),
            attributes: kind.attributes(id, current ?? .object([]), stack),
            isGuessed: options.isDryRun)
        guard !options.isDryRun else { return }
        if let before, before.physicalID != id || before.type != resource.type {
            replaced.append(before)
        }
        let owned = OwnedResource(
            logicalID: resource.logicalID, type: resource.type, physicalID: id,
            properties: resource.properties, isRetained: resource.isRetained)
        guard owned != before else { return }
        stack.record.set(owned)
        try await target.keep(stack.record)
    }

    /// Names a resource that isn't carried out; what refers to it gets a name that it might have.
    private mutating func skip(
        _ given: Template.Resource, _ id: String, _ reason: String,
        resource: ResolvedResource? = nil
    ) {
        let quiet = ["AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::S3::BucketPolicy"]
        report(
            DeploymentAction(
                kind: .skipped, subject: given.logicalID, type: given.type,
                detail: quiet.contains(given.type) ? nil : reason))
        let name =
            resource.flatMap { SkippedNames.name(of: $0) }
            ?? PhysicalName.of(
                stack: target.place.stackName, logicalID: given.logicalID, limit: 200)
        let values = SkippedNames.values(type: given.type, name: name, place: target.place)
        known.set(
            given.logicalID, reference: values.reference, attributes: values.attributes,
            isGuessed: true)
        for value in [values.reference] + values.attributes.values {
            stack.skipped[value] = "\(given.logicalID): \(reason)"
        }
    }

    // MARK: Values

    private struct MissingImport: Error {
        let name: String
    }

    private mutating func resolved(_ given: Template.Resource) async throws -> ResolvedResource {
        evaluator.resources = known
        let importCount = evaluator.imports.count
        let value = try evaluator.value(given.properties) ?? .object([])
        if evaluator.imports.count > importCount, let name = evaluator.imports.last {
            throw MissingImport(name: name)
        }
        var resource = ResolvedResource(
            logicalID: given.logicalID, type: given.type,
            properties: PropertyTypes.coerced(value),
            isRetained: given.deletionPolicy?.hasPrefix("Retain") ?? false, line: given.line)
        resource.followsFunction = given.metadata?["FollowsFunction"] != nil
        try await pack(&resource)
        return resource
    }

    /// Packs code that lies here or stands in the template; its digest takes its place among the
    /// properties.
    private func pack(_ resource: inout ResolvedResource) async throws {
        let property: String
        switch resource.type {
        case "AWS::Lambda::Function": property = "Code"
        case "AWS::Lambda::LayerVersion": property = "Content"
        default: return
        }
        do throws(TemplateError) {
            resource.archive = try await archive(of: resource, property)
        } catch {
            throw resource.fault(error.message)
        }
        guard let archive = resource.archive else { return }
        let members = (resource.properties.members ?? []).map { name, value in
            (name, name == property ? .object([("Sha256", .string(archive.digest))]) : value)
        }
        resource.properties = .object(members)
    }

    private func archive(
        of resource: ResolvedResource, _ property: String
    ) async throws(TemplateError) -> CodeArchive? {
        if let text = resource[property]?["ZipFile"]?.string {
            return try CodeArchive.inline(text, runtime: resource.text("Runtime") ?? "")
        }
        guard let given = resource[property]?.string else { return nil }
        let location = CodeLocation(directory: options.directory)
        return try await CodeArchive.packed(
            path: location.path(of: given, logicalID: resource.logicalID))
    }

    private mutating func outputs() throws -> [(name: String, value: String)] {
        evaluator.resources = known
        var outputs: [(name: String, value: String)] = []
        for output in template.outputs {
            let value = try evaluator.value(output.value)
            outputs.append(
                (
                    name: output.name,
                    value: value?.plainText
                        ?? value.map { String(decoding: $0.encoded, as: UTF8.self) } ?? ""
                ))
        }
        return outputs
    }

    // MARK: Deleting

    private mutating func deleteWhatIsGone() async throws {
        let ids = Set(template.resources.map(\.logicalID))
        for owned in replaced.reversed() {
            // A version or a layer that another took the place of may be in use.
            guard let kind = ResourceKinds.kind(of: owned.type), !owned.isRetained else { continue }
            try await Self.named(owned) { try await kind.delete(owned, stack) }
            report(
                DeploymentAction(
                    kind: .deleted, subject: owned.logicalID, type: owned.type,
                    detail: owned.physicalID))
        }
        for owned in stack.record.resources.reversed() where !ids.contains(owned.logicalID) {
            if options.isDryRun {
                report(
                    DeploymentAction(
                        kind: .deleted, subject: owned.logicalID, type: owned.type,
                        detail: owned.physicalID))
            } else {
                try await Self.delete(owned, &stack, report)
            }
        }
    }

    private static func delete(
        _ owned: OwnedResource, _ stack: inout StackView,
        _ report: @Sendable (DeploymentAction) -> Void
    ) async throws {
        if owned.isRetained {
            report(
                DeploymentAction(
                    kind: .skipped, subject: owned.logicalID, type: owned.type,
                    detail: "its DeletionPolicy keeps \(owned.physicalID)"))
        } else {
            if let kind = ResourceKinds.kind(of: owned.type) {
                let view = stack
                try await named(owned) { try await kind.delete(owned, view) }
            }
            report(
                DeploymentAction(
                    kind: .deleted, subject: owned.logicalID, type: owned.type,
                    detail: owned.physicalID))
        }
        stack.record.remove(owned.logicalID)
        try await stack.target.keep(stack.record)
    }

    /// Errors of a service with the resource before them.
    private static func named(
        _ owned: OwnedResource, _ work: () async throws -> Void
    ) async throws {
        do {
            try await work()
        } catch let error as ServiceError {
            throw TemplateError("\(owned.logicalID): \(error.code): \(error.message)")
        }
    }
}

extension Optional where Wrapped: Sendable {
    fileprivate func asyncMap<Result: Sendable>(
        _ transform: (Wrapped) async throws -> Result?
    ) async throws -> Result? {
        guard let value = self else { return nil }
        return try await transform(value)
    }
}
