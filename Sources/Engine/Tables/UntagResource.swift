package import Operations

extension UntagResourceRequest {
    /// Checks what can be checked without knowing what tables there are.
    ///
    /// - Throws: ValidationException.
    package func validate() throws(ServiceError) {
        if ResourceName.isOfDynamoDB(resourceArn) { _ = try ResourceName(arn: resourceArn) }
        guard !tagKeys.isEmpty else {
            throw .validation("Atleast one Tag Key needs to be provided as Input.")
        }
    }

    /// Takes tags off the table, on the commit path; keys that it hasn't do no harm.
    ///
    /// Precondition: `validate()` passed.
    ///
    /// - Throws: ResourceNotFoundException, AccessDeniedException.
    package func stage(
        in staging: any TableStaging, context: RequestContext, environment: EngineEnvironment
    ) throws(ServiceError) -> OperationOutcome {
        var definition = try ResourceName(
            tagged: resourceArn, for: "UntagResource", environment: environment
        ).tagged(
            for: "UntagResource", in: staging, context: context, environment: environment
        ).definition
        let keys = Set(tagKeys)
        let count = definition.tags.count
        definition.tags.removeAll { keys.contains($0.key) }
        if definition.tags.count != count { staging.putTable(definition) }
        return OperationOutcome(.empty)
    }
}
