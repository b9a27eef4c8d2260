import Operations

/// The rules of the three throughputs: provisioned, on-demand maximum, and warm.
///
/// Where an index name is asked for, nil means the table itself.
enum ThroughputValidation {
    /// Beyond this the service calls a number of units out of bounds rather than over a quota.
    static let capacityUnitsBound = 1_000_000_000_000
    /// How many decreases of a UTC day are free; later ones must be an hour apart.
    static let freeDecreasesPerDay = 4
    static let secondsBetweenDecreases = 3_600.0

    /// Checks that provisioned throughput is there with PROVISIONED, and only with it.
    static func check(
        _ throughput: ProvisionedThroughput?, billingMode: BillingMode, indexName: String?
    ) throws(ServiceError) {
        guard let throughput else {
            guard billingMode == .provisioned else { return }
            guard let indexName else {
                throw .invalidParameterValues(
                    "ReadCapacityUnits and WriteCapacityUnits must both be specified when "
                        + "BillingMode is PROVISIONED")
            }
            throw .invalidParameterValues(
                "ProvisionedThroughput is not specified for index: \(indexName)")
        }
        guard billingMode == .provisioned else {
            guard let indexName else {
                throw .invalidParameterValues(
                    "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
                        + "BillingMode is PAY_PER_REQUEST")
            }
            throw .invalidParameterValues(
                "ProvisionedThroughput should not be specified for index: \(indexName) when "
                    + "BillingMode is PAY_PER_REQUEST")
        }
        try checkBounds(throughput, indexName: indexName)
    }

    /// Checks numbers of units against the bounds and the quota of a table.
    static func checkBounds(
        _ throughput: ProvisionedThroughput, indexName: String?
    ) throws(ServiceError) {
        let members = [
            ("ReadCapacityUnits", throughput.readCapacityUnits),
            ("WriteCapacityUnits", throughput.writeCapacityUnits),
        ]
        for (member, units) in members where units > capacityUnitsBound {
            let suffix = indexName.map { " for index \($0)" } ?? ""
            throw .validation("Given value \(units) for \(member) is out of bounds\(suffix)")
        }
        for (member, units) in members { try checkQuota(units, of: member, indexName: indexName) }
    }

    /// Checks a maximum of on-demand throughput: 1 or more, or -1 for none.
    static func check(
        _ throughput: OnDemandThroughput?, billingMode: BillingMode, indexName: String?
    ) throws(ServiceError) {
        guard let throughput else { return }
        guard billingMode == .payPerRequest else {
            let suffix = indexName.map { " for index: \($0)" } ?? ""
            throw .invalidParameterValues(
                "OnDemandThroughput should not be specified\(suffix) when "
                    + "BillingMode is PROVISIONED")
        }
        for (member, units) in [
            ("MaxReadRequestUnits", throughput.maxReadRequestUnits),
            ("MaxWriteRequestUnits", throughput.maxWriteRequestUnits),
        ] {
            guard let units else { continue }
            guard units >= 1 || units == -1 else {
                throw .invalidParameterValues(
                    "\(member) must be greater than or equal to 1, or -1 to remove the maximum")
            }
            try checkQuota(units, of: member, indexName: indexName)
        }
    }

    /// Checks the warm throughput that a table or index is to start with.
    static func checkInitial(
        _ requested: WarmThroughput?, provisioned: ProvisionedThroughput?,
        billingMode: BillingMode, indexName: String?
    ) throws(ServiceError) {
        _ = try raised(
            .granted(by: billingMode, ProvisionedThroughputDescription(provisioned)),
            to: requested, indexName: indexName
        ) { member in
            guard billingMode == .provisioned else { return "initial throughput for OnDemand" }
            let units =
                member == "ReadUnitsPerSecond" ? "ReadCapacityUnits" : "WriteCapacityUnits"
            return "\(units) of ProvisionedThroughput"
        }
    }

