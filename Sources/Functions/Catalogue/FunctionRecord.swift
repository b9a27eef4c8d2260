/// Where a function is kept: names are unique within a region.
struct FunctionKey: Sendable, Hashable, Comparable {
    var region: String
    var name: String

    static func < (left: FunctionKey, right: FunctionKey) -> Bool {
        (left.region, left.name) < (right.region, right.name)
    }
}

/// A function with all that belongs to it.
///
/// The versions are records of their own in the store, since there may be many.
struct FunctionRecord: Sendable, Codable, Hashable {
    /// The version that changes.
    static let latest = "$LATEST"

    var latest: FunctionConfiguration
    /// By number; never changed once published.
    var versions: [Int: FunctionConfiguration] = [:]
    /// The greatest number that was given out.
    var lastVersion = 0
    var aliases: [String: FunctionAlias] = [:]
    /// By qualifier; that of the function itself under the empty one.
    var policies: [String: FunctionPolicy] = [:]
    var tags: [String: String] = [:]
    var reservedConcurrency: Int?
    /// By qualifier, `$LATEST` where none was given.
    var eventInvokes: [String: KeptEventInvoke] = [:]
    /// By qualifier, as the event-invoke configurations.
    var runtimeUpdates: [String: RuntimeUpdate] = [:]
    var recursiveLoop = "Terminate"

    init(latest: FunctionConfiguration) { self.latest = latest }

    var key: FunctionKey { FunctionKey(region: latest.region, name: latest.functionName) }

    /// Leaves the versions out.
    private enum CodingKeys: String, CodingKey {
        case latest, lastVersion, aliases, policies, tags, reservedConcurrency, eventInvokes
        case runtimeUpdates, recursiveLoop
    }

    /// A version by its qualifier, which is no alias.
    func version(_ qualifier: String) -> FunctionConfiguration? {
        if qualifier == Self.latest { return latest }
        guard FunctionReference.isVersionNumber(qualifier) else { return nil }
        return Int(qualifier).flatMap { versions[$0] }
    }

    /// What a qualifier stands for: a version, or the one that an alias points to.
    func configuration(_ qualifier: String?) -> FunctionConfiguration? {
        guard let qualifier else { return latest }
        if let alias = aliases[qualifier] { return version(alias.functionVersion) }
        return version(qualifier)
    }
}

/// A name for a version, or for two of them by weight.
struct FunctionAlias: Sendable, Codable, Hashable {
    var name: String
    var functionVersion: String
    var description = ""
    /// Of the other version: its number and its share, 0…1.
    var weights: [String: Double] = [:]
    var revisionId: String
}

/// Who may invoke a function, or use a layer: kept and told, not enforced.
struct FunctionPolicy: Sendable, Codable, Hashable {
    struct Statement: Sendable, Codable, Hashable {
        var sid: String
        /// As JSON.
        var text: String
    }

    var statements: [Statement] = []
    var revisionId: String

    /// The document as GetPolicy tells it.
    var text: String {
        #"{"Version":"2012-10-17","Id":"default","Statement":["#
            + statements.map(\.text).joined(separator: ",") + "]}"
    }
}

/// An event-invoke configuration, and when it was set.
struct KeptEventInvoke: Sendable, Codable, Hashable {
    var configuration: EventInvokeConfiguration
    /// Seconds since 1970.
    var lastModified: Double
}

/// How the service would keep a runtime up to date: told, without effect.
struct RuntimeUpdate: Sendable, Codable, Hashable {
    var updateOn = "Auto"
    var versionArn: String?
}

/// A layer: zips under one name, numbered.
struct LayerRecord: Sendable, Codable, Hashable {
    struct Version: Sendable, Codable, Hashable {
        var number: Int
        var description: String?
        var createdDate: String
        var compatibleRuntimes: [String]?
        var compatibleArchitectures: [String]?
        var licenseInfo: String?
        var codeSha256: String
        var codeSize: Int
        /// nil: nobody else may use it.
        var policy: FunctionPolicy?
        /// Deleted, but functions still have it.
        var isDeleted = false
    }

    var region: String
    var name: String
    /// In the order of their numbers.
    var versions: [Version] = []
    /// The greatest number that was given out.
    var lastVersion = 0

    var key: FunctionKey { FunctionKey(region: region, name: name) }
    var present: [Version] { versions.filter { !$0.isDeleted } }
}
