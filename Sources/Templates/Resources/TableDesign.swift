internal import Wire

/// What a template says of a table, as DynamoDB's operations take it.
struct TableDesign {
    let name: String
    let tags: [String: String]
    /// The attribute of time to live, where it is on.
    let timeToLive: String?
    let recovery: JSONValue?
    let policy: JSONValue?
    private let attributes: JSONValue
    private let keySchema: JSONValue
    private let localIndexes: [JSONValue]
    private let globalIndexes: [JSONValue]
    private let billingMode: String
    private let throughput: JSONValue?
    private let streamView: String?
    private let encryption: JSONValue?
    private let tableClass: String?
    private let isProtected: Bool
    private let onDemand: JSONValue?

    init(_ resource: ResolvedResource, name: String) throws(TemplateError) {
        self.name = name
        let replica = Self.replica(resource)
        guard let keySchema = resource["KeySchema"], keySchema.elements?.isEmpty == false,
            let attributes = resource["AttributeDefinitions"]
        else { throw resource.fault("expected KeySchema and AttributeDefinitions") }
        self.keySchema = keySchema
        self.attributes = attributes
        let settings = ResolvedResource(
            logicalID: resource.logicalID, type: resource.type,
            properties: replica ?? resource.properties, isRetained: false)
        tags = settings.tags()
        recovery = settings["PointInTimeRecoverySpecification"]
        isProtected = settings["DeletionProtectionEnabled"]?.bool ?? false
        tableClass = settings.text("TableClass")
        policy = settings["ResourcePolicy"]?["PolicyDocument"]
        localIndexes = resource["LocalSecondaryIndexes"]?.elements ?? []
        billingMode = resource.text("BillingMode") ?? "PROVISIONED"
        let isProvisioned = billingMode == "PROVISIONED"
        throughput =
            isProvisioned
            ? resource["ProvisionedThroughput"] ?? Self.throughput(resource.properties, replica)
            : nil
        globalIndexes = (resource["GlobalSecondaryIndexes"]?.elements ?? []).map {
            Self.index($0, replica, isProvisioned: isProvisioned)
        }
        streamView = resource["StreamSpecification"]?["StreamViewType"]?.string
        onDemand = resource["OnDemandThroughput"]
        encryption = resource["SSESpecification"].map { specification in
            .object(present: [
                ("Enabled", specification["SSEEnabled"] ?? .bool(false)),
                ("SSEType", specification["SSEType"]),
                ("KMSMasterKeyId", specification["KMSMasterKeyId"]),
            ])
        }
        let ttl = resource["TimeToLiveSpecification"]
        timeToLive =
            ttl?["Enabled"]?.bool == true ? ttl?["AttributeName"]?.plainText : nil
    }

    /// The replica of a global table whose settings the table takes: there is one region here.
    private static func replica(_ resource: ResolvedResource) -> JSONValue? {
        guard resource.type == "AWS::DynamoDB::GlobalTable" else { return nil }
        return resource["Replicas"]?.elements?.first ?? .object([])
    }

    /// Throughput as a global table tells it: writes for all, reads for each replica.
    private static func throughput(_ global: JSONValue, _ replica: JSONValue?) -> JSONValue? {
        guard let replica else { return nil }
        let write = global["WriteProvisionedThroughputSettings"]
        let read = replica["ReadProvisionedThroughputSettings"]
        return .object([
            (
                "ReadCapacityUnits",
                read?["ReadCapacityUnits"]
                    ?? read?["ReadCapacityAutoScalingSettings"]?["MinCapacity"] ?? .number("1")
            ),
            (
                "WriteCapacityUnits",
                write?["WriteCapacityUnits"]
                    ?? write?["WriteCapacityAutoScalingSettings"]?["MinCapacity"] ?? .number("1")
            ),
        ])
    }

    private static func index(
        _ given: JSONValue, _ replica: JSONValue?, isProvisioned: Bool
    ) -> JSONValue {
        let name = given["IndexName"]
        let ofReplica = replica?["GlobalSecondaryIndexes"]?.elements?.first {
            $0["IndexName"] == name
        }
        let own =
            given["ProvisionedThroughput"]
            ?? replica.flatMap { _ in throughput(given, ofReplica ?? .object([])) }
        return .object(present: [
            ("IndexName", name), ("KeySchema", given["KeySchema"]),
            ("Projection", given["Projection"]),
            ("ProvisionedThroughput", isProvisioned ? own : nil),
            ("OnDemandThroughput", given["OnDemandThroughput"]),
            ("WarmThroughput", given["WarmThroughput"]),
        ])
    }

