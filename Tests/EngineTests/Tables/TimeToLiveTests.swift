import Engine
import Operations
import Testing

@Suite("Time to live is switched on and off")
struct TimeToLiveTests {
    private func update(
        _ harness: TableHarness, _ enabled: Bool, _ attribute: String
    ) throws(ServiceError) {
        let request = UpdateTimeToLiveRequest(
            tableName: "Music",
            specification: TimeToLiveSpecification(enabled: enabled, attributeName: attribute))
        try request.validate()
        let outcome = try request.stage(
            in: harness.staging, context: harness.context, environment: harness.environment)
        guard case .updateTimeToLive(let answer) = outcome.response,
            answer == request.specification
        else { throw .internalServerError("another answer") }
    }

    private func describe(_ harness: TableHarness) throws(ServiceError) -> [String?] {
        let outcome = try TableRequest(tableName: "Music").describeTimeToLive(
            in: harness.staging, context: harness.context, environment: harness.environment)
        guard case .describeTimeToLive(let answer) = outcome.response else { return [] }
        return [answer.status, answer.attributeName]
    }

    @Test("Only a change is taken, and only of the attribute in use")
    func changes() throws {
        let harness = TableHarness()
        try harness.create()
        #expect(try describe(harness) == ["DISABLED", nil])
        #expect(
            failure { () throws(ServiceError) in try update(harness, false, "expires") }
                == .validation("TimeToLive is already disabled"))
        try update(harness, true, "expires")
        // Nothing fills an index here.
        #expect(try describe(harness) == ["ENABLING", "expires"])
        #expect(
            failure { () throws(ServiceError) in try update(harness, true, "expires") }
                == .validation("TimeToLive is already enabled"))
        for enabled in [true, false] {
            #expect(
                failure { () throws(ServiceError) in try update(harness, enabled, "other") }
                    == .validation(
                        "TimeToLive is active on a different AttributeName: "
                            + "current AttributeName is expires"))
        }
        try update(harness, false, "expires")
        #expect(try describe(harness) == ["DISABLED", nil])
        try update(harness, true, "other")
        #expect(try describe(harness) == ["ENABLING", "other"])
    }

    @Test("A missing table is told by its name")
    func missing() {
        let harness = TableHarness()
        let refusal = Refusal(
            "ResourceNotFoundException", "Requested resource not found: Table: Music not found")
        #expect(
            failure { () throws(ServiceError) in try update(harness, true, "expires") } == refusal)
        #expect(failure { () throws(ServiceError) in _ = try describe(harness) } == refusal)
    }
}
