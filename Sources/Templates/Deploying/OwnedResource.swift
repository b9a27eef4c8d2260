internal import Wire

/// A resource that a deployment made or took over, as the server keeps it.
struct OwnedResource: Sendable, Equatable {
    var logicalID: String
    var type: String
    /// Its name, URL, ARN or id: what `find` and `delete` know it by.
    var physicalID: String
    /// What it was made from, functions resolved.
    var properties: JSONValue
    /// Whether it stays when the template has it no longer.
    var isRetained: Bool

    var json: JSONValue {
        .object([
            ("LogicalId", .string(logicalID)), ("Type", .string(type)),
            ("PhysicalId", .string(physicalID)), ("Properties", properties),
            ("Retained", .bool(isRetained)),
        ])
    }

    init(
        logicalID: String, type: String, physicalID: String, properties: JSONValue,
        isRetained: Bool
    ) {
        self.logicalID = logicalID
        self.type = type
        self.physicalID = physicalID
        self.properties = properties
        self.isRetained = isRetained
    }

    init?(_ json: JSONValue) {
        guard let logicalID = json["LogicalId"]?.string, let type = json["Type"]?.string,
            let physicalID = json["PhysicalId"]?.string, let properties = json["Properties"]
        else { return nil }
        self.init(
            logicalID: logicalID, type: type, physicalID: physicalID, properties: properties,
            isRetained: json["Retained"]?.bool ?? false)
    }
}

/// What a stack owns, in the order in which it was made.
struct DeploymentRecord: Sendable, Equatable {
    var resources: [OwnedResource] = []

    init() {}

    init(_ json: JSONValue) {
        resources = (json["Resources"]?.elements ?? []).compactMap { OwnedResource($0) }
    }

    func json(stackName: String) -> JSONValue {
        .object([
            ("StackName", .string(stackName)),
            ("Resources", .array(resources.map(\.json))),
        ])
    }

    subscript(logicalID: String) -> OwnedResource? {
        resources.first { $0.logicalID == logicalID }
    }

    mutating func set(_ resource: OwnedResource) {
        if let place = resources.firstIndex(where: { $0.logicalID == resource.logicalID }) {
            resources[place] = resource
        } else {
            resources.append(resource)
        }
    }

    mutating func remove(_ logicalID: String) {
        resources.removeAll { $0.logicalID == logicalID }
    }
}
