internal import Operations
internal import Wire

/// Concurrency, the account, and settings that are kept and told without effect.
extension LambdaAPI {
    /// Invocations at a time of an account, and those that no function may reserve.
    static let accountConcurrency = 1_000
    private static let unreservedMin = 100

    // MARK: Concurrency

    private func unqualified(
        _ input: LambdaInput, in state: FunctionCatalogue.State
    ) throws(ServiceError) -> FunctionRecord {
        let (record, qualifier) = try record(input, in: state)
        guard qualifier == nil else {
            throw .invalidParameterValue(
                "This operation is permitted on Lambda functions only. Aliases and versions do not "
                    + "support this operation. Please specify either a function name or an "
                    + "unqualified function ARN.")
        }
        return record
    }

    func putFunctionConcurrency(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let wanted = input.int("ReservedConcurrentExecutions") ?? 0
        try catalogue.change { state throws(ServiceError) in
            var record = try self.unqualified(input, in: state)
            let others =
                (state.reservations[input.region] ?? 0) - (record.reservedConcurrency ?? 0)
            guard wanted <= Self.accountConcurrency - Self.unreservedMin - others else {
                throw .invalidParameterValue(
                    "Specified ReservedConcurrentExecutions for function decreases account's "
                        + "UnreservedConcurrentExecution below its minimum value of "
                        + "[\(Self.unreservedMin)].")
            }
            record.reservedConcurrency = wanted
            state.functions[record.key] = record
        }
        return RESTResponse(
            json: .object([("ReservedConcurrentExecutions", .number(wanted))]))
    }

    func getFunctionConcurrency(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let record = try unqualified(input, in: catalogue.snapshot)
        return RESTResponse(
            json: .object(present: [
                ("ReservedConcurrentExecutions", record.reservedConcurrency.map { .number($0) })
            ]))
    }

    func deleteFunctionConcurrency(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        try catalogue.change { state throws(ServiceError) in
            var record = try self.unqualified(input, in: state)
            record.reservedConcurrency = nil
            state.functions[record.key] = record
        }
        return RESTResponse(status: 204)
    }

    // MARK: The rest

    func answerSetting(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        switch input.operation {
        case "GetAccountSettings":
            return accountSettings(input)
        case "GetFunctionCodeSigningConfig":
            let (record, _) = try record(input, in: catalogue.snapshot)
            // A function without one: its name alone.
            return RESTResponse(
                json: .object([("FunctionName", .string(record.latest.functionName))]))
        case "GetRuntimeManagementConfig", "PutRuntimeManagementConfig":
            return try runtimeManagement(input)
        case "GetFunctionRecursionConfig":
            let record = try unqualified(input, in: catalogue.snapshot)
            return RESTResponse(
                json: .object([("RecursiveLoop", .string(record.recursiveLoop))]))
        case "PutFunctionRecursionConfig":
            return try putRecursion(input)
        case "GetFunctionUrlConfig", "DeleteFunctionUrlConfig":
            throw .nothingThere
        case "GetProvisionedConcurrencyConfig":
            _ = try version(input)
            throw .lambda(
                "ProvisionedConcurrencyConfigNotFoundException",
                "No Provisioned Concurrency Config found for this function", 404)
        case "ListProvisionedConcurrencyConfigs":
            _ = try record(input, in: catalogue.snapshot)
            return RESTResponse(json: .object([("ProvisionedConcurrencyConfigs", .array([]))]))
        case "ListFunctionUrlConfigs":
            _ = try record(input, in: catalogue.snapshot)
            return RESTResponse(json: .object([("FunctionUrlConfigs", .array([]))]))
        default:
            throw ServiceError(
                "UnknownOperationException", "", namespace: .coralService, status: 404)
        }
    }

    private func accountSettings(_ input: LambdaInput) -> RESTResponse {
        let state = catalogue.snapshot
        let records = catalogue.functions(region: input.region)
        let codeSize = records.reduce(0) { sum, record in
            record.versions.values.reduce(sum + record.latest.codeSize) { $0 + $1.codeSize }
        }
        let unreserved = Self.accountConcurrency - (state.reservations[input.region] ?? 0)
        return RESTResponse(
            json: .object([
                (
                    "AccountLimit",
                    .object([
                        ("TotalCodeSize", .number(80_530_636_800)),
                        ("CodeSizeUnzipped", .number(CodeTree.unpackedBytesMax)),
                        ("CodeSizeZipped", .number(CodeStore.zipBytesMax)),
                        ("ConcurrentExecutions", .number(Self.accountConcurrency)),
                        ("UnreservedConcurrentExecutions", .number(unreserved)),
                    ])
                ),
                (
                    "AccountUsage",
                    .object([
                        ("TotalCodeSize", .number(codeSize)),
                        ("FunctionCount", .number(records.count)),
                    ])
                ),
            ]))
    }

    private func runtimeManagement(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        var (record, configuration, _) = try version(input)
        let name = configuration.version
        if let updateOn = input.string("UpdateRuntimeOn") {
            let versionArn = input.string("RuntimeVersionArn")
            guard (updateOn == "Manual") == (versionArn != nil) else {
                throw .invalidParameterValue(
                    updateOn == "Manual"
                        ? "RuntimeVersionArn is required when UpdateRuntimeOn is Manual."
                        : "RuntimeVersionArn is only supported when UpdateRuntimeOn is Manual.")
            }
            let key = record.key
            record = try catalogue.change { state throws(ServiceError) in
                guard var record = state.functions[key] else {
                    throw .functionNotFound(self.catalogue.arn(key))
                }
                record.runtimeUpdates[name] = RuntimeUpdate(
                    updateOn: updateOn, versionArn: versionArn)
                state.functions[key] = record
                return record
            }
        }
        let update = record.runtimeUpdates[name] ?? RuntimeUpdate()
        return RESTResponse(
            json: .object(present: [
                ("UpdateRuntimeOn", .string(update.updateOn)),
                ("FunctionArn", .string(catalogue.arn(record.key, name))),
                ("RuntimeVersionArn", update.versionArn.map { .string($0) }),
            ]))
    }

    private func putRecursion(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        try catalogue.change { state throws(ServiceError) in
            var record = try self.unqualified(input, in: state)
            record.recursiveLoop = input.string("RecursiveLoop") ?? record.recursiveLoop
            state.functions[record.key] = record
            return RESTResponse(
                json: .object([("RecursiveLoop", .string(record.recursiveLoop))]))
        }
    }
}
