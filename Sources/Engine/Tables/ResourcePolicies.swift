package import Operations

/// A policy that is attached to a table: kept and told, but not enforced.
package struct AttachedPolicy: Sendable, Codable {
    /// The document as it was sent.
    package var document: String
    /// Milliseconds since 1970 as decimal text: later revisions compare greater.
    package var revisionID: String

    /// A revision that comes after another.
    init(_ document: String, after previous: AttachedPolicy?, now: Timestamp) {
        self.document = document
        let millisecond = Int64(min(max(0, now * 1000), 9e15))
        let last = previous.flatMap { Int64($0.revisionID) } ?? 0
        revisionID = String(max(millisecond, last &+ 1))
    }
}

extension PutResourcePolicyRequest {
    /// Checks what can be checked without knowing what tables there are.
    ///
    /// - Throws: ValidationException for another resource than a table, or a document that is too
    ///   long or no policy.
    package func validate() throws(ServiceError) {
        _ = try ResourceName(arn: resourceArn)
        try PolicyDocument.check(policy)
    }

    /// Attaches the policy to the table, on the commit path; the same policy again changes
    /// nothing.
    ///
    /// Precondition: `validate()` passed.
    ///
    /// - Throws: ResourceNotFoundException, AccessDeniedException, and PolicyNotFoundException
    ///   where another revision was expected.
    package func stage(
        in staging: any TableStaging, context: RequestContext, environment: EngineEnvironment
    ) throws(ServiceError) -> OperationOutcome {
        let table = try ResourceName(arn: resourceArn).located(
            for: "PutResourcePolicy", context: context, environment: environment
        ).existing(in: staging)
        var definition = table.definition
        try definition.checkPolicyRevision(expectedRevisionId)
        if definition.attachedPolicy?.document != policy {
            definition.attachedPolicy = AttachedPolicy(
                policy, after: definition.attachedPolicy, now: environment.now())
            staging.putTable(definition)
        }
        return OperationOutcome(
            .resourcePolicy(
                ResourcePolicyAnswer(revisionId: definition.attachedPolicy?.revisionID)))
    }
}

extension ResourcePolicyRequest {
    /// Answers GetResourcePolicy.
    ///
    /// - Throws: ValidationException, ResourceNotFoundException, AccessDeniedException, and
    ///   PolicyNotFoundException for a table without one.
    package func getResourcePolicy(
        in tables: any TableLookup, context: RequestContext, environment: EngineEnvironment
    ) throws(ServiceError) -> OperationOutcome {
        let table = try ResourceName(arn: resourceArn).located(
            for: "GetResourcePolicy", context: context, environment: environment
        ).existing(in: tables)
        guard let policy = table.definition.attachedPolicy else {
            throw .policyNotFound(resourceArn)
        }
        return OperationOutcome(
            .resourcePolicy(
                ResourcePolicyAnswer(policy: policy.document, revisionId: policy.revisionID)))
    }

    /// Detaches the table's policy, on the commit path, and tells its revision; a table without
    /// one is left as it is.
    ///
    /// - Throws: ValidationException, ResourceNotFoundException, AccessDeniedException, and
    ///   PolicyNotFoundException where another revision was expected.
    package func stageDeletion(
        in staging: any TableStaging, context: RequestContext, environment: EngineEnvironment
    ) throws(ServiceError) -> OperationOutcome {
        let table = try ResourceName(arn: resourceArn).located(
            for: "DeleteResourcePolicy", context: context, environment: environment
        ).existing(in: staging)
        var definition = table.definition
        try definition.checkPolicyRevision(expectedRevisionId)
        let revisionID = definition.attachedPolicy?.revisionID
        if revisionID != nil {
            definition.attachedPolicy = nil
            staging.putTable(definition)
        }
        return OperationOutcome(.resourcePolicy(ResourcePolicyAnswer(revisionId: revisionID)))
    }
}

extension TableDefinition {
    /// Refuses a change that expects another revision of the policy than is attached.
    fileprivate func checkPolicyRevision(_ expected: String?) throws(ServiceError) {
        guard let expected else { return }
        switch (expected, attachedPolicy?.revisionID) {
        case ("NO_POLICY", nil):
            return
        case ("NO_POLICY", let revision?):
            throw .policyNotFound(
                "Requested policy update expecting none to be present for table \(name), but a "
                    + "policy exists with revision id \(revision).")
        case (_, nil):
            throw .policyNotFound(
                "Requested update for policy with revision id \(expected), but no policy is "
                    + "associated to target table \(name).")
        case (_, let revision?):
            guard revision != expected else { return }
            throw .policyNotFound(
                "Requested update for policy with revision id \(expected), but the policy "
                    + "associated to target table \(name) has revision id \(revision).")
        }
    }
}

extension ServiceError {
    fileprivate static func policyNotFound(_ detail: String) -> ServiceError {
        ServiceError(
            "PolicyNotFoundException",
            "Resource-based policy not found for the provided ResourceArn: \(detail)")
    }
}
