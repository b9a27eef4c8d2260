import Client
import Engine
import Logging
import Operations
import Permissions
import Storage
import Yams

/// What `basalt serve` was asked, from flags and from a file; flags win.
struct ServeConfiguration {
    var port = 8000
    var host = "127.0.0.1"
    var dataDirectory = "./basalt-data"
    var inMemory = false
    var durability = Durability.fsync
    var cacheByteCount = 64 << 20
    var region = "us-east-1"
    var accountID = "000000000000"
    var accessKey: String?
    var secretKey: String?
    var credentialsFile: String?
    var logLevel = Logger.Level.warning
    var threads = 2
    var virtualClock = false
    var administration = false
    /// Conflicts on purpose; nil for none.
    var transactionConflicts: ProvokedConflicts?
    /// What becomes of work over the limits of capacity.
    var throttling = ThrottlingMode.off
    var timeToLiveInterval = 10.0
    /// Endpoints outside, of queues, topics and buckets.
    var sqsEndpoint: String?
    var snsEndpoint: String?
    var s3Endpoint: String?
    /// What requests to them are signed with.
    var outsideAccessKey: String?
    var outsideSecretKey: String?
    /// A template to deploy at the start, and its parameters, each `NAME=VALUE`.
    var template: String?
    var templateParameters: [String] = []
    /// What becomes of what policies don't allow.
    var iam = EnforcementMode.off
    /// A file or directory of policies.
    var policies: String?
    /// A file of prices.
    var prices: String?

    /// The endpoints, and what requests to them are signed with.
    var outside: OutsideEndpoints {
        get throws(ConfigurationError) {
            var endpoints = OutsideEndpoints(sqs: sqsEndpoint, sns: snsEndpoint, s3: s3Endpoint)
            switch (outsideAccessKey, outsideSecretKey) {
            case (nil, nil): break
            case (let accessKey?, let secretKey?):
                endpoints.accessKeyID = accessKey
                endpoints.secretAccessKey = secretKey
            default:
                throw ConfigurationError(
                    "--outside-access-key and --outside-secret-key must be given together")
            }
            return endpoints
        }
    }

    /// The keys of a configuration file: the flags' names.
    static let keys = [
        "port", "host", "data-dir", "in-memory", "durability", "cache-size", "region",
        "account-id", "access-key", "secret-key", "credentials-file", "log-level", "threads",
        "virtual-clock", "administration", "ttl-interval", "transaction-conflicts",
        "throttling",
        "sqs-endpoint", "sns-endpoint", "s3-endpoint", "outside-access-key",
        "outside-secret-key", "template", "iam", "policies", "prices",
    ]

    /// Sets one value by its flag's name.
    ///
    /// - Throws: `ConfigurationError` for an unknown name or a value out of range.
    mutating func set(_ key: String, _ text: String) throws(ConfigurationError) {
        func fault(_ expected: String) -> ConfigurationError {
            ConfigurationError("\(key): expected \(expected), not '\(text)'")
        }
        func flag() throws(ConfigurationError) -> Bool {
            guard let value = Bool(text) else { throw fault("true or false") }
            return value
        }
        switch key {
        case "port":
            guard let value = Int(text), (0...65_535).contains(value) else {
                throw fault("a port from 0 to 65535")
            }
            port = value
        case "host": host = text
        case "data-dir": dataDirectory = text
        case "in-memory": inMemory = try flag()
        case "durability":
            guard let value = Durability(rawValue: text), value != .none else {
                throw fault("fsync or os")
            }
            durability = value
        case "cache-size":
            guard let value = Self.byteCount(text), value >= 1 << 20 else {
                throw fault("a size of at least 1MB, like 64MB or 2GB")
            }
            cacheByteCount = value
        case "region":
            guard !text.isEmpty else { throw fault("a region like us-east-1") }
            region = text
        case "account-id":
            guard text.utf8.count == 12, text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { throw fault("twelve digits") }
            accountID = text
        case "access-key": accessKey = text
        case "secret-key": secretKey = text
        case "credentials-file": credentialsFile = text
        case "log-level":
            guard let value = Logger.Level(rawValue: text) else {
                throw fault("trace, debug, info, notice, warning, error or critical")
            }
            logLevel = value
        case "threads":
            guard let value = Int(text), (1...64).contains(value) else {
                throw fault("a number from 1 to 64")
            }
            threads = value
        case "virtual-clock": virtualClock = try flag()
        case "administration": administration = try flag()
        case "transaction-conflicts":
            guard let value = Self.conflicts(text) else {
                throw fault("a rate from 0 to 1, and a seed where wanted, like 0.1 or 0.1:7")
            }
            transactionConflicts = value
        case "throttling":
            guard let value = ThrottlingMode(rawValue: text) else {
                throw fault("off, observe or enforce")
            }
            throttling = value
        case "ttl-interval":
            guard let value = TimeText.seconds(ofSpan: text) else {
                throw fault("a span like 10s, 5m or 0")
            }
            timeToLiveInterval = value
        default: try setAroundFunctions(key, text)
        }
    }

