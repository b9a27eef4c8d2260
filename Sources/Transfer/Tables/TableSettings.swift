internal import Operations
internal import Wire

/// What a table has beside the parameters of its creation: read before it is deleted, and set
/// again on the one that takes its place.
struct TableSettings: Sendable {
    /// Calls an operation of DynamoDB.
    typealias Call = @Sendable (String, JSONValue) async throws(ServiceError) -> JSONValue

    /// One setting, as the operation that sets it.
    private struct Setting: Sendable {
        /// As the person knows it.
        let name: String
        let operation: String
        let parameters: [(String, JSONValue)]
    }

    /// CreateTable's Tags; nil where there are none.
    private(set) var tags: JSONValue?
    private var settings: [Setting] = []
    private let oldStreamARN: String?
    /// Of the stream's policy, which names the stream.
    private var streamPolicy: String?

    /// Reads all of a table's settings.
    ///
    /// What an endpoint doesn't know, no table of it has.
    init(of table: TransferTable, _ call: @escaping Call) async throws(ServiceError) {
        oldStreamARN = table.description["LatestStreamArn"]?.string
        try await readTags(table, call)
        try await readExpiry(table, call)
        try await readBackups(table, call)
        try await readInsights(table, call)
        try await readDestinations(table, call)
        if let policy = try await Self.policy(of: table.arn, call) {
            settings.append(
                Setting(
                    name: "its resource policy", operation: "PutResourcePolicy",
                    parameters: [
                        ("ResourceArn", .string(table.arn)), ("Policy", .string(policy)),
                        ("ConfirmRemoveSelfResourceAccess", .bool(true)),
                    ]))
        }
        let hasStream = table.description["StreamSpecification"]?["StreamEnabled"]?.bool == true
        guard hasStream, let oldStreamARN else { return }
        do throws(ServiceError) {
            streamPolicy = try await Self.policy(of: oldStreamARN, call)
        } catch {
            // Not every endpoint has policies of streams.
            guard error.code == "ValidationException" else { throw error }
        }
    }

    /// Sets all of them.
    ///
    /// - Returns: those that were refused, each with why; the others are set.
    func apply(to table: TransferTable, _ call: @escaping Call) async -> [String] {
        var faults: [String] = []
        for setting in settings + streamSetting(table) {
            do throws(ServiceError) {
                try await Self.set(setting, call)
            } catch {
                faults.append("\(setting.name) (\(error.message))")
            }
        }
        return faults
    }

    /// Sets one; a table that was just made may be busy for a while.
    private static func set(
        _ setting: Setting, _ call: @escaping Call
    ) async throws(ServiceError) {
        var delay = 0.1
        while true {
            do throws(ServiceError) {
                _ = try await call(setting.operation, .object(setting.parameters))
                return
            } catch {
                let isBusy = [
                    "ContinuousBackupsUnavailableException", "ResourceInUseException",
                    "LimitExceededException",
                ].contains(error.code)
                guard isBusy, delay < 20 else { throw error }
                do { try await Task.sleep(for: .seconds(delay)) } catch _ { throw error }
                delay *= 2
            }
        }
    }

    private func streamSetting(_ table: TransferTable) -> [Setting] {
        guard let streamPolicy, let oldStreamARN,
            let arn = table.description["LatestStreamArn"]?.string
        else { return [] }
        let policy = Self.replacing(oldStreamARN, by: arn, in: streamPolicy)
        return [
            Setting(
                name: "the resource policy of its stream", operation: "PutResourcePolicy",
                parameters: [
                    ("ResourceArn", .string(arn)), ("Policy", .string(policy)),
                    ("ConfirmRemoveSelfResourceAccess", .bool(true)),
                ])
        ]
    }

