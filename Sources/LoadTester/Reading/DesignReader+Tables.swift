internal import Items
internal import Metering
internal import Operations
internal import Wire

/// The tables of a design file, in CreateTable's own shape.
extension DesignReader {
    private indirect enum Shape: Sendable {
        case plain
        case map([String: Shape])
        case list(Shape)
    }

    private static let throughput: Shape = .map([
        "ReadCapacityUnits": .plain, "WriteCapacityUnits": .plain,
    ])
    private static let onDemand: Shape = .map([
        "MaxReadRequestUnits": .plain, "MaxWriteRequestUnits": .plain,
    ])
    private static let warm: Shape = .map([
        "ReadUnitsPerSecond": .plain, "WriteUnitsPerSecond": .plain,
    ])
    private static let keySchema: Shape = .list(.map(["AttributeName": .plain, "KeyType": .plain]))
    private static let projection: Shape = .map([
        "ProjectionType": .plain, "NonKeyAttributes": .list(.plain),
    ])
    private static let table: Shape = .map([
        "TableName": .plain, "KeySchema": keySchema, "BillingMode": .plain,
        "AttributeDefinitions": .list(.map(["AttributeName": .plain, "AttributeType": .plain])),
        "GlobalSecondaryIndexes": .list(
            .map([
                "IndexName": .plain, "KeySchema": keySchema, "Projection": projection,
                "ProvisionedThroughput": throughput, "OnDemandThroughput": onDemand,
                "WarmThroughput": warm,
            ])),
        "LocalSecondaryIndexes": .list(
            .map(["IndexName": .plain, "KeySchema": keySchema, "Projection": projection])),
        "ProvisionedThroughput": throughput, "OnDemandThroughput": onDemand,
        "WarmThroughput": warm, "TableClass": .plain,
        "StreamSpecification": .map(["StreamEnabled": .plain, "StreamViewType": .plain]),
        "SSESpecification": .map([
            "Enabled": .plain, "SSEType": .plain, "KMSMasterKeyId": .plain,
        ]),
        "Tags": .list(.map(["Key": .plain, "Value": .plain])),
    ])

    mutating func readTables(_ node: DesignNode?, _ workload: inout Workload) {
        guard let node else { return }
        guard let elements = node.elements, !elements.isEmpty else {
            let _: Int? = expected("a list of tables", node, "tables")
            return
        }
        for (number, element) in elements.enumerated() {
            let path = "tables[\(number)]"
            let faultCount = faults.count
            check(element, Self.table, path)
            guard faults.count == faultCount, let table = table(element, path, &workload) else {
                faultyTables.insert(element["TableName"]?.string ?? "")
                continue
            }
            if tables.contains(where: { $0.name == table.name }) {
                fault(element.mark, path, "the table '\(table.name)' is there twice")
            }
            tables.append(table)
        }
    }

    private mutating func check(_ node: DesignNode, _ shape: Shape, _ path: String) {
        switch shape {
        case .plain:
            if node.members != nil || node.elements != nil {
                let _: Int? = expected("a plain value", node, path)
            }
        case .list(let shape):
            guard let elements = node.elements else {
                let _: Int? = expected("a list", node, path)
                return
            }
            for (number, element) in elements.enumerated() {
                check(element, shape, "\(path)[\(number)]")
            }
        case .map(let shapes):
            guard let members = map(node, path, known: shapes.keys.sorted()) else { return }
            for (name, member) in members {
                if let shape = shapes[name] { check(member, shape, "\(path).\(name)") }
            }
        }
    }

    private mutating func table(
        _ node: DesignNode, _ path: String, _ workload: inout Workload
    ) -> DesignTable? {
        var json = node.json
        if case .object(var members) = json, json["BillingMode"] == nil,
            json["ProvisionedThroughput"] == nil
        {
            members.append(("BillingMode", .string("PAY_PER_REQUEST")))
            json = .object(members)
        }
        let request: CreateTableRequest
        do throws(ServiceError) {
            let decoded = try json.encoded.withUnsafeBufferPointer { bytes throws(ServiceError) in
                try WireCodec.decode(
                    target: WireCodec.target(operation: "CreateTable"),
                    body: UnsafeRawBufferPointer(bytes))
            }
            guard case .createTable(let decoded) = decoded else { return nil }
            request = decoded
        } catch {
            fault(node.mark, path, error.message.isEmpty ? error.code : error.message)
            return nil
        }
        workload.createTable.append(json)
        return table(request, node, path)
    }

