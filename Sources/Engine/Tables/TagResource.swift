package import Operations

extension TagResourceRequest {
    /// Checks what can be checked without knowing what tables there are.
    ///
    /// - Throws: ValidationException.
    package func validate() throws(ServiceError) {
        if ResourceName.isOfDynamoDB(resourceArn) { _ = try ResourceName(arn: resourceArn) }
        guard !tags.isEmpty else {
            throw .validation("Atleast one Tag needs to be provided as Input.")
        }
        try SettingsValidation.check(tags)
        try SettingsValidation.checkTagCount(tags.count)
    }

    /// Adds the tags to the table, or gives tags it has another value, on the commit path.
    ///
    /// Precondition: `validate()` passed.
    ///
    /// - Throws: ResourceNotFoundException, AccessDeniedException, and ValidationException for
    ///   one tag too many.
    package func stage(
        in staging: any TableStaging, context: RequestContext, environment: EngineEnvironment
    ) throws(ServiceError) -> OperationOutcome {
        var definition = try ResourceName(
            tagged: resourceArn, for: "TagResource", environment: environment
        ).tagged(
            for: "TagResource", in: staging, context: context, environment: environment
        ).definition
        for tag in tags {
            if let index = definition.tags.firstIndex(where: { $0.key == tag.key }) {
                definition.tags[index].value = tag.value
            } else {
                definition.tags.append(tag)
            }
        }
        try SettingsValidation.checkTagCount(definition.tags.count)
        staging.putTable(definition)
        return OperationOutcome(.empty)
    }
}

extension ResourceName {
    /// The table whose tags an operation reads or changes.
    ///
    /// - Throws: ResourceNotFoundException, AccessDeniedException.
    func tagged(
        for operation: String, in tables: any TableLookup, context: RequestContext,
        environment: EngineEnvironment
    ) throws(ServiceError) -> Table {
        let location = try located(for: operation, context: context, environment: environment)
        guard let table = tables.table(named: location.name, region: location.region) else {
            let arn =
                "arn:aws:dynamodb:\(location.region):\(environment.accountID)"
                + ":table/\(location.name)"
            throw .resourceNotFound("Requested resource not found: ResourcArn: \(arn) not found")
        }
        return table
    }
}
