/// PutResourcePolicy.
package struct PutResourcePolicyRequest: Sendable {
    package var resourceArn = ""
    package var policy = ""
    /// The revision that must be in place; `NO_POLICY` where there must be none.
    package var expectedRevisionId: String?
    package init() {}
}

/// GetResourcePolicy and DeleteResourcePolicy.
package struct ResourcePolicyRequest: Sendable {
    package var resourceArn = ""
    /// DeleteResourcePolicy alone: the revision that must be in place.
    package var expectedRevisionId: String?
    package init() {}
}

/// What the operations on resource policies answer; GetResourcePolicy alone tells the policy.
package struct ResourcePolicyAnswer: Sendable {
    package var policy: String?
    package var revisionId: String?
    package init(policy: String? = nil, revisionId: String?) {
        self.policy = policy
        self.revisionId = revisionId
    }
}

/// UpdateContinuousBackups.
package struct UpdateContinuousBackupsRequest: Sendable {
    package var tableName = ""
    package var pointInTimeRecoveryEnabled = false
    package var recoveryPeriodInDays: Int?
    package init() {}
}

/// What is told of a table's continuous backups, which every table has.
package struct ContinuousBackupsDescription: Sendable {
    /// nil while recovery to a point in time is off.
    package var pointInTimeRecovery: PointInTimeRecoveryDescription?
    package init(pointInTimeRecovery: PointInTimeRecoveryDescription?) {
        self.pointInTimeRecovery = pointInTimeRecovery
    }
}

/// The times between which a table with point-in-time recovery could be restored.
package struct PointInTimeRecoveryDescription: Sendable {
    package var recoveryPeriodInDays: Int
    package var earliestRestorableDateTime: Timestamp
    package var latestRestorableDateTime: Timestamp
    package init(recoveryPeriodInDays: Int, earliest: Timestamp, latest: Timestamp) {
        self.recoveryPeriodInDays = recoveryPeriodInDays
        earliestRestorableDateTime = earliest
        latestRestorableDateTime = latest
    }
}