    private static func replacing(_ old: String, by new: String, in text: String) -> String {
        let (old, text) = (Array(old.utf8), Array(text.utf8))
        guard !old.isEmpty else { return String(decoding: text, as: UTF8.self) }
        var result: [UInt8] = []
        var at = 0
        while at < text.count {
            if text[at...].starts(with: old) {
                result += new.utf8
                at += old.count
            } else {
                result.append(text[at])
                at += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    // MARK: Reading

    private static func name(_ table: TransferTable) -> (String, JSONValue) {
        ("TableName", .string(table.name))
    }

    /// The answer to a question that an endpoint may not know, or that it may have no answer to.
    private static func answer(
        _ call: @escaping Call, _ operation: String, _ parameters: [(String, JSONValue)]
    ) async throws(ServiceError) -> JSONValue? {
        do throws(ServiceError) {
            return try await call(operation, .object(parameters))
        } catch {
            switch error.code {
            // A bare status is of a server that has no answer of DynamoDB's to it.
            case "500", "404", "UnknownOperationException", "PolicyNotFoundException",
                "NotImplemented", "501",
                "InternalFailure" where error.status == 501:
                return nil
            default: throw error
            }
        }
    }

    private static func policy(
        of arn: String, _ call: @escaping Call
    ) async throws(ServiceError) -> String? {
        try await answer(call, "GetResourcePolicy", [("ResourceArn", .string(arn))])?[
            "Policy"]?.string
    }

    private mutating func readTags(
        _ table: TransferTable, _ call: @escaping Call
    ) async throws(ServiceError) {
        var found: [JSONValue] = []
        var token: JSONValue?
        repeat {
            let page = try await call(
                "ListTagsOfResource",
                .object(present: [("ResourceArn", .string(table.arn)), ("NextToken", token)]))
            found += page["Tags"]?.elements ?? []
            token = page["NextToken"]
        } while token != nil
        // Those of the service's own making can't be given.
        found.removeAll { $0["Key"]?.string?.hasPrefix("aws:") ?? true }
        if !found.isEmpty { tags = .array(found) }
    }

    private mutating func readExpiry(
        _ table: TransferTable, _ call: @escaping Call
    ) async throws(ServiceError) {
        let told = try await Self.answer(call, "DescribeTimeToLive", [Self.name(table)])?[
            "TimeToLiveDescription"]
        guard told?["TimeToLiveStatus"]?.string?.hasPrefix("ENABL") == true,
            let attribute = told?["AttributeName"]
        else { return }
        settings.append(
            Setting(
                name: "its time to live", operation: "UpdateTimeToLive",
                parameters: [
                    Self.name(table),
                    (
                        "TimeToLiveSpecification",
                        .object([("AttributeName", attribute), ("Enabled", .bool(true))])
                    ),
                ]))
    }

    private mutating func readBackups(
        _ table: TransferTable, _ call: @escaping Call
    ) async throws(ServiceError) {
        let told = try await Self.answer(call, "DescribeContinuousBackups", [Self.name(table)])?[
            "ContinuousBackupsDescription"]?["PointInTimeRecoveryDescription"]
        guard told?["PointInTimeRecoveryStatus"]?.string == "ENABLED" else { return }
        settings.append(
            Setting(
                name: "its point-in-time recovery", operation: "UpdateContinuousBackups",
                parameters: [
                    Self.name(table),
                    (
                        "PointInTimeRecoverySpecification",
                        .object(present: [
                            ("PointInTimeRecoveryEnabled", .bool(true)),
                            ("RecoveryPeriodInDays", told?["RecoveryPeriodInDays"]),
                        ])
                    ),
                ]))
    }

    private mutating func readInsights(
        _ table: TransferTable, _ call: @escaping Call
    ) async throws(ServiceError) {
        let indexes = table.description["GlobalSecondaryIndexes"]?.elements ?? []
        for index in [nil] + indexes.map({ $0["IndexName"] }) {
            let place = [Self.name(table)] + (index.map { [("IndexName", $0)] } ?? [])
            let told = try await Self.answer(call, "DescribeContributorInsights", place)
            guard told?["ContributorInsightsStatus"]?.string?.hasPrefix("ENABL") == true else {
                continue
            }
            var parameters = place + [("ContributorInsightsAction", JSONValue.string("ENABLE"))]
            if let mode = told?["ContributorInsightsMode"] {
                parameters.append(("ContributorInsightsMode", mode))
            }
            settings.append(
                Setting(
                    name: "its contributor insights", operation: "UpdateContributorInsights",
                    parameters: parameters))
        }
    }

    private mutating func readDestinations(
        _ table: TransferTable, _ call: @escaping Call
    ) async throws(ServiceError) {
        let told = try await Self.answer(
            call, "DescribeKinesisStreamingDestination", [Self.name(table)])
        for destination in told?["KinesisDataStreamDestinations"]?.elements ?? [] {
            guard let arn = destination["StreamArn"],
                ["ACTIVE", "ENABLING", "UPDATING"].contains(
                    destination["DestinationStatus"]?.string ?? "")
            else { continue }
            var parameters = [Self.name(table), ("StreamArn", arn)]
            if let precision = destination["ApproximateCreationDateTimePrecision"] {
                parameters.append(
                    (
                        "EnableKinesisStreamingConfiguration",
                        .object([("ApproximateCreationDateTimePrecision", precision)])
                    ))
            }
            settings.append(
                Setting(
                    name: "its Kinesis destination", operation: "EnableKinesisStreamingDestination",
                    parameters: parameters))
        }
    }
}