    private mutating func table(
        _ request: CreateTableRequest, _ node: DesignNode, _ path: String
    ) -> DesignTable? {
        var types: [String: ScalarAttributeType] = [:]
        for definition in request.attributeDefinitions ?? [] {
            types[definition.attributeName] = definition.attributeType
        }
        var used: Set<String> = []
        let keys = keys(
            request.keySchema ?? [], types, &used, node["KeySchema"], "\(path).KeySchema")
        let throughput = Self.throughput(
            request.billingMode, request.provisionedThroughput, request.onDemandThroughput,
            request.warmThroughput)
        var indexes: [DesignIndex] = []
        for (number, index) in (request.localSecondaryIndexes ?? []).enumerated() {
            let place = "\(path).LocalSecondaryIndexes[\(number)]"
            let keys = self.keys(
                index.keySchema, types, &used, node["LocalSecondaryIndexes"], place)
            indexes.append(
                DesignIndex(
                    name: index.indexName, isLocal: true, hashKeys: keys.hash,
                    rangeKeys: keys.range,
                    projectionType: index.projection.projectionType ?? .all,
                    nonKeyAttributes: index.projection.nonKeyAttributes ?? [],
                    throughput: throughput))
        }
        for (number, index) in (request.globalSecondaryIndexes ?? []).enumerated() {
            let place = "\(path).GlobalSecondaryIndexes[\(number)]"
            let keys = self.keys(
                index.keySchema, types, &used, node["GlobalSecondaryIndexes"], place)
            indexes.append(
                DesignIndex(
                    name: index.indexName, isLocal: false, hashKeys: keys.hash,
                    rangeKeys: keys.range,
                    projectionType: index.projection.projectionType ?? .all,
                    nonKeyAttributes: index.projection.nonKeyAttributes ?? [],
                    throughput: Self.throughput(
                        request.billingMode, index.provisionedThroughput,
                        index.onDemandThroughput, index.warmThroughput)))
        }
        for name in types.keys.sorted() where !used.contains(name) {
            fault(
                node["AttributeDefinitions"]?.mark, "\(path).AttributeDefinitions",
                "'\(name)' is part of no key: only attributes of keys are defined")
        }
        guard let hashKey = keys.hash.first else { return nil }
        return DesignTable(
            name: request.tableName, hashKey: hashKey, rangeKey: keys.range.first,
            indexes: indexes, throughput: throughput,
            tableClass: request.tableClass ?? .standard)
    }

    private mutating func keys(
        _ schema: [KeySchemaElement], _ types: [String: ScalarAttributeType],
        _ used: inout Set<String>, _ node: DesignNode?, _ path: String
    ) -> (hash: [DesignKey], range: [DesignKey]) {
        var hash: [DesignKey] = []
        var range: [DesignKey] = []
        for element in schema {
            used.insert(element.attributeName)
            guard let type = types[element.attributeName] else {
                fault(
                    node?.mark, path,
                    "'\(element.attributeName)' has no type in AttributeDefinitions"
                        + Spelling.hint(element.attributeName, among: types.keys.sorted()))
                continue
            }
            let key = DesignKey(name: element.attributeName, type: type)
            if element.keyType == .hash { hash.append(key) } else { range.append(key) }
        }
        if hash.isEmpty, !schema.contains(where: { $0.keyType == .hash }) {
            fault(node?.mark, path, "has no HASH key")
        }
        return (hash, range)
    }

    private static func throughput(
        _ mode: BillingMode?, _ provisioned: ProvisionedThroughput?,
        _ maximum: OnDemandThroughput?, _ warm: WarmThroughput?
    ) -> ThroughputSetting {
        if mode != .payPerRequest {
            return .provisioned(
                read: Double(provisioned?.readCapacityUnits ?? 0),
                write: Double(provisioned?.writeCapacityUnits ?? 0))
        }
        func bound(_ value: Int?) -> Double? { value.flatMap { $0 < 0 ? nil : Double($0) } }
        return .onDemand(
            warmRead: Double(warm?.readUnitsPerSecond ?? Limits.warmReadUnitsDefault),
            warmWrite: Double(warm?.writeUnitsPerSecond ?? Limits.warmWriteUnitsDefault),
            maxRead: bound(maximum?.maxReadRequestUnits),
            maxWrite: bound(maximum?.maxWriteRequestUnits))
    }
}
