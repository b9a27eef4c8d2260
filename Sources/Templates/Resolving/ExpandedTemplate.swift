package import Wire

/// A template made ready: parameters set, conditions told, SAM written out, resources in order.
package struct ExpandedTemplate: Sendable {
    /// Each after what it depends on.
    package private(set) var resources: [Template.Resource]
    package private(set) var outputs: [Template.Output]
    package private(set) var scope: TemplateScope
    /// What isn't carried out, each told once.
    package private(set) var skipped: [String] = []
    /// References of SAM's own to logical ids.
    package private(set) var synonyms: [String: String] = [:]
    /// Logical ids that the template has, but whose condition is false.
    package private(set) var absent: Set<String> = []

    /// - Throws: `TemplateError` without the file.
    package init(
        _ template: Template, given: [(name: String, value: String)],
        place: TemplateScope.Place
    ) throws(TemplateError) {
        scope = try TemplateScope(template, given: given, place: place)
        let evaluator = TemplateEvaluator(scope: scope, resources: nil)
        var kept: [Template.Resource] = []
        for var resource in template.resources {
            if let condition = resource.condition,
                try !evaluator.conditionValue(condition, line: resource.line)
            {
                absent.insert(resource.logicalID)
                continue
            }
            resource.properties =
                try evaluator.pruned(resource.properties) ?? TemplateNode(.map([]))
            kept.append(resource)
        }
        outputs = []
        for output in template.outputs {
            if let condition = output.condition,
                try !evaluator.conditionValue(condition, line: output.value.line)
            {
                continue
            }
            outputs.append(output)
        }
        if template.isServerless {
            let globals = try template.globals.map { node throws(TemplateError) in
                try evaluator.pruned(node) ?? TemplateNode(.map([]))
            }
            let transform = try ServerlessTransform(
                kept, globals: globals, evaluator: evaluator)
            kept = transform.resources
            skipped = transform.skipped
            synonyms = transform.synonyms
        } else if let resource = kept.first(where: { $0.type.hasPrefix("AWS::Serverless::") }) {
            throw TemplateError(
                "\(resource.type) needs Transform: AWS::Serverless-2016-10-31",
                line: resource.line)
        }
        try Self.checkUnique(kept)
        resources = try ResourceOrder.sorted(kept, synonyms: synonyms, absent: absent)
        try checkReferences()
    }

    /// Refuses names of nothing, also in what isn't carried out.
    private func checkReferences() throws(TemplateError) {
        let known = Set(resources.map(\.logicalID)).union(absent)
        func check(_ node: TemplateNode, line: Int?) throws(TemplateError) {
            for name in ResourceOrder.references(in: node, synonyms: synonyms) {
                let isImplicit = name.hasPrefix("Serverless") && name.contains("Api")
                guard !known.contains(name), !isImplicit, scope.parameters[name] == nil,
                    scope.pseudoParameter(name) == nil, name != "AWS::NoValue"
                else { continue }
                throw TemplateError("there is no parameter or resource \(name)", line: line)
            }
        }
        for resource in resources { try check(resource.properties, line: resource.line) }
        for output in outputs { try check(output.value, line: output.value.line) }
    }

    private static func checkUnique(_ resources: [Template.Resource]) throws(TemplateError) {
        var seen: Set<String> = []
        for resource in resources where !seen.insert(resource.logicalID).inserted {
            throw TemplateError(
                "the logical id \(resource.logicalID) is there twice", line: resource.line)
        }
    }

    /// The template as CloudFormation's, functions as they were written.
    package var json: JSONValue {
        .object([
            (
                "Resources",
                .object(
                    resources.map { resource in
                        (
                            resource.logicalID,
                            .object(present: [
                                ("Type", .string(resource.type)),
                                ("DeletionPolicy", resource.deletionPolicy.map { .string($0) }),
                                (
                                    "DependsOn",
                                    resource.dependsOn.isEmpty
                                        ? nil : .array(resource.dependsOn.map { .string($0) })
                                ),
                                ("Properties", resource.properties.json),
                            ])
                        )
                    })
            )
        ])
    }
}
