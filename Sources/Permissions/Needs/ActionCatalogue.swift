/// The actions of DynamoDB that policies can name, as the service authorization reference lists
/// them, and what each can be restricted to.
enum ActionCatalogue {
    struct Action: Sendable {
        var name: String
        /// Whether a policy can name resources for it; else it must say `*`.
        var hasResources: Bool
    }

    /// By name in lower case.
    static let dynamodb: [String: Action] = {
        var actions: [String: Action] = [:]
        for name in withResources.split(whereSeparator: \.isWhitespace) {
            actions[name.lowercased()] = Action(name: String(name), hasResources: true)
        }
        for name in withoutResources.split(whereSeparator: \.isWhitespace) {
            actions[name.lowercased()] = Action(name: String(name), hasResources: false)
        }
        return actions
    }()

    private static let withResources = """
        AssociateTableReplica BatchGetItem BatchWriteItem ConditionCheckItem CreateBackup
        CreateGlobalTable CreateGlobalTableWitness CreateTable CreateTableReplica DeleteBackup
        DeleteGlobalTableWitness DeleteItem DeleteResourcePolicy DeleteTable DeleteTableReplica
        DescribeBackup DescribeContinuousBackups DescribeContributorInsights DescribeExport
        DescribeGlobalTable DescribeGlobalTableSettings DescribeImport
        DescribeKinesisStreamingDestination DescribeStream DescribeTable
        DescribeTableReplicaAutoScaling DescribeTimeToLive DisableKinesisStreamingDestination
        EnableKinesisStreamingDestination ExportTableToPointInTime GetAbacStatus GetItem
        GetRecords GetResourcePolicy GetShardIterator ImportTable InjectError
        ListTagsOfResource PartiQLDelete PartiQLInsert PartiQLSelect PartiQLUpdate PutItem
        PutResourcePolicy Query ReadDataForReplication ReplicateSettings
        RestoreTableFromAwsBackup RestoreTableFromBackup RestoreTableToPointInTime Scan
        StartAwsBackupJob TagResource UntagResource UpdateAbacStatus UpdateContinuousBackups
        UpdateContributorInsights UpdateGlobalTable UpdateGlobalTableSettings
        UpdateGlobalTableVersion UpdateItem UpdateKinesisStreamingDestination UpdateTable
        UpdateTableReplicaAutoScaling UpdateTimeToLive WriteDataForReplication
        """

    private static let withoutResources = """
        DescribeEndpoints DescribeLimits DescribeReservedCapacity
        DescribeReservedCapacityOfferings ListBackups ListContributorInsights ListExports
        ListGlobalTables ListImports ListStreams ListTables PurchaseReservedCapacityOfferings
        """

    /// Whether a policy can name resources for an action, `dynamodb:GetItem` say.
    static func hasResources(_ action: String) -> Bool {
        let parts = action.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[0] == "dynamodb" else {
            return !["lambda:ListFunctions", "lambda:ListLayers", "lambda:GetAccountSettings"]
                .contains(action)
        }
        return dynamodb[parts[1].lowercased()]?.hasResources ?? true
    }

    /// The actions of DynamoDB that a document names and that there aren't: spelt wrongly, most
    /// likely.
    static func unknownActions(in document: PolicyDocument) -> [(statement: Int, action: String)] {
        let nothing = PolicyValues([:])
        return document.namedActions.compactMap { statement, pattern in
            guard pattern.text.hasPrefix("dynamodb:") else { return nil }
            let isKnown = dynamodb.keys.contains {
                pattern.matches("dynamodb:\($0)", nothing) == true
            }
            return isKnown ? nil : (statement, pattern.text)
        }
    }
}