    /// What the warm throughput becomes: it can be raised, never lowered.
    ///
    /// - Parameters:
    ///   - current: with both members; what the request leaves out stays.
    ///   - floor: the words for the current value of a member.
    static func raised(
        _ current: WarmThroughput, to requested: WarmThroughput?, indexName: String?,
        floor: (_ member: String) -> String = { _ in
            "current WarmThroughput, decreasing WarmThroughput is not supported"
        }
    ) throws(ServiceError) -> WarmThroughput {
        guard let requested else { return current }
        guard requested.readUnitsPerSecond != nil || requested.writeUnitsPerSecond != nil else {
            throw .invalidParameterValues(
                "At least one of ReadUnitsPerSecond or WriteUnitsPerSecond is required for "
                    + "WarmThroughput")
        }
        let subject = indexName.map { "index \($0)" } ?? "table"
        for (member, now, then) in [
            ("ReadUnitsPerSecond", current.readUnitsPerSecond, requested.readUnitsPerSecond),
            ("WriteUnitsPerSecond", current.writeUnitsPerSecond, requested.writeUnitsPerSecond),
        ] {
            guard let now, let then else { continue }
            guard then >= now else {
                throw .invalidParameterValues(
                    "Requested \(member) for WarmThroughput for \(subject) is lower than "
                        + floor(member))
            }
            try checkQuota(then, of: member, indexName: indexName)
        }
        return WarmThroughput(
            readUnitsPerSecond: requested.readUnitsPerSecond ?? current.readUnitsPerSecond,
            writeUnitsPerSecond: requested.writeUnitsPerSecond ?? current.writeUnitsPerSecond)
    }

    /// What provisioned throughput becomes by an UpdateTable.
    ///
    /// - Throws: ValidationException where nothing changes; LimitExceededException for one
    ///   decrease too many within a UTC day.
    static func changed(
        _ current: ProvisionedThroughputDescription, to requested: ProvisionedThroughput,
        indexName: String?, now: Timestamp
    ) throws(ServiceError) -> ProvisionedThroughputDescription {
        let read = requested.readCapacityUnits
        let write = requested.writeCapacityUnits
        guard read != current.readCapacityUnits || write != current.writeCapacityUnits else {
            throw unchanged(requested, indexName: indexName)
        }
        var changed = current
        if read < current.readCapacityUnits || write < current.writeCapacityUnits {
            let decreases = decreasesToday(of: current, now: now)
            if decreases >= freeDecreasesPerDay, let last = current.lastDecreaseDateTime,
                now - last < secondsBetweenDecreases
            {
                throw tooManyDecreases(decreases, last: last)
            }
            changed.numberOfDecreasesToday = decreases + 1
            changed.lastDecreaseDateTime = now
        }
        if read > current.readCapacityUnits || write > current.writeCapacityUnits {
            changed.lastIncreaseDateTime = now
        }
        changed.readCapacityUnits = read
        changed.writeCapacityUnits = write
        return changed
    }

    /// How many decreases fell into the UTC day of `now`.
    static func decreasesToday(
        of throughput: ProvisionedThroughputDescription, now: Timestamp
    ) -> Int {
        guard let last = throughput.lastDecreaseDateTime,
            CalendarTime.day(of: last) == CalendarTime.day(of: now)
        else { return 0 }
        return throughput.numberOfDecreasesToday
    }

    private static func checkQuota(
        _ units: Int, of member: String, indexName: String?
    ) throws(ServiceError) {
        let quota = Limits.tableCapacityUnitsMax
        guard units > quota else { return }
        let subject = indexName.map { "index \($0)" } ?? "table"
        throw .subscriberLimitExceeded(
            "Requested \(member) \(units) for \(subject) exceeds the per-table limit of \(quota)")
    }

    private static func unchanged(
        _ requested: ProvisionedThroughput, indexName: String?
    ) -> ServiceError {
        let subject = indexName.map { "index \($0)" } ?? "table"
        let kind = indexName == nil ? "table" : "index"
        let read = requested.readCapacityUnits
        let write = requested.writeCapacityUnits
        return .validation(
            "The provisioned throughput for the \(subject) will not change. "
                + "The requested value equals the current value. "
                + "Current ReadCapacityUnits provisioned for the \(kind): \(read). "
                + "Requested ReadCapacityUnits: \(read). "
                + "Current WriteCapacityUnits provisioned for the \(kind): \(write). "
                + "Requested WriteCapacityUnits: \(write). "
                + "Refer to the Amazon DynamoDB Developer Guide for current limits and "
                + "how to request higher limits.")
    }

    private static func tooManyDecreases(_ count: Int, last: Timestamp) -> ServiceError {
        .subscriberLimitExceeded(
            "Provisioned throughput decreases are limited within a given UTC day. "
                + "After the first \(freeDecreasesPerDay) decreases, each subsequent decrease in "
                + "the same UTC day can be performed at most once every "
                + "\(Int(secondsBetweenDecreases)) seconds. "
                + "Number of decreases today: \(count). "
                + "Last decrease at \(CalendarTime(last).prose). "
                + "Next decrease can be made at "
                + "\(CalendarTime(last + secondsBetweenDecreases).prose)")
    }
}
