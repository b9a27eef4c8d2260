import Operations
import Synchronization
import Testing
import Wire

@testable import Transfer

@Suite("Settings of a table that is made anew")
struct TableSettingsTests {
    private static let arn = "arn:aws:dynamodb:eu-west-1:1:table/t"

    private static func json(_ text: String) throws -> JSONValue {
        try JSONValue(parsing: Array(text.utf8))
    }

    private static func table(stream: String) throws -> TransferTable {
        try TransferTable(
            description: json(
                """
                {"TableName":"t","TableArn":"\(arn)","LatestStreamArn":"\(arn)/stream/\(stream)",
                 "KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],
                 "StreamSpecification":{"StreamEnabled":true},
                 "GlobalSecondaryIndexes":[{"IndexName":"g"}]}
                """))
    }

    private static let answers = [
        "ListTagsOfResource": """
        {"Tags":[{"Key":"a","Value":"1"},{"Key":"aws:cloudformation:x","Value":"2"}]}
        """,
        "DescribeTimeToLive": """
        {"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED","AttributeName":"ttl"}}
        """,
        "DescribeContinuousBackups": """
        {"ContinuousBackupsDescription":{"PointInTimeRecoveryDescription":
         {"PointInTimeRecoveryStatus":"ENABLED","RecoveryPeriodInDays":9}}}
        """,
        "DescribeContributorInsights g": """
        {"ContributorInsightsStatus":"ENABLED","ContributorInsightsMode":"THROTTLED_KEYS"}
        """,
        "DescribeContributorInsights ": "{\"ContributorInsightsStatus\":\"DISABLED\"}",
        "DescribeKinesisStreamingDestination": """
        {"KinesisDataStreamDestinations":[
         {"StreamArn":"k1","DestinationStatus":"ACTIVE",
          "ApproximateCreationDateTimePrecision":"MICROSECOND"},
         {"StreamArn":"k2","DestinationStatus":"DISABLED"}]}
        """,
        "GetResourcePolicy \(arn)": "{\"Policy\":\"for \(arn)\"}",
        "GetResourcePolicy \(arn)/stream/1": """
        {"Policy":"for \(arn)/stream/1 and \(arn)/stream/1"}
        """,
    ]

    @Test("are read before, and set on the table that takes its place")
    func all() async throws {
        let told = Mutex<[String]>([])
        let busy = Mutex(1)
        let call: TableSettings.Call = { (operation, parameters) async throws(ServiceError) in
            let place = parameters["IndexName"]?.string ?? parameters["ResourceArn"]?.string ?? ""
            if let text = Self.answers[operation] ?? Self.answers["\(operation) \(place)"] {
                return try JSONValue(parsing: Array(text.utf8))
            }
            let isBusy =
                operation == "UpdateContinuousBackups"
                && busy.withLock { left in
                    left -= 1
                    return left >= 0
                }
            if isBusy {
                throw ServiceError(
                    "ContinuousBackupsUnavailableException", "soon", namespace: .dynamodb)
            }
            if operation == "EnableKinesisStreamingDestination" {
                throw ServiceError("AccessDeniedException", "not yours", namespace: .dynamodb)
            }
            told.withLock {
                $0.append(
                    operation + " " + String(decoding: parameters.encoded, as: UTF8.self))
            }
            return .object([])
        }
        let settings = try await TableSettings(of: try Self.table(stream: "1"), call)
        #expect(told.withLock { $0.isEmpty })
        let tags = settings.tags.map { String(decoding: $0.encoded, as: UTF8.self) }
        #expect(tags == "[{\"Key\":\"a\",\"Value\":\"1\"}]")
        let faults = await settings.apply(to: try Self.table(stream: "2"), call)
        #expect(faults == ["its Kinesis destination (not yours)"])
        func policy(_ arn: String, _ text: String) -> String {
            """
            PutResourcePolicy {"ResourceArn":"\(arn)","Policy":"\(text)",\
            "ConfirmRemoveSelfResourceAccess":true}
            """
        }
        let stream = Self.arn + "/stream/2"
        #expect(
            told.withLock { $0 } == [
                """
                UpdateTimeToLive {"TableName":"t","TimeToLiveSpecification":\
                {"AttributeName":"ttl","Enabled":true}}
                """,
                """
                UpdateContinuousBackups {"TableName":"t","PointInTimeRecoverySpecification":\
                {"PointInTimeRecoveryEnabled":true,"RecoveryPeriodInDays":9}}
                """,
                """
                UpdateContributorInsights {"TableName":"t","IndexName":"g",\
                "ContributorInsightsAction":"ENABLE","ContributorInsightsMode":"THROTTLED_KEYS"}
                """,
                policy(Self.arn, "for \(Self.arn)"),
                policy(stream, "for \(stream) and \(stream)"),
            ])
    }

    @Test("that an endpoint doesn't know are none; other refusals end it before anything is lost")
    func unknown() async throws {
        let unknown: TableSettings.Call = { (operation, _) async throws(ServiceError) in
            if operation == "ListTagsOfResource" { return .object([]) }
            let code =
                operation == "GetResourcePolicy"
                ? "PolicyNotFoundException" : "UnknownOperationException"
            throw ServiceError(code, "no", namespace: .dynamodb)
        }
        let settings = try await TableSettings(of: try Self.table(stream: "1"), unknown)
        #expect(settings.tags == nil)
        #expect(await settings.apply(to: try Self.table(stream: "2"), unknown).isEmpty)
        let table = try Self.table(stream: "1")
        await #expect(throws: ServiceError.self) {
            _ = try await TableSettings(of: table) { (_, _) async throws(ServiceError) in
                throw ServiceError("AccessDeniedException", "no", namespace: .dynamodb)
            }
        }
    }
}
