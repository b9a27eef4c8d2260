internal import Operations
internal import Wire

/// The operations on log groups.
extension LogsAPI {
    private static let classes = ["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"]

    func createLogGroup(_ request: inout LogsRequest) throws(ServiceError) -> Answer {
        let name = try request.groupName()
        let kmsKeyID = try request.text("kmsKeyId", length: 0...256)
        let tags = try request.tags("tags")
        let logGroupClass = try request.choice("logGroupClass", Self.classes)
        let isProtected = try request.flag("deletionProtectionEnabled")
        try request.check()
        try store.createGroup(name) { group in
            group.kmsKeyID = kmsKeyID
            group.tags = tags ?? [:]
            group.logGroupClass = logGroupClass ?? "STANDARD"
            group.isDeletionProtected = isProtected ?? false
        }
        return .changed
    }

    func deleteLogGroup(_ request: inout LogsRequest) throws(ServiceError) -> Answer {
        let name = try request.groupName()
        try request.check()
        try store.deleteGroup(name)
        return .changed
    }

    func describeLogGroups(_ request: inout LogsRequest) throws(ServiceError) -> Answer {
        let prefix = try request.text("logGroupNamePrefix", .groupName)
        let pattern = try request.text("logGroupNamePattern", length: 0...512)
        let token = try request.text("nextToken", length: 1...4_096)
        let limit = try request.integer("limit", 1...50) ?? 50
        let logGroupClass = try request.choice("logGroupClass", Self.classes)
        let identifiers = try request.texts("logGroupIdentifiers", count: 1...50)
        try request.check()
        guard prefix == nil || pattern == nil else {
            throw .invalidParameter(
                "LogGroup name prefix and LogGroup name pattern are mutually exclusive "
                    + "parameters.")
        }
        var wanted: Set<LogGroupName>?
        if let identifiers {
            wanted = []
            for identifier in identifiers {
                wanted?.insert(
                    try LogGroupName(identifier: identifier, region: request.region))
            }
        }
        let page = try LogsPage(
            store.groups(region: request.region).filter { group in
                (prefix.map { group.name.name.utf8.starts(with: $0.utf8) } ?? true)
                    && (pattern.map { Self.contains(group.name.name, $0) } ?? true)
                    && (logGroupClass.map { group.logGroupClass == $0 } ?? true)
                    && (wanted?.contains(group.name) ?? true)
            }, after: token, limit: limit, by: { LogsToken(name: $0.name.name) })
        return Answer(
            body: .object(present: [
                ("logGroups", .array(page.elements.map(description))),
                ("nextToken", page.token.map { .string($0) }),
            ]))
    }

    /// Patterns are found anywhere, in any case.
    private static func contains(_ name: String, _ pattern: String) -> Bool {
        pattern.isEmpty || name.lowercased().contains(pattern.lowercased())
    }

    private func description(_ group: LogGroup) -> JSONValue {
        let arn = group.name.arn(accountID: store.accountID)
        return .object(present: [
            ("logGroupName", .string(group.name.name)),
            ("creationTime", .number(group.creationTime)),
            ("retentionInDays", group.retentionInDays.map { .number($0) }),
            ("metricFilterCount", .number(0)),
            ("arn", .string(arn + ":*")),
            ("storedBytes", .number(group.storedBytes)),
            ("kmsKeyId", group.kmsKeyID.map { .string($0) }),
            ("logGroupClass", .string(group.logGroupClass)),
            ("logGroupArn", .string(arn)),
            ("deletionProtectionEnabled", .bool(group.isDeletionProtected)),
        ])
    }

    func listLogGroups(_ request: inout LogsRequest) throws(ServiceError) -> Answer {
        let pattern = try request.text("logGroupNamePattern", length: 3...129)
        let token = try request.text("nextToken", length: 1...4_096)
        let limit = try request.integer("limit", 1...1_000) ?? 50
        let logGroupClass = try request.choice("logGroupClass", Self.classes)
        try request.check()
        let choices = pattern.map { $0.split(separator: "|").map(String.init) }
        let page = try LogsPage(
            store.groups(region: request.region).filter { group in
                (choices?.contains { choice in
                    choice.hasPrefix("^")
                        ? group.name.name.hasPrefix(choice.dropFirst())
                        : group.name.name.contains(choice)
                } ?? true) && (logGroupClass.map { group.logGroupClass == $0 } ?? true)
            }, after: token, limit: limit, by: { LogsToken(name: $0.name.name) })
        return Answer(
            body: .object(present: [
                (
                    "logGroups",
                    .array(
                        page.elements.map { group in
                            .object([
                                ("logGroupName", .string(group.name.name)),
                                (
                                    "logGroupArn",
                                    .string(group.name.arn(accountID: store.accountID))
                                ),
                                ("logGroupClass", .string(group.logGroupClass)),
                            ])
                        })
                ),
                ("nextToken", page.token.map { .string($0) }),
            ]))
    }

