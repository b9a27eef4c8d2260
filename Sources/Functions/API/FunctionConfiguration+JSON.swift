internal import Operations
internal import Wire

/// How a version of a function is told.
extension LambdaAPI {
    /// Which of a function's states an answer tells.
    ///
    /// A change is told as going on, and is done by the next question. Lists tell none.
    enum Stage { case created, updated, settled, listed }

    /// - Parameter arn: with the qualifier that was asked for.
    func json(
        _ configuration: FunctionConfiguration, arn: String, stage: Stage = .settled
    ) -> JSONValue {
        var members: [(String, JSONValue?)] = [
            ("FunctionName", .string(configuration.functionName)),
            ("FunctionArn", .string(arn)),
            ("Runtime", configuration.runtime.map { .string($0) }),
            ("Role", .string(configuration.role)),
            ("Handler", configuration.handler.map { .string($0) }),
            ("CodeSize", .number(configuration.codeSize)),
            ("Description", .string(configuration.description)),
            ("Timeout", .number(configuration.timeout)),
            ("MemorySize", .number(configuration.memorySize)),
            ("LastModified", .string(configuration.lastModified)),
            ("CodeSha256", .string(configuration.codeSha256)),
            ("Version", .string(configuration.version)),
        ]
        if let vpc = configuration.vpcConfig {
            members.append(
                (
                    "VpcConfig",
                    .object([
                        ("SubnetIds", .list(vpc.subnetIds)),
                        ("SecurityGroupIds", .list(vpc.securityGroupIds)),
                        ("VpcId", .string("")),
                        ("Ipv6AllowedForDualStack", .bool(vpc.ipv6AllowedForDualStack)),
                    ])
                ))
        }
        if let target = configuration.deadLetterTargetArn {
            members.append(("DeadLetterConfig", .object([("TargetArn", .string(target))])))
        }
        if configuration.hasEnvironment {
            members.append(
                ("Environment", .object([("Variables", .texts(configuration.environment))])))
        }
        members += [
            ("KMSKeyArn", configuration.kmsKeyArn.map { .string($0) }),
            ("TracingConfig", .object([("Mode", .string(configuration.tracingMode))])),
            ("RevisionId", .string(configuration.revisionId)),
        ]
        if !configuration.layers.isEmpty { members.append(("Layers", layers(configuration))) }
        members += state(configuration, stage)
        if !configuration.fileSystemConfigs.isEmpty {
            let configs = configuration.fileSystemConfigs.map { config -> JSONValue in
                .object([
                    ("Arn", .string(config.arn)),
                    ("LocalMountPath", .string(config.localMountPath)),
                ])
            }
            members.append(("FileSystemConfigs", .array(configs)))
        }
        members += [
            ("PackageType", .string(configuration.packageType)),
            ("Architectures", .list(configuration.architectures)),
            ("EphemeralStorage", .object([("Size", .number(configuration.ephemeralStorageSize))])),
            (
                "SnapStart",
                .object([
                    ("ApplyOn", .string(configuration.snapStartApplyOn)),
                    ("OptimizationStatus", .string("Off")),
                ])
            ),
            ("RuntimeVersionConfig", stage == .listed ? nil : runtimeVersion(configuration)),
            ("LoggingConfig", logging(configuration.loggingConfig)),
        ]
        return .object(present: members)
    }

    private func state(
        _ configuration: FunctionConfiguration, _ stage: Stage
    ) -> [(String, JSONValue?)] {
        let reason = JSONValue.string("The function is being created.")
        switch stage {
        case .created:
            return [
                ("State", .string(FunctionState.pending.rawValue)), ("StateReason", reason),
                ("StateReasonCode", .string("Creating")),
            ]
        case .updated:
            return [
                ("State", .string(configuration.state.rawValue)),
                ("LastUpdateStatus", .string("InProgress")),
                ("LastUpdateStatusReason", reason),
                ("LastUpdateStatusReasonCode", .string("Creating")),
            ]
        case .listed:
            return []
        case .settled:
            return [
                ("State", .string(configuration.state.rawValue)),
                ("LastUpdateStatus", .string(configuration.lastUpdateStatus)),
            ]
        }
    }

    private func layers(_ configuration: FunctionConfiguration) -> JSONValue {
        .array(
            configuration.layers.map { arn in
                let size = catalogue.layerVersion(arn: arn, withDeleted: true)?.codeSize ?? 0
                return .object([("Arn", .string(arn)), ("CodeSize", .number(size))])
            })
    }

    /// The version of a managed runtime; one that is the same for all functions of a runtime.
    private func runtimeVersion(_ configuration: FunctionConfiguration) -> JSONValue? {
        guard let runtime = configuration.runtime, !runtime.hasPrefix("provided") else {
            return nil
        }
        let hash = CodeStore.hexadecimalSHA256(runtime)
        let arn = "arn:aws:lambda:\(configuration.region)::runtime:\(hash)"
        return .object([("RuntimeVersionArn", .string(arn))])
    }

    private func logging(_ logging: FunctionConfiguration.LoggingConfiguration) -> JSONValue {
        .object(present: [
            ("LogFormat", .string(logging.logFormat)),
            ("ApplicationLogLevel", logging.applicationLogLevel.map { .string($0) }),
            ("SystemLogLevel", logging.systemLogLevel.map { .string($0) }),
            ("LogGroup", .string(logging.logGroup)),
        ])
    }
}
