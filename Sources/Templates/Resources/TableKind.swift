internal import Operations
internal import Wire

/// AWS::DynamoDB::Table, and AWS::DynamoDB::GlobalTable as a table of its own region.
struct TableKind: ResourceKind {
    func identify(_ resource: ResolvedResource, _ stack: StackView) async throws -> String? {
        stack.name(resource, "TableName", limit: 255)
    }

    func find(
        _ id: String, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> JSONValue? {
        var state = try await describe(id, stack)
        // What is about to go is waited for.
        while state?["TableStatus"]?.string == "DELETING" {
            try await Task.sleep(for: .milliseconds(50))
            state = try await describe(id, stack)
        }
        return state
    }

    private func describe(_ id: String, _ stack: StackView) async throws -> JSONValue? {
        try await stack.target.found { () throws(ServiceError) in
            try await stack.target.dynamodb("DescribeTable", [("TableName", .string(id))])
        }?["Table"]
    }

    func create(_ resource: ResolvedResource, _ stack: StackView) async throws -> String {
        let design = try TableDesign(resource, name: stack.name(resource, "TableName", limit: 255))
        _ = try await stack.target.dynamodb("CreateTable", design.creation)
        let state = try await settled(design.name, stack)
        try await TableSettings(design, state, stack).apply()
        return design.name
    }

    func update(
        _ id: String, _ state: JSONValue, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> String {
        let design = try TableDesign(resource, name: id)
        if let difference = design.replacement(of: state) {
            guard stack.replaces else {
                throw resource.fault(
                    "\(difference) of the table \(id) cannot be changed: only a replacement can, "
                        + "which deletes its items; give --replace if that is wanted")
            }
            try await delete(id, stack)
            return try await create(resource, stack)
        }
        for change in design.changes(of: state) {
            _ = try await stack.target.dynamodb(
                "UpdateTable", [("TableName", .string(id))] + change)
            _ = try await settled(id, stack)
        }
        try await TableSettings(design, state, stack).apply()
        return id
    }

    func delete(_ owned: OwnedResource, _ stack: StackView) async throws {
        try await delete(owned.physicalID, stack)
    }

    private func delete(_ name: String, _ stack: StackView) async throws {
        _ = try await stack.target.found { () throws(ServiceError) in
            try await stack.target.dynamodb("DeleteTable", [("TableName", .string(name))])
        }
        while try await describe(name, stack) != nil {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The table's description once it and its indexes are active.
    private func settled(_ name: String, _ stack: StackView) async throws -> JSONValue {
        for attempt in 0..<100_000 {
            guard let state = try await describe(name, stack) else { break }
            let indexes = state["GlobalSecondaryIndexes"]?.elements ?? []
            if state["TableStatus"]?.string == "ACTIVE",
                indexes.allSatisfy({ $0["IndexStatus"]?.string == "ACTIVE" })
            {
                return state
            }
            try await Task.sleep(for: .milliseconds(min(500, 5 + attempt * 5)))
        }
        throw TemplateError("the table \(name) didn't become active")
    }

    func attributes(
        _ id: String, _ state: JSONValue, _ stack: StackView
    ) -> [String: String] {
        var attributes = [
            "Arn": state["TableArn"]?.string ?? stack.place.arn("dynamodb", "table/\(id)")
        ]
        attributes["TableId"] = state["TableId"]?.string
        if let stream = state["LatestStreamArn"]?.string {
            attributes["StreamArn"] = stream
        }
        return attributes
    }
}

/// What of a table stands beside its description: time to live, recovery, tags, policy.
private struct TableSettings {
    private let design: TableDesign
    private let state: JSONValue
    private let stack: StackView

    init(_ design: TableDesign, _ state: JSONValue, _ stack: StackView) {
        self.design = design
        self.state = state
        self.stack = stack
    }

    private var name: [(String, JSONValue)] { [("TableName", .string(design.name))] }

    func apply() async throws {
        try await applyTimeToLive()
        try await applyRecovery()
        try await applyTags()
        try await applyPolicy()
    }

    private func applyTimeToLive() async throws {
        let told = try await stack.target.dynamodb("DescribeTimeToLive", name)[
            "TimeToLiveDescription"]
        let isOn = ["ENABLED", "ENABLING"].contains(told?["TimeToLiveStatus"]?.string)
        let current = isOn ? told?["AttributeName"]?.string : nil
        guard current != design.timeToLive else { return }
        for (attribute, enabled) in [(current, false), (design.timeToLive, true)] {
            guard let attribute else { continue }
            _ = try await stack.target.dynamodb(
                "UpdateTimeToLive",
                name + [
                    (
                        "TimeToLiveSpecification",
                        .object([
                            ("AttributeName", .string(attribute)), ("Enabled", .bool(enabled)),
                        ])
                    )
                ])
        }
    }

    private func applyRecovery() async throws {
        let told = try await stack.target.dynamodb("DescribeContinuousBackups", name)
        let recovery = told["ContinuousBackupsDescription"]?["PointInTimeRecoveryDescription"]
        let isOn = recovery?["PointInTimeRecoveryStatus"]?.string == "ENABLED"
        let wanted = design.recovery?["PointInTimeRecoveryEnabled"]?.bool ?? false
        let days = wanted ? design.recovery?["RecoveryPeriodInDays"] : nil
        guard isOn != wanted || (days != nil && days != recovery?["RecoveryPeriodInDays"]) else {
            return
        }
        _ = try await stack.target.dynamodb(
            "UpdateContinuousBackups",
            name + [
                (
                    "PointInTimeRecoverySpecification",
                    .object(present: [
                        ("PointInTimeRecoveryEnabled", .bool(wanted)),
                        ("RecoveryPeriodInDays", days),
                    ])
                )
            ])
    }

    private func applyTags() async throws {
        guard let arn = state["TableArn"] else { return }
        var current: [String: String] = [:]
        var next: JSONValue?
        repeat {
            let page = try await stack.target.dynamodb(
                "ListTagsOfResource",
                [("ResourceArn", arn)] + (next.map { [("NextToken", $0)] } ?? []))
            for tag in page["Tags"]?.elements ?? [] {
                if let key = tag["Key"]?.string { current[key] = tag["Value"]?.string }
            }
            next = page["NextToken"]
        } while next?.string != nil
        let added = design.tags.filter { current[$0.key] != $0.value }
        let removed = current.keys.filter { design.tags[$0] == nil }.sorted()
        if !added.isEmpty {
            _ = try await stack.target.dynamodb(
                "TagResource", [("ResourceArn", arn), ("Tags", TableDesign.list(added))])
        }
        if !removed.isEmpty {
            _ = try await stack.target.dynamodb(
                "UntagResource",
                [("ResourceArn", arn), ("TagKeys", .array(removed.map { .string($0) }))])
        }
    }

    private func applyPolicy() async throws {
        guard let arn = state["TableArn"] else { return }
        let current = try await stack.target.found(["PolicyNotFoundException"]) {
            () throws(ServiceError) in
            try await stack.target.dynamodb("GetResourcePolicy", [("ResourceArn", arn)])
        }?["Policy"]?.string
        let parsed = current.flatMap { try? JSONValue(parsing: Array($0.utf8)) }
        guard parsed != design.policy else { return }
        if let policy = design.policy {
            let text = String(decoding: policy.encoded, as: UTF8.self)
            _ = try await stack.target.dynamodb(
                "PutResourcePolicy", [("ResourceArn", arn), ("Policy", .string(text))])
        } else {
            _ = try await stack.target.dynamodb("DeleteResourcePolicy", [("ResourceArn", arn)])
        }
    }
}
