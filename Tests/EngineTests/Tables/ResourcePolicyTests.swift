import Engine
import Operations
import Testing

@Suite("Resource policies are kept with revisions")
struct ResourcePolicyTests {
    private static let arn = "arn:aws:dynamodb:eu-west-1:000000000000:table/Music"

    private static func policy(_ action: String) -> String {
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","#
            + #""Action":"\#(action)","Resource":"*"}]}"#
    }

    /// PutResourcePolicy of `Music`; returns the revision.
    private func put(
        _ policy: String, expecting revision: String? = nil, in harness: TableHarness
    ) throws(ServiceError) -> String? {
        var request = PutResourcePolicyRequest()
        request.resourceArn = Self.arn
        request.policy = policy
        request.expectedRevisionId = revision
        try request.validate()
        return try answer(
            request.stage(
                in: harness.staging, context: harness.context, environment: harness.environment)
        )?.revisionId
    }

    private func answer(_ outcome: OperationOutcome) -> ResourcePolicyAnswer? {
        guard case .resourcePolicy(let answer) = outcome.response else { return nil }
        return answer
    }

    @Test("The same policy keeps its revision; another has a greater one, on a standing clock too")
    func revisions() throws {
        let harness = TableHarness()
        try harness.create()
        let first = try #require(try put(Self.policy("dynamodb:*"), in: harness))
        #expect(try put(Self.policy("dynamodb:*"), in: harness) == first)
        let second = try #require(try put(Self.policy("dynamodb:GetItem"), in: harness))
        #expect(first < second)
        #expect(try put(Self.policy("dynamodb:*"), expecting: second, in: harness) ?? "" > second)
    }

    @Test("A change that expects another revision is refused and changes nothing")
    func expectations() throws {
        let harness = TableHarness()
        try harness.create()
        let policy = Self.policy("dynamodb:*")
        let start = "Resource-based policy not found for the provided ResourceArn: "
        #expect(
            failure { () throws(ServiceError) in
                _ = try put(policy, expecting: "1", in: harness)
            }?.code == "PolicyNotFoundException")
        let revision = try #require(try put(policy, expecting: "NO_POLICY", in: harness))
        #expect(
            failure { () throws(ServiceError) in
                _ = try put(policy, expecting: "NO_POLICY", in: harness)
            }
                == Refusal(
                    "PolicyNotFoundException",
                    start + "Requested policy update expecting none to be present for table Music, "
                        + "but a policy exists with revision id \(revision)."))
        var deletion = ResourcePolicyRequest()
        deletion.resourceArn = Self.arn
        deletion.expectedRevisionId = "1"
        func delete() throws(ServiceError) -> String? {
            try answer(
                deletion.stageDeletion(
                    in: harness.staging, context: harness.context,
                    environment: harness.environment)
            )?.revisionId
        }
        #expect(
            failure { () throws(ServiceError) in _ = try delete() }
                == Refusal(
                    "PolicyNotFoundException",
                    start + "Requested update for policy with revision id 1, but the policy "
                        + "associated to target table Music has revision id \(revision)."))
        #expect(harness.definition()?.attachedPolicy?.document == policy)
        deletion.expectedRevisionId = nil
        #expect(try delete() == revision)
        #expect(try delete() == nil)
        #expect(harness.definition()?.attachedPolicy == nil)
    }

    @Test(
        "What is no policy is refused",
        arguments: [
            "", "{", "[]", "{}", #""text""#, #"{"Statement":[{}]}"#,
            #"{"Statement":[{"Effect":"Maybe","Principal":"*","Action":"*","Resource":"*"}]}"#,
            #"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"*"}]}"#,
            #"{"Version":"1","Statement":[]}"#,
            String(repeating: "[", count: 20_000), String(repeating: " ", count: 20_481),
        ])
    func malformed(_ document: String) throws {
        let harness = TableHarness()
        try harness.create()
        #expect(
            failure { () throws(ServiceError) in _ = try put(document, in: harness) }?.code
                == "ValidationException")
        #expect(
            failure { () throws(ServiceError) in
                try harness.create {
                    $0.tableName = "Other"
                    $0.resourcePolicy = document
                }
            }?.code == "ValidationException")
    }

    @Test("Recovery to a point in time reaches from its switching on to five minutes ago")
    func pointInTimeRecovery() throws {
        let harness = TableHarness()
        try harness.create()
        var request = UpdateContinuousBackupsRequest()
        request.tableName = "Music"
        request.pointInTimeRecoveryEnabled = true
        func update() throws(ServiceError) -> PointInTimeRecoveryDescription? {
            let outcome = try request.stage(
                in: harness.staging, context: harness.context, environment: harness.environment)
            guard case .describeContinuousBackups(let told) = outcome.response else { return nil }
            return told.pointInTimeRecovery
        }
        let start = 1_795_248_984.0
        var told = try #require(try update())
        #expect(told.recoveryPeriodInDays == 35)
        #expect(told.earliestRestorableDateTime == start)
        #expect(told.latestRestorableDateTime == start)
        harness.clock.advance(by: 3 * 86_400)
        request.recoveryPeriodInDays = 2
        told = try #require(try update())
        #expect(told.recoveryPeriodInDays == 2)
        #expect(told.earliestRestorableDateTime == start + 86_400)
        #expect(told.latestRestorableDateTime == start + 3 * 86_400 - 300)
        request.pointInTimeRecoveryEnabled = false
        #expect(try update() == nil)
        #expect(harness.definition()?.pointInTimeRecovery == nil)
    }
}
