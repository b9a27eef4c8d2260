import Workload

/// `load run`: one run against one server.
struct RunCommand {
    static let options: Set<String> = [
        "url", "mix", "connections", "keys", "seconds", "requests", "warmup", "seed", "pid",
        "label", "results",
    ]

    /// How many different items are put.
    private static let itemVariantCount = 64

    private let endpoint: Endpoint
    private let connectionCount: Int
    private let keyCount: Int
    private let process: Int?
    private let seconds: Double
    private let requestCountMax: Int
    private let warmupSeconds: Double
    private let label: String
    private let results: String?
    private let getPercent: Int
    private let seed: Int
    private let get: RequestTemplate
    private let puts: [RequestTemplate]

    init(_ options: CommandOptions) throws(LoadError) {
        endpoint = try Endpoint(url: try options.required("url"))
        connectionCount = try options.integer("connections", orElse: 16)
        keyCount = try options.integer("keys", orElse: 10_000)
        process = options.text("pid").flatMap { Int($0) }
        requestCountMax = try options.integer("requests", orElse: .max)
        let fallback = requestCountMax == .max ? 5.0 : 3_600
        seconds = try options.seconds("seconds", orElse: fallback)
        warmupSeconds = try options.seconds("warmup", orElse: 1)
        results = options.text("results")
        seed = try options.integer("seed", orElse: 1)
        let mix = options.text("mix") ?? "get=100"
        label = options.text("label") ?? mix
        getPercent = try Self.getPercent(mix)
        get = RequestTemplate(
            operation: "GetItem", body: BenchmarkTable.getItem(0), endpoint: endpoint)
        puts = PrepareCommand.putTemplates(
            endpoint, seed: UInt64(seed), count: Self.itemVariantCount)
    }

    /// Reads `get=80,put=20`: whole percentages that add up to 100.
    private static func getPercent(_ mix: String) throws(LoadError) -> Int {
        var percents = ["get": 0, "put": 0]
        for part in mix.split(separator: ",") {
            let pair = part.split(separator: "=")
            guard pair.count == 2, let percent = Int(pair[1]), percent >= 0,
                percents.updateValue(percent, forKey: String(pair[0])) != nil
            else { throw LoadError("--mix wants get=PERCENT,put=PERCENT, not '\(mix)'") }
        }
        guard percents.values.reduce(0, +) == 100 else {
            throw LoadError("the percentages of --mix must add up to 100")
        }
        return percents["get"] ?? 0
    }

    func run() throws {
        let driver = try LoadDriver(endpoint: endpoint, connectionCount: connectionCount)
        var generator = SeededGenerator(seed: UInt64(seed))
        func plan() -> PlannedRequest {
            let key = Int.random(in: 0..<keyCount, using: &generator)
            if Int.random(in: 0..<100, using: &generator) < getPercent {
                return PlannedRequest(template: get, key: key, bodyBytesMin: 64)
            }
            return PlannedRequest(template: puts[key % puts.count], key: key)
        }
        let warmupEnd = monotonicNanoseconds() + UInt64(warmupSeconds * 1e9)
        try driver.run(isOver: { monotonicNanoseconds() >= warmupEnd }, plan: plan)

        driver.reset()
        let cpuBefore = try process.map(ProcessFigures.cpuSeconds)
        let start = monotonicNanoseconds()
        let end = start + UInt64(seconds * 1e9)
        try driver.run(
            isOver: {
                driver.tally.latencies.count >= requestCountMax || monotonicNanoseconds() >= end
            }, plan: plan)
        let elapsed = Double(monotonicNanoseconds() - start) / 1e9
        let cpuAfter = try process.map(ProcessFigures.cpuSeconds)
        let latencies = driver.tally.latencies
        let record = LoadRecord(
            label: label, connections: connectionCount, requests: latencies.count,
            errors: driver.tally.errorCount, seconds: elapsed,
            serverCPUSeconds: cpuBefore.flatMap { before in cpuAfter.map { $0 - before } },
            serverResidentBytes: try process.map(ProcessFigures.residentBytes),
            p50Nanoseconds: latencies.percentile(50), p99Nanoseconds: latencies.percentile(99),
            maxNanoseconds: latencies.maximum)
        print(record.summary)
        if let firstError = driver.tally.firstError {
            throw LoadError("\(record.errors) errors; the first: \(firstError)")
        }
        if let results { try BenchmarkRecord.append(.load(record), to: results) }
    }
}

/// `load prepare`: waits for a server, makes the table, puts the items.
struct PrepareCommand {
    static let options: Set<String> = ["url", "keys", "connections", "wait", "seed"]

    private let endpoint: Endpoint
    private let keyCount: Int
    private let connectionCount: Int
    private let waitSeconds: Double
    private let seed: Int

    init(_ options: CommandOptions) throws(LoadError) {
        endpoint = try Endpoint(url: try options.required("url"))
        keyCount = try options.integer("keys", orElse: 10_000)
        connectionCount = try options.integer("connections", orElse: 64)
        waitSeconds = try options.seconds("wait", orElse: 30)
        seed = try options.integer("seed", orElse: 1)
    }

    /// PutItem requests of different items; the key is set when they are sent.
    static func putTemplates(
        _ endpoint: Endpoint, seed: UInt64, count: Int
    ) -> [RequestTemplate] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            RequestTemplate(
                operation: "PutItem", body: BenchmarkTable.putItem(0, using: &generator),
                endpoint: endpoint)
        }
    }

    func run() throws(LoadError) {
        let end = monotonicNanoseconds() + UInt64(waitSeconds * 1e9)
        let list = RequestTemplate(operation: "ListTables", body: "{}", endpoint: endpoint)
        while endpoint.ask(list) == nil {
            guard monotonicNanoseconds() < end else {
                throw LoadError("no answer from \(endpoint.host):\(endpoint.port)")
            }
            PauseClock.sleep(milliseconds: 20)
        }
        let create = RequestTemplate(
            operation: "CreateTable", body: BenchmarkTable.createTable, endpoint: endpoint)
        let answer = endpoint.ask(create)
        guard let answer, answer.status == 200 else {
            let body = answer.map { String(decoding: $0.body, as: UTF8.self) }
            throw LoadError("CreateTable failed: \(body ?? "no answer")")
        }
        let templates = Self.putTemplates(endpoint, seed: UInt64(seed), count: 64)
        var next = 0
        let driver = try LoadDriver(endpoint: endpoint, connectionCount: connectionCount)
        try driver.run(
            isOver: { false },
            plan: {
                guard next < keyCount else { return nil }
                defer { next += 1 }
                return PlannedRequest(template: templates[next % templates.count], key: next)
            })
        if let firstError = driver.tally.firstError {
            throw LoadError("\(driver.tally.errorCount) errors; the first: \(firstError)")
        }
        print("\(BenchmarkTable.name): \(keyCount) items")
    }
}
