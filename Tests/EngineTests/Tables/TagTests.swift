import Engine
import Operations
import Testing

@Suite("Tags are set, listed and taken off by the table's ARN")
struct TagTests {
    private let arn = "arn:aws:dynamodb:eu-west-1:000000000000:table/Music"

    private func tag(
        _ harness: TableHarness, _ tags: [TableTag], arn: String? = nil
    ) throws(ServiceError) {
        var request = TagResourceRequest()
        request.resourceArn = arn ?? self.arn
        request.tags = tags
        try request.validate()
        _ = try request.stage(
            in: harness.staging, context: harness.context, environment: harness.environment)
    }

    private func untag(
        _ harness: TableHarness, _ keys: [String], arn: String? = nil
    ) throws(ServiceError) {
        var request = UntagResourceRequest()
        request.resourceArn = arn ?? self.arn
        request.tagKeys = keys
        try request.validate()
        _ = try request.stage(
            in: harness.staging, context: harness.context, environment: harness.environment)
    }

    private func list(_ harness: TableHarness, arn: String? = nil) throws(ServiceError)
        -> [TableTag]
    {
        var request = ListTagsOfResourceRequest()
        request.resourceArn = arn ?? self.arn
        let outcome = try request.listTags(
            in: harness.staging, context: harness.context, environment: harness.environment)
        guard case .listTagsOfResource(let response) = outcome.response else { return [] }
        return response.tags
    }

    @Test("A tag's value is replaced in its place; unknown keys are taken off without harm")
    func life() throws {
        let harness = TableHarness()
        try harness.create { $0.tags = [TableTag(key: "a", value: "1")] }
        try tag(harness, [TableTag(key: "b", value: "2"), TableTag(key: "a", value: "3")])
        #expect(
            try list(harness) == [TableTag(key: "a", value: "3"), TableTag(key: "b", value: "2")])
        try untag(harness, ["a", "unknown"])
        #expect(try list(harness) == [TableTag(key: "b", value: "2")])
    }

    @Test("A table has 50 tags")
    func count() throws {
        let harness = TableHarness()
        try harness.create { $0.tags = CreateTableRuleTests.tags(49) }
        try tag(harness, [TableTag(key: "last", value: "")])
        try tag(harness, [TableTag(key: "last", value: "again")])
        #expect(
            failure { () throws(ServiceError) in
                try tag(harness, [TableTag(key: "more", value: "")])
            }
                == .validation(
                    "Number of Tags exceed the current limit for the provided ResourceArn"))
        #expect(try list(harness).count == 50)
    }

    @Test("Empty lists are refused")
    func empty() throws {
        let harness = TableHarness()
        try harness.create()
        #expect(
            failure { () throws(ServiceError) in try tag(harness, []) }
                == .validation("Atleast one Tag needs to be provided as Input."))
        #expect(
            failure { () throws(ServiceError) in try untag(harness, []) }
                == .validation("Atleast one Tag Key needs to be provided as Input."))
    }

    @Test("Only ARNs of this account's tables are taken")
    func arns() {
        let harness = TableHarness()
        let calls: [(String, (String) throws(ServiceError) -> Void)] = [
            (
                "TagResource",
                { arn throws(ServiceError) in
                    try tag(harness, [TableTag(key: "a", value: "")], arn: arn)
                }
            ),
            ("UntagResource", { arn throws(ServiceError) in try untag(harness, ["a"], arn: arn) }),
            (
                "ListTagsOfResource",
                { arn throws(ServiceError) in _ = try list(harness, arn: arn) }
            ),
        ]
        let foreign = "arn:aws:dynamodb:eu-west-1:111111111111:table/Music"
        for (operation, call) in calls {
            #expect(
                failure { () throws(ServiceError) in try call("Music") }
                    == Refusal(
                        "AccessDeniedException",
                        "User: arn:aws:iam::000000000000:root is not authorized to perform: "
                            + "dynamodb:\(operation) on resource: *"))
            let index = "\(arn)/index/by"
            #expect(
                failure { () throws(ServiceError) in try call(index) }
                    == .validation(
                        "Invalid TableArn: Invalid ResourceArn provided as input \(index)"))
            #expect(
                failure { () throws(ServiceError) in try call(arn) }
                    == Refusal(
                        "ResourceNotFoundException",
                        "Requested resource not found: ResourcArn: \(arn) not found"))
            #expect(
                failure { () throws(ServiceError) in try call(foreign) }
                    == Refusal(
                        "AccessDeniedException",
                        "User: arn:aws:iam::000000000000:root is not authorized to perform: "
                            + "dynamodb:\(operation) on resource: \(foreign) because no "
                            + "resource-based policy allows the dynamodb:\(operation) action"))
        }
    }
}