    static func list(_ tags: [String: String]) -> JSONValue {
        .array(
            tags.sorted { $0.key < $1.key }.map {
                .object([("Key", .string($0.key)), ("Value", .string($0.value))])
            })
    }

    // MARK: Creating

    /// What CreateTable takes.
    var creation: [(String, JSONValue)] {
        let members: [(String, JSONValue?)] = [
            ("TableName", .string(name)), ("AttributeDefinitions", attributes),
            ("KeySchema", keySchema),
            ("LocalSecondaryIndexes", localIndexes.isEmpty ? nil : .array(localIndexes)),
            ("GlobalSecondaryIndexes", globalIndexes.isEmpty ? nil : .array(globalIndexes)),
            ("BillingMode", .string(billingMode)), ("ProvisionedThroughput", throughput),
            ("StreamSpecification", streamView.map { Self.stream($0) }),
            ("SSESpecification", encryption), ("Tags", tags.isEmpty ? nil : Self.list(tags)),
            ("TableClass", tableClass.map { .string($0) }),
            ("DeletionProtectionEnabled", isProtected ? .bool(true) : nil),
            ("OnDemandThroughput", onDemand),
        ]
        return members.compactMap { name, value in value.map { (name, $0) } }
    }

    private static func stream(_ view: String?) -> JSONValue {
        .object(present: [
            ("StreamEnabled", .bool(view != nil)), ("StreamViewType", view.map { .string($0) }),
        ])
    }

    // MARK: Changing

    /// What of a table cannot be changed but should be; nil where there is nothing.
    func replacement(of state: JSONValue) -> String? {
        if Self.text(keySchema) != Self.text(state["KeySchema"]) { return "the key schema" }
        let current = Self.types(state["AttributeDefinitions"])
        let wanted = Self.types(attributes)
        for key in keySchema.elements ?? [] {
            guard let name = key["AttributeName"]?.string else { continue }
            if current[name] != wanted[name] { return "the type of the key attribute \(name)" }
        }
        let before = (state["LocalSecondaryIndexes"]?.elements ?? []).map { Self.text(index: $0) }
        if Set(before) != Set(localIndexes.map { Self.text(index: $0) }) {
            return "the local secondary indexes"
        }
        return nil
    }

    private static func types(_ definitions: JSONValue?) -> [String: String] {
        var types: [String: String] = [:]
        for definition in definitions?.elements ?? [] {
            if let name = definition["AttributeName"]?.string {
                types[name] = definition["AttributeType"]?.string
            }
        }
        return types
    }

    private static func text(_ keySchema: JSONValue?) -> String {
        (keySchema?.elements ?? []).map { key in
            (key["AttributeName"]?.string ?? "") + ":" + (key["KeyType"]?.string ?? "")
        }.joined(separator: ",")
    }

    /// What of an index cannot be changed.
    private static func text(index: JSONValue) -> String {
        let projection = index["Projection"]
        let names = (projection?["NonKeyAttributes"]?.elements ?? []).compactMap(\.string)
        return [
            index["IndexName"]?.string ?? "", text(index["KeySchema"]),
            projection?["ProjectionType"]?.string ?? "",
            names.sorted().joined(separator: ","),
        ].joined(separator: "|")
    }

    /// The calls of UpdateTable that make a table what it should be, in order.
    func changes(of state: JSONValue) -> [[(String, JSONValue)]] {
        throughputChanges(of: state) + indexChanges(of: state) + streamChanges(of: state)
            + otherChanges(of: state)
    }

