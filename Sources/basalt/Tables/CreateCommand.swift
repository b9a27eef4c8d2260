import ArgumentParser
import Operations
import Terminal
import Wire
import Yams

/// `basalt create TABLE KEY`.
struct CreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create a table and wait until it is active.",
        discussion: """
            A key is NAME:TYPE, of type S, N or B. An index is NAME=HASH[,SORT][:PROJECTION], \
            where PROJECTION is ALL, KEYS_ONLY or INCLUDE=a+b, and several attributes of a role \
            are joined by +. Types that were told once need not be told again.
            """)

    @Argument(help: "The table's name.")
    var table: String?
    @Argument(help: "The hash key, like customer:S.")
    var key: String?
    @Option(help: ArgumentHelp("The sort key, like date:S.", valueName: "name:type"))
    var sort: String?
    @Option(help: ArgumentHelp("A global index; may be repeated.", valueName: "index"))
    var gsi: [String] = []
    @Option(help: ArgumentHelp("A local index, like by-total=total:N.", valueName: "index"))
    var lsi: [String] = []
    @Option(help: ArgumentHelp("Capacity units, instead of on demand.", valueName: "read,write"))
    var provisioned: String?
    @Option(
        help: ArgumentHelp(
            "KEYS_ONLY, NEW_IMAGE, OLD_IMAGE or NEW_AND_OLD_IMAGES.", valueName: "view"))
    var stream: String?
    @Option(help: ArgumentHelp("The attribute by which items expire.", valueName: "attribute"))
    var ttl: String?
    @Option(help: ArgumentHelp("STANDARD or STANDARD_INFREQUENT_ACCESS.", valueName: "class"))
    var tableClass: String?
    @Option(help: ArgumentHelp("A tag; may be repeated.", valueName: "name=value"))
    var tag: [String] = []
    @Flag(help: "Protect the table from deletion.")
    var deletionProtection = false
    @Option(help: ArgumentHelp("CreateTable's parameters, JSON or YAML.", valueName: "file"))
    var file: String?
    @Flag(help: "Don't wait until the table is active.")
    var noWait = false
    @OptionGroup var endpoint: EndpointOptions

    func validate() throws {
        guard file != nil || (table != nil && key != nil) else {
            throw ValidationError("expected TABLE and KEY, like 'orders customer:S', or --file")
        }
        guard file == nil || key == nil else {
            throw ValidationError("--file tells the keys: leave out KEY")
        }
    }

    func run() async throws {
        let parameters = try parameters()
        guard let name = parameters["TableName"]?.string else {
            throw CommandFailure("\(file ?? ""): no TableName; or give it before --file")
        }
        let session = try await TableSession(endpoint)
        _ = try await session.call("CreateTable", parameters)
        guard !noWait || ttl != nil else { return }
        try await TableWait.untilActive(name, session)
        if let ttl {
            let specification = JSONValue.object([
                ("AttributeName", .string(ttl)), ("Enabled", .bool(true)),
            ])
            _ = try await session.call(
                "UpdateTimeToLive",
                .object([
                    ("TableName", .string(name)), ("TimeToLiveSpecification", specification),
                ]))
        }
    }

    private func parameters() throws -> JSONValue {
        if let file {
            let text = String(decoding: try JSONInput.text(of: file), as: UTF8.self)
            var members = try YAMLText.value(text, name: file).members ?? []
            if let table {
                members.removeAll { $0.0 == "TableName" }
                members.append(("TableName", .string(table)))
            }
            return .object(members)
        }
        var words = CreateTableWords(table: table ?? "", key: key ?? "", sort: sort)
        words.globalIndexes = gsi
        words.localIndexes = lsi
        words.provisioned = provisioned
        words.stream = stream
        words.tableClass = tableClass
        words.tags = tag
        words.isProtected = deletionProtection
        return try words.parameters()
    }
}

/// YAML, or the JSON that it includes, as JSON's values.
enum YAMLText {
    static func value(_ text: String, name: String) throws -> JSONValue {
        do {
            guard let loaded = try Yams.compose(yaml: text) else { return .object([]) }
            return try value(loaded, depth: 0)
        } catch let error as YamlError {
            let told = "\(error)".split(separator: "\n").first ?? "no YAML"
            throw CommandFailure("\(name): \(told)")
        }
    }

    private static func value(_ node: Node, depth: Int) throws -> JSONValue {
        guard depth < 64 else { throw CommandFailure("the YAML is nested too deep") }
        switch node {
        case .sequence(let sequence):
            return .array(try sequence.map { try value($0, depth: depth + 1) })
        case .mapping(let mapping):
            return .object(
                try mapping.map { ($0.key.string ?? "", try value($0.value, depth: depth + 1)) })
        case .scalar(let scalar):
            guard scalar.style == .plain else { return .string(scalar.string) }
            if let flag = node.bool { return .bool(flag) }
            if node.null != nil { return .null }
            let json = try? JSONValue(parsing: Array(scalar.string.utf8))
            if case .number? = json { return json ?? .null }
            return .string(scalar.string)
        case .alias: return .null
        }
    }
}

/// Waiting for what a table becomes.
enum TableWait {
    private static let secondsMax = 900.0

    /// Until a table and its global indexes are active.
    static func untilActive(_ name: String, _ session: TableSession) async throws {
        try await poll("\(name) is not active") {
            let table = try await session.description(of: name)
            let indexes = table["GlobalSecondaryIndexes"]?.elements ?? []
            return table["TableStatus"]?.string == "ACTIVE"
                && indexes.allSatisfy { ($0["IndexStatus"]?.string ?? "ACTIVE") == "ACTIVE" }
        }
    }

    /// Until a table is gone.
    static func untilGone(_ name: String, _ session: TableSession) async throws {
        try await poll("\(name) is not gone") {
            do throws(ServiceError) {
                _ = try await session.refusable(
                    "DescribeTable", .object([("TableName", .string(name))]))
                return false
            } catch {
                guard error.code == "ResourceNotFoundException" else {
                    throw session.failure(error)
                }
                return true
            }
        }
    }

    private static func poll(
        _ failure: String, _ isReached: () async throws -> Bool
    ) async throws {
        var pause = 0.05
        var waited = 0.0
        while try await !isReached() {
            guard waited < secondsMax else {
                throw CommandFailure("\(failure) after \(Quantity.duration(secondsMax))")
            }
            try await Task.sleep(for: .seconds(pause))
            waited += pause
            pause = min(pause * 1.5, 5)
        }
    }
}
