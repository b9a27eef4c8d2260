internal import Items
internal import Operations
internal import Wire

/// A design file as it was read: the design, and what its requests look like.
package struct DesignFile: Sendable {
    package var design: Design
    package var workload: Workload

    /// Reads a file's text.
    ///
    /// - Parameter name: the file's, for messages and where the design has none of its own.
    /// - Throws: all that is wrong with it.
    package init(
        reading text: String, name: String, overrides: DesignOverrides = DesignOverrides()
    ) throws(DesignFaults) {
        let root: DesignNode
        do throws(DesignFault) {
            root = try DesignNode.read(text)
        } catch {
            throw DesignFaults(file: name, faults: [error])
        }
        var reader = DesignReader()
        reader.givenSeed = overrides.seed
        let file = reader.file(root, name: name)
        guard let file, reader.faults.isEmpty else {
            throw DesignFaults(file: name, faults: reader.faults)
        }
        self = file
        apply(overrides)
    }

    init(design: Design, workload: Workload) {
        self.design = design
        self.workload = workload
    }
}

/// Reads a design file's tree, and collects all faults on the way.
struct DesignReader {
    private(set) var faults: [DesignFault] = []
    var entities: [Entity] = []
    /// Whether instances can be drawn of all entities.
    var hasSoundEntities = true
    /// How fields of each entity are typed, as far as that is known.
    var fieldTypes: [[String?]] = []
    var tables: [DesignTable] = []
    var seed: UInt64 = 1
    /// Names of tables with faults: that they are unknown needn't be told as well.
    var faultyTables: Set<String> = []
    /// Of the command line.
    var givenSeed: UInt64?
    /// Draws of the pattern or load step at hand, by which its actions are checked; none where
    /// faults leave nothing to draw from.
    var samples: [Drawing] = []
    /// Attributes that the design writes, by the number of the table.
    var written: [Set<String>] = []
    var projections: [NamedProjection] = []

    // MARK: Faults

    mutating func fault(_ mark: SourceMark?, _ path: String, _ message: String) {
        faults.append(DesignFault(mark: mark, path: path, message: message))
    }

    /// Expected something else; always nil.
    mutating func expected<Value>(
        _ what: String, _ node: DesignNode, _ path: String
    ) -> Value? {
        fault(node.mark, path, "expected \(what), not \(node.kind)")
        return nil
    }

    // MARK: Plain values

    /// Members by name, after a check that they are known and that the required ones are there.
    mutating func map(
        _ node: DesignNode, _ path: String, known: [String], required: [String] = []
    ) -> [String: DesignNode]? {
        guard let members = node.members else { return expected("a map", node, path) }
        var found: [String: DesignNode] = [:]
        for member in members {
            if known.contains(member.key) {
                found[member.key] = member.value
            } else {
                fault(
                    member.mark, path,
                    "unknown key '\(member.key)'" + Spelling.hint(member.key, among: known))
            }
        }
        for name in required where found[name] == nil {
            fault(node.mark, path, "'\(name)' is missing")
        }
        return found
    }

    mutating func string(_ node: DesignNode?, _ path: String) -> String? {
        guard let node else { return nil }
        guard let text = node.string, !text.isEmpty else { return expected("a text", node, path) }
        return text
    }

    mutating func number(
        _ node: DesignNode?, _ path: String, _ range: ClosedRange<Double>
    ) -> Double? {
        guard let node else { return nil }
        guard let text = node.number, let value = Double(text) else {
            return expected("a number", node, path)
        }
        guard range.contains(value) else {
            return expected(
                "a number from \(Self.plain(range.lowerBound)) to "
                    + Self.plain(range.upperBound), node, path)
        }
        return value
    }

    mutating func integer(
        _ node: DesignNode?, _ path: String, _ range: ClosedRange<Int>
    ) -> Int? {
        guard let node else { return nil }
        guard let text = node.number, let value = Int(text), range.contains(value) else {
            return expected(
                "a whole number from \(range.lowerBound) to \(range.upperBound)", node, path)
        }
        return value
    }

    mutating func bool(_ node: DesignNode?, _ path: String) -> Bool? {
        guard let node else { return nil }
        guard case .bool(let value) = node.content else {
            return expected("true or false", node, path)
        }
        return value
    }