    /// Sets one value of those that concern functions: what is outside, and what they may do.
    private mutating func setAroundFunctions(
        _ key: String, _ text: String
    ) throws(ConfigurationError) {
        switch key {
        case "template": template = text
        case "sqs-endpoint": sqsEndpoint = try Self.endpoint(key, text)
        case "sns-endpoint": snsEndpoint = try Self.endpoint(key, text)
        case "s3-endpoint": s3Endpoint = try Self.endpoint(key, text)
        case "outside-access-key": outsideAccessKey = text
        case "outside-secret-key": outsideSecretKey = text
        case "iam":
            guard let value = EnforcementMode(rawValue: text) else {
                throw ConfigurationError("iam: expected off, observe or enforce, not '\(text)'")
            }
            iam = value
        case "policies": policies = text
        case "prices": prices = text
        default:
            throw ConfigurationError(
                "unknown key '\(key)'; known are "
                    + Self.keys.joined(separator: ", "))
        }
    }

    /// Reads a YAML file of flag names and values.
    mutating func read(file path: String) throws(ConfigurationError) {
        let text = try TextFile.read(path)
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw ConfigurationError("\(path): not valid YAML")
        }
        guard let node else { return }
        guard case .mapping(let mapping) = node else {
            throw ConfigurationError("\(path): expected names and values")
        }
        for (key, value) in mapping {
            guard let name = key.scalar?.string, let text = value.scalar?.string else {
                throw ConfigurationError("\(path): expected names and plain values")
            }
            do throws(ConfigurationError) {
                try set(name, text)
            } catch {
                throw ConfigurationError("\(path): \(error.description)")
            }
        }
    }

    /// The access keys to verify signatures with; empty where none were given.
    func credentials() throws(ConfigurationError) -> [String: String] {
        var secrets: [String: String] = [:]
        if let credentialsFile { secrets = try CredentialsFile.read(credentialsFile) }
        switch (accessKey, secretKey) {
        case (nil, nil): break
        case (let accessKey?, let secretKey?): secrets[accessKey] = secretKey
        default:
            throw ConfigurationError(
                "--access-key and --secret-key must be given together")
        }
        return secrets
    }

    /// The conflicts of `0.1` or `0.1:7`: a rate, and a seed (0 where there is none).
    static func conflicts(_ text: String) -> ProvokedConflicts? {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let rate = Double(first),
            let seed = parts.count == 2 ? UInt64(parts[1]) : 0
        else { return nil }
        return try? ProvokedConflicts(rate: rate, seed: seed)
    }

    /// An endpoint without a slash at its end.
    static func endpoint(
        _ key: String, _ text: String
    ) throws(ConfigurationError) -> String {
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        guard text.hasPrefix("http://") || text.hasPrefix("https://"), text.count > 8 else {
            throw ConfigurationError(
                "\(key): expected an endpoint like http://127.0.0.1:5000, not '\(text)'")
        }
        return text
    }

    /// Bytes of `64MB`, `2GB`, `512KB` or a plain number; units are powers of 1024.
    static func byteCount(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits) else { return nil }
        let factor: Int
        switch text.dropFirst(digits.count).uppercased() {
        case "", "B": factor = 1
        case "K", "KB", "KIB": factor = 1 << 10
        case "M", "MB", "MIB": factor = 1 << 20
        case "G", "GB", "GIB": factor = 1 << 30
        default: return nil
        }
        let (value, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : value
    }
}