    private func throughputChanges(of state: JSONValue) -> [[(String, JSONValue)]] {
        let current = state["BillingModeSummary"]?["BillingMode"]?.string ?? "PROVISIONED"
        if current != billingMode {
            var change: [(String, JSONValue)] = [("BillingMode", .string(billingMode))]
            if let throughput { change.append(("ProvisionedThroughput", throughput)) }
            let names = Set(Self.indexes(state).keys)
            let updates = globalIndexes.filter { index in
                throughput != nil && names.contains(index["IndexName"]?.string ?? "")
                    && index["ProvisionedThroughput"] != nil
            }
            if !updates.isEmpty {
                change.append(
                    ("GlobalSecondaryIndexUpdates", .array(updates.map { Self.update($0) })))
            }
            return [change]
        }
        guard billingMode == "PROVISIONED" else { return [] }
        var change: [(String, JSONValue)] = []
        if let throughput,
            Self.units(throughput) != Self.units(state["ProvisionedThroughput"])
        {
            change.append(("ProvisionedThroughput", throughput))
        }
        let before = Self.indexes(state)
        let updates = globalIndexes.filter { index in
            guard let current = before[index["IndexName"]?.string ?? ""],
                let wanted = index["ProvisionedThroughput"]
            else { return false }
            return Self.units(wanted) != Self.units(current["ProvisionedThroughput"])
        }
        if !updates.isEmpty {
            change.append(("GlobalSecondaryIndexUpdates", .array(updates.map { Self.update($0) })))
        }
        return change.isEmpty ? [] : [change]
    }

    private static func update(_ index: JSONValue) -> JSONValue {
        .object([
            (
                "Update",
                .object(present: [
                    ("IndexName", index["IndexName"]),
                    ("ProvisionedThroughput", index["ProvisionedThroughput"]),
                ])
            )
        ])
    }

    private static func units(_ throughput: JSONValue?) -> [String?] {
        [
            throughput?["ReadCapacityUnits"]?.plainText,
            throughput?["WriteCapacityUnits"]?.plainText,
        ]
    }

    private static func indexes(_ state: JSONValue) -> [String: JSONValue] {
        var indexes: [String: JSONValue] = [:]
        for index in state["GlobalSecondaryIndexes"]?.elements ?? [] {
            if let name = index["IndexName"]?.string { indexes[name] = index }
        }
        return indexes
    }

    /// One index is deleted or created by a call.
    private func indexChanges(of state: JSONValue) -> [[(String, JSONValue)]] {
        let before = Self.indexes(state)
        var kept: Set<String> = []
        for index in globalIndexes {
            guard let name = index["IndexName"]?.string, let current = before[name] else {
                continue
            }
            if Self.text(index: current) == Self.text(index: index) { kept.insert(name) }
        }
        var changes: [[(String, JSONValue)]] = []
        for name in before.keys.sorted() where !kept.contains(name) {
            let deletion = JSONValue.object([
                ("Delete", .object([("IndexName", .string(name))]))
            ])
            changes.append([("GlobalSecondaryIndexUpdates", .array([deletion]))])
        }
        for index in globalIndexes where !kept.contains(index["IndexName"]?.string ?? "") {
            changes.append([
                ("AttributeDefinitions", attributes),
                ("GlobalSecondaryIndexUpdates", .array([.object([("Create", index)])])),
            ])
        }
        return changes
    }

    private func streamChanges(of state: JSONValue) -> [[(String, JSONValue)]] {
        let specification = state["StreamSpecification"]
        let current =
            specification?["StreamEnabled"]?.bool == true
            ? specification?["StreamViewType"]?.string : nil
        guard current != streamView else { return [] }
        var changes: [[(String, JSONValue)]] = []
        if current != nil { changes.append([("StreamSpecification", Self.stream(nil))]) }
        if let streamView { changes.append([("StreamSpecification", Self.stream(streamView))]) }
        return changes
    }

    private func otherChanges(of state: JSONValue) -> [[(String, JSONValue)]] {
        var changes: [[(String, JSONValue)]] = []
        if (state["DeletionProtectionEnabled"]?.bool ?? false) != isProtected {
            changes.append([("DeletionProtectionEnabled", .bool(isProtected))])
        }
        let current = state["TableClassSummary"]?["TableClass"]?.string ?? "STANDARD"
        if current != tableClass ?? "STANDARD" {
            changes.append([("TableClass", .string(tableClass ?? "STANDARD"))])
        }
        let isEncrypted = state["SSEDescription"]?["Status"]?.string == "ENABLED"
        if isEncrypted != (encryption?["Enabled"]?.bool ?? false) {
            changes.append([
                ("SSESpecification", encryption ?? .object([("Enabled", .bool(false))]))
            ])
        }
        if let onDemand, onDemand != state["OnDemandThroughput"] {
            changes.append([("OnDemandThroughput", onDemand)])
        }
        return changes
    }
}
