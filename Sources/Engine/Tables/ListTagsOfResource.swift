package import Operations

extension ListTagsOfResourceRequest {
    /// Answers ListTagsOfResource: all tags at once, so there is never a NextToken.
    ///
    /// - Throws: ValidationException, ResourceNotFoundException, AccessDeniedException.
    package func listTags(
        in tables: any TableLookup, context: RequestContext, environment: EngineEnvironment
    ) throws(ServiceError) -> OperationOutcome {
        let table = try ResourceName(
            tagged: resourceArn, for: "ListTagsOfResource", environment: environment
        ).tagged(
            for: "ListTagsOfResource", in: tables, context: context, environment: environment)
        return OperationOutcome(
            .listTagsOfResource(ListTagsOfResourceResponse(tags: table.definition.tags)))
    }
}
