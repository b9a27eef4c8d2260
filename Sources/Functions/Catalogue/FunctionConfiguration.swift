/// A version of a function as it is kept: what CreateFunction and UpdateFunctionConfiguration set,
/// and what the service adds.
///
/// Members are those of Lambda's FunctionConfiguration; what is nil is not told.
package struct FunctionConfiguration: Sendable, Codable, Hashable {
    package var region: String
    package var functionName: String
    /// `$LATEST`, or a number.
    package var version = "$LATEST"
    package var runtime: String?
    package var role: String
    package var handler: String?
    package var description = ""
    /// Seconds, 1…900.
    package var timeout = 3
    /// Megabytes, 128…10,240.
    package var memorySize = 128
    /// Zip, always: images need Docker.
    package var packageType = "Zip"
    package var architectures = ["x86_64"]
    /// Megabytes of /tmp, 512…10,240: told, not enforced.
    package var ephemeralStorageSize = 512
    package var environment: [String: String] = [:]
    /// Whether Environment was given at all: an empty one is told, an absent one is not.
    package var hasEnvironment = false
    /// ARNs of layer versions, in order.
    package var layers: [String] = []
    package var tracingMode = "PassThrough"
    package var deadLetterTargetArn: String?
    package var kmsKeyArn: String?
    package var vpcConfig: VPCConfiguration?
    package var loggingConfig: LoggingConfiguration
    package var snapStartApplyOn = "None"
    package var fileSystemConfigs: [FileSystemConfiguration] = []

    package var codeSha256: String
    package var codeSize: Int
    /// When it was last changed: `2026-11-21T18:50:42.000+0000`.
    package var lastModified: String
    /// A UUID, new with every change.
    package var revisionId: String
    package var state = FunctionState.active
    package var lastUpdateStatus = "Successful"

    /// The directory whose code runs in place, for functions that are developed; nil for those
    /// with a zip.
    package var developmentDirectory: String?

    package struct VPCConfiguration: Sendable, Codable, Hashable {
        package var subnetIds: [String] = []
        package var securityGroupIds: [String] = []
        package var ipv6AllowedForDualStack = false
        package init() {}
    }

    package struct LoggingConfiguration: Sendable, Codable, Hashable {
        package var logFormat = "Text"
        package var applicationLogLevel: String?
        package var systemLogLevel: String?
        package var logGroup: String
        package init(logGroup: String) { self.logGroup = logGroup }
    }

    package struct FileSystemConfiguration: Sendable, Codable, Hashable {
        package var arn: String
        package var localMountPath: String
        package init(arn: String, localMountPath: String) {
            self.arn = arn
            self.localMountPath = localMountPath
        }
    }

    package init(
        region: String, functionName: String, role: String, codeSha256: String, codeSize: Int,
        lastModified: String, revisionId: String
    ) {
        self.region = region
        self.functionName = functionName
        self.role = role
        self.codeSha256 = codeSha256
        self.codeSize = codeSize
        self.lastModified = lastModified
        self.revisionId = revisionId
        loggingConfig = LoggingConfiguration(logGroup: "/aws/lambda/\(functionName)")
    }
}

/// The State of a function.
package enum FunctionState: String, Sendable, Codable {
    case pending = "Pending"
    case active = "Active"
    case inactive = "Inactive"
    case failed = "Failed"
}