    // MARK: Settings

    private static let retentionDays = [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
        2922, 3288, 3653,
    ]

    func putRetentionPolicy(_ request: inout LogsRequest) throws(ServiceError) -> Answer {
        let name = try request.groupName()
        request.requireMember("retentionInDays")
        let days = try request.integer("retentionInDays", .min ... .max)
        try request.check()
        guard let days, Self.retentionDays.contains(days) else {
            throw .invalidParameter(
                "1 validation error detected: Value '\(days ?? 0)' at 'retentionInDays' failed to "
                    + "satisfy constraint: Member must satisfy enum value set: "
                    + "[\(Self.retentionDays.map(String.init).joined(separator: ", "))]")
        }
        try store.changeGroup(name) { $0.retentionInDays = days }
        store.trimAll()
        return .changed
    }

    func deleteRetentionPolicy(_ request: inout LogsRequest) throws(ServiceError) -> Answer {
        let name = try request.groupName()
        try request.check()
        try store.changeGroup(name) { $0.retentionInDays = nil }
        return .changed
    }

    func putDeletionProtection(_ request: inout LogsRequest) throws(ServiceError) -> Answer {
        let identifier = try request.requiredText(
            "logGroupIdentifier", length: 1...2_048, .identifier)
        request.requireMember("deletionProtectionEnabled")
        let flag = try request.flag("deletionProtectionEnabled")
        try request.check()
        let name = try LogGroupName(identifier: identifier, region: request.region)
        try store.changeGroup(name) { $0.isDeletionProtected = flag ?? false }
        return .changed
    }

    // MARK: Tags

    private func taggedGroup(_ request: inout LogsRequest) throws(ServiceError) -> LogGroupName? {
        let arn = try request.requiredText("resourceArn", length: 1...1_011, .identifier)
        guard arn.hasPrefix("arn:") else { return nil }
        return try LogGroupName(identifier: arn, region: request.region)
    }

    private func required(_ name: LogGroupName?) throws(ServiceError) -> LogGroupName {
        guard let name else { throw .invalidParameter("The specified ARN is not valid.") }
        return name
    }

    private func tag(
        _ name: LogGroupName, _ tags: [String: String]
    ) throws(ServiceError) -> Answer {
        try store.changeGroup(name) { group throws(ServiceError) in
            group.tags.merge(tags) { $1 }
            guard group.tags.count <= 50 else {
                throw ServiceError(
                    "TooManyTagsException", "A resource can have no more than 50 tags.")
            }
        }
        return .changed
    }

    func tagResource(_ request: inout LogsRequest) throws(ServiceError) -> Answer {
        let name = try taggedGroup(&request)
        request.requireMember("tags")
        let tags = try request.tags("tags")
        try request.check()
        return try tag(try required(name), tags ?? [:])
    }

    func untagResource(_ request: inout LogsRequest) throws(ServiceError) -> Answer {
        let name = try taggedGroup(&request)
        request.requireMember("tagKeys")
        let keys = try request.texts("tagKeys", count: 0...50)
        try request.check()
        try store.changeGroup(try required(name)) { group in
            for key in keys ?? [] { group.tags[key] = nil }
        }
        return .changed
    }

    func listTagsForResource(_ request: inout LogsRequest) throws(ServiceError) -> Answer {
        let name = try taggedGroup(&request)
        try request.check()
        return try tags(of: try required(name))
    }

    func tagLogGroup(_ request: inout LogsRequest) throws(ServiceError) -> Answer {
        let name = try request.groupName()
        request.requireMember("tags")
        let tags = try request.tags("tags")
        try request.check()
        return try tag(name, tags ?? [:])
    }

    func untagLogGroup(_ request: inout LogsRequest) throws(ServiceError) -> Answer {
        let name = try request.groupName()
        request.requireMember("tags")
        let keys = try request.texts("tags", count: 1...(.max))
        try request.check()
        try store.changeGroup(name) { group in
            for key in keys ?? [] { group.tags[key] = nil }
        }
        return .changed
    }

    func listTagsLogGroup(_ request: inout LogsRequest) throws(ServiceError) -> Answer {
        let name = try request.groupName()
        try request.check()
        return try tags(of: name)
    }

    private func tags(of name: LogGroupName) throws(ServiceError) -> Answer {
        guard let group = store.group(name) else { throw .logGroupNotFound }
        let members = group.tags.sorted { $0.key < $1.key }.map {
            ($0.key, JSONValue.string($0.value))
        }
        return Answer(body: .object([("tags", .object(members))]))
    }
}
