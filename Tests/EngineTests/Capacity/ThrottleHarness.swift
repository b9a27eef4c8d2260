import Items
import Operations

@testable import Engine

/// An engine that throttles, at a time that stands still, with a table `tab` keyed by `pk`.
struct ThrottleHarness {
    let harness: EngineHarness
    let time = TestTime(1_795_276_800)

    /// - Parameters:
    ///   - read: what is provisioned; without either, the table is an on-demand one.
    ///   - change: of the CreateTable.
    init(
        read: Int = 1_000, write: Int, mode: ThrottlingMode = .enforce,
        _ change: (inout CreateTableRequest) -> Void = { _ in },
        configure: (inout EngineConfiguration) -> Void = { _ in }
    ) async throws {
        try await self.init(
            mode: mode,
            {
                $0.billingMode = .provisioned
                $0.provisionedThroughput = ProvisionedThroughput(
                    readCapacityUnits: read, writeCapacityUnits: write)
                change(&$0)
            }, configure: configure)
    }

    init(
        mode: ThrottlingMode = .enforce,
        _ change: (inout CreateTableRequest) -> Void = { _ in },
        configure: (inout EngineConfiguration) -> Void = { _ in }
    ) async throws {
        var configuration = EngineConfiguration(now: time.now)
        configuration.throttling = mode
        configuration.maintenanceInterval = .infinity
        configuration.timeToLiveInterval = .infinity
        configure(&configuration)
        harness = try EngineHarness(configuration: configuration)
        var request = CreateTableRequest()
        request.tableName = "tab"
        request.billingMode = .payPerRequest
        request.keySchema = [KeySchemaElement("pk", .hash)]
        request.attributeDefinitions = [AttributeDefinition("pk", .string)]
        change(&request)
        _ = try await harness.perform(.createTable(request))
    }

    func putting(_ pk: String, owner: String? = nil, byteCount: Int = 0) -> PutItemRequest {
        var attributes: [(key: String, value: AttributeValue)] = [("pk", .string(pk))]
        if let owner { attributes.append(("owner", .string(owner))) }
        if byteCount > 0 {
            attributes.append(("note", .string(String(repeating: "x", count: byteCount))))
        }
        var request = PutItemRequest()
        request.tableName = "tab"
        request.item = ItemBytes(attributes)
        return request
    }

    func put(_ pk: String) async throws(ServiceError) -> OperationOutcome {
        try await harness.perform(.putItem(putting(pk)))
    }

    func put(_ pk: String, owner: String) async throws(ServiceError) -> OperationOutcome {
        try await harness.perform(.putItem(putting(pk, owner: owner)))
    }

    func putError(_ pk: String, owner: String? = nil) async -> ServiceError? {
        await harness.error(of: .putItem(putting(pk, owner: owner)))
    }

    func getting(_ pk: String) -> OperationRequest {
        var request = GetItemRequest()
        request.tableName = "tab"
        request.key = key(pk)
        request.consistentRead = true
        return .getItem(request)
    }

    func get(_ pk: String) async throws(ServiceError) -> OperationOutcome {
        try await harness.perform(getting(pk))
    }

    /// A reason that names the table.
    func reason(_ kind: CapacityKind, _ limit: ThrottleLimit) -> ThrottlingReason {
        ThrottlingReason(
            isIndex: false, kind: kind, limit: limit,
            resource: "arn:aws:dynamodb:us-east-1:000000000000:table/tab")
    }

    func set(_ mode: ThrottlingMode) async throws(ServiceError) {
        _ = try await administer(.setThrottling(mode))
    }

    func administer(
        _ request: AdministrationRequest
    ) async throws(ServiceError) -> AdministrationResponse {
        let result = await withCheckedContinuation { continuation in
            harness.engine.administer(request) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Does everything that is due now.
    func catchUp() async {
        await withCheckedContinuation { continuation in
            harness.engine.maintenance.catchUp { continuation.resume() }
        }
    }
}
