internal import Operations

/// The control plane's requests from JSON, and its answers to JSON.
enum TableCodec {
    /// Decodes a request of the control plane.
    ///
    /// - Parameter body: has passed `ModelValidator.check`; required members are there.
    /// - Throws: UnknownOperationException for an operation that isn't built here.
    static func decode(
        operation: String, body: JSONValue
    ) throws(ServiceError) -> OperationRequest {
        let fields = RequestFields(body)
        switch operation {
        case "CreateTable": return .createTable(createTable(fields))
        case "DescribeTable": return .describeTable(table(fields))
        case "ListTables":
            var request = ListTablesRequest()
            request.exclusiveStartTableName = fields.string("ExclusiveStartTableName")
            request.limit = fields.integer("Limit")
            return .listTables(request)
        case "UpdateTable": return .updateTable(updateTable(fields))
        case "DeleteTable": return .deleteTable(table(fields))
        case "TagResource":
            var request = TagResourceRequest()
            request.resourceArn = fields.string("ResourceArn") ?? ""
            request.tags = tags(fields) ?? []
            return .tagResource(request)
        case "UntagResource":
            var request = UntagResourceRequest()
            request.resourceArn = fields.string("ResourceArn") ?? ""
            request.tagKeys = fields.strings("TagKeys") ?? []
            return .untagResource(request)
        case "ListTagsOfResource":
            var request = ListTagsOfResourceRequest()
            request.resourceArn = fields.string("ResourceArn") ?? ""
            request.nextToken = fields.string("NextToken")
            return .listTagsOfResource(request)
        case "DescribeLimits": return .describeLimits
        case "DescribeEndpoints": return .describeEndpoints
        case "DescribeTimeToLive": return .describeTimeToLive(table(fields))
        case "UpdateTimeToLive": return .updateTimeToLive(updateTimeToLive(fields))
        case "DescribeContinuousBackups": return .describeContinuousBackups(table(fields))
        case "UpdateContinuousBackups":
            return .updateContinuousBackups(updateContinuousBackups(fields))
        case "PutResourcePolicy": return .putResourcePolicy(putResourcePolicy(fields))
        case "GetResourcePolicy": return .getResourcePolicy(resourcePolicy(fields))
        case "DeleteResourcePolicy": return .deleteResourcePolicy(resourcePolicy(fields))
        default: throw ServiceError("UnknownOperationException", "", namespace: .coralService)
        }
    }

    /// Writes an answer of the control plane; nothing for `.empty` and for the data plane's.
    static func encode(_ response: OperationResponse, into writer: inout JSONWriter) {
        switch response {
        case .tableDescription(let table):
            writer.object("TableDescription") { table.write(into: &$0) }
        case .table(let table):
            writer.object("Table") { table.write(into: &$0) }
        case .listTables(let answer): write(answer, into: &writer)
        case .listTagsOfResource(let answer): write(answer, into: &writer)
        case .describeLimits(let limits): write(limits, into: &writer)
        case .describeEndpoints(let address, let period):
            writer.beginObject()
            writer.list("Endpoints", [address]) { address, writer in
                writer.beginObject()
                writer.member("Address", address)
                writer.member("CachePeriodInMinutes", period)
                writer.endObject()
            }
            writer.endObject()
        case .describeTimeToLive(let description):
            writer.object("TimeToLiveDescription") { writer in
                writer.member("AttributeName", description.attributeName)
                writer.member("TimeToLiveStatus", description.status)
            }
        case .updateTimeToLive(let specification):
            writer.object("TimeToLiveSpecification") { writer in
                writer.member("AttributeName", specification.attributeName)
                writer.member("Enabled", specification.enabled)
            }
        case .describeContinuousBackups(let description):
            writer.object("ContinuousBackupsDescription") { writer in
                writer.member("ContinuousBackupsStatus", "ENABLED")
                writer.member("PointInTimeRecoveryDescription") { writer in
                    write(description.pointInTimeRecovery, into: &writer)
                }
            }
        case .resourcePolicy(let answer):
            writer.beginObject()
            writer.member("Policy", answer.policy)
            writer.member("RevisionId", answer.revisionId)
            writer.endObject()
        default: return
        }
    }

    private static func write(
        _ recovery: PointInTimeRecoveryDescription?, into writer: inout JSONWriter
    ) {
        writer.member("EarliestRestorableDateTime", recovery?.earliestRestorableDateTime)
        writer.member("LatestRestorableDateTime", recovery?.latestRestorableDateTime)
        writer.member("PointInTimeRecoveryStatus", recovery == nil ? "DISABLED" : "ENABLED")
        writer.member("RecoveryPeriodInDays", recovery?.recoveryPeriodInDays)
    }

    private static func write(_ answer: ListTablesResponse, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("LastEvaluatedTableName", answer.lastEvaluatedTableName)
        writer.list("TableNames", answer.tableNames) { name, writer in writer.string(name) }
        writer.endObject()
    }

    private static func write(_ answer: ListTagsOfResourceResponse, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("NextToken", answer.nextToken)
        writer.list("Tags", answer.tags) { tag, writer in
            writer.beginObject()
            writer.member("Key", tag.key)
            writer.member("Value", tag.value)
            writer.endObject()
        }
        writer.endObject()
    }

    private static func write(_ limits: DescribeLimitsResponse, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("AccountMaxReadCapacityUnits", limits.accountMaxReadCapacityUnits)
        writer.member("AccountMaxWriteCapacityUnits", limits.accountMaxWriteCapacityUnits)
        writer.member("TableMaxReadCapacityUnits", limits.tableMaxReadCapacityUnits)
        writer.member("TableMaxWriteCapacityUnits", limits.tableMaxWriteCapacityUnits)
        writer.endObject()
    }
}