    /// Seconds: a number, or a text like `1m30s`.
    mutating func duration(
        _ node: DesignNode?, _ path: String, _ range: ClosedRange<Double>
    ) -> Double? {
        guard let node else { return nil }
        guard let seconds = TimeText.seconds(ofSpan: node.string ?? node.number ?? ""),
            range.contains(seconds)
        else { return expected("a span of time like 30s or 5m", node, path) }
        return seconds
    }

    /// Milliseconds since 1970 of an ISO 8601 text.
    mutating func moment(_ node: DesignNode?, _ path: String) -> Int? {
        guard let node else { return nil }
        guard let text = node.string, let seconds = TimeText.timestamp(iso8601: text),
            seconds >= 0
        else { return expected("a time like 2026-01-31T12:00:00Z", node, path) }
        return Int((seconds * 1_000).rounded())
    }

    mutating func choice<Value: RawRepresentable & CaseIterable>(
        _ node: DesignNode?, _ path: String
    ) -> Value? where Value.RawValue == String {
        guard let node else { return nil }
        guard let text = string(node, path) else { return nil }
        if let value = Value(rawValue: text) { return value }
        let known = Value.allCases.map(\.rawValue)
        fault(node.mark, path, "unknown word '\(text)'" + Spelling.hint(text, among: known))
        return nil
    }

    static func plain(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }

    // MARK: The file

    private static let known = [
        "name", "summary", "seed", "clients", "rate", "arrivals", "duration", "tables",
        "entities", "load", "patterns", "phases",
    ]

    mutating func file(_ root: DesignNode, name: String) -> DesignFile? {
        guard
            let members = map(
                root, "", known: Self.known, required: ["tables", "patterns"])
        else { return nil }
        var workload = Workload()
        let ownSeed = UInt64(integer(members["seed"], "seed", 0...Int.max) ?? 1)
        seed = givenSeed ?? ownSeed
        workload.seed = seed
        workload.arrivals = choice(members["arrivals"], "arrivals") ?? .poisson
        let isMax = members["rate"]?.string == "max"
        let rate =
            isMax ? nil : number(members["rate"], "rate", 0.001...1_000_000)
        if isMax { workload.arrivals = .max }
        readTables(members["tables"], &workload)
        written = tables.map { Set($0.keys.map(\.name)) }
        readEntities(members["entities"])
        workload.entities = entities
        readLoads(members["load"], &workload)
        var patterns = readPatterns(members["patterns"], &workload)
        checkProjections()
        if rate != nil || isMax || members["rate"] == nil {
            shareRate(rate, isMax, &patterns, members["patterns"]?.mark ?? root.mark)
        }
        var phases = readPhases(members["phases"], members["duration"])
        if !workload.loads.isEmpty {
            phases.insert(Phase(kind: .load, name: "load", seconds: 0), at: 0)
        }
        let base = name.split(separator: "/").last.map(String.init) ?? name
        let plainName = base.hasSuffix(".yaml") ? String(base.dropLast(5)) : base
        let design = Design(
            name: string(members["name"], "name") ?? plainName,
            summary: string(members["summary"], "summary") ?? "", tables: tables,
            patterns: patterns, phases: phases, seed: seed,
            clientCount: integer(members["clients"], "clients", 1...10_000) ?? 16)
        return DesignFile(design: design, workload: workload)
    }

    /// Gives patterns without a rate their share of the design's, by weight.
    private mutating func shareRate(
        _ rate: Double?, _ isMax: Bool, _ patterns: inout [AccessPattern], _ mark: SourceMark?
    ) {
        if !patterns.isEmpty, patterns.allSatisfy({ $0.weight == 0 }) {
            return fault(mark, "patterns", "all weights are 0: nothing is to be sent")
        }
        if isMax {
            for place in patterns.indices { patterns[place].targetRate = nil }
            return
        }
        let own = patterns.reduce(0) { $0 + ($1.targetRate ?? 0) }
        let weights = patterns.reduce(0) { $0 + ($1.targetRate == nil ? $1.weight : 0) }
        guard weights > 0 else { return }
        guard let rate else {
            return fault(
                mark, "",
                "'rate' is missing: patterns without a rate of their own share the design's")
        }
        guard rate > own else {
            return fault(
                mark, "rate",
                "the patterns' own rates take all of it: nothing is left for those with a weight")
        }
        for place in patterns.indices where patterns[place].targetRate == nil {
            patterns[place].targetRate = (rate - own) * patterns[place].weight / weights
        }
    }
}
