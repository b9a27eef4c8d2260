internal import Wire

/// A projection of a pattern, to be compared with what the design writes.
struct NamedProjection: Sendable {
    var table: Int
    var names: Set<String>
    var mark: SourceMark?
    var path: String
}

/// Checks of actions by requests that are drawn from them.
extension DesignReader {
    private static let sampleCount = 4

    /// Draws what a pattern's actions, or a load step's item, are checked by.
    mutating func drawSamples(
        _ picks: [RequestTemplate.Pick], _ locals: [ValueTemplate], faultCount: Int
    ) {
        samples = []
        guard faults.count == faultCount, hasSoundEntities else { return }
        var workload = Workload()
        workload.seed = seed
        workload.entities = entities
        let added = Array(repeating: 0, count: entities.count)
        for number in 0..<Self.sampleCount {
            var drawing = Drawing(
                workload: workload,
                random: SeededRandom(seed: seed, Workload.Stream.request, UInt64(number)))
            drawing.ordinal = number
            drawing.pick(picks, locals, repetition: 0, added: added)
            samples.append(drawing)
        }
    }

    /// Tells why the service would refuse an action's requests, if it would.
    ///
    /// - Parameter faultCount: how many faults there were before the action was read: one with
    ///   faults of its own is not drawn.
    mutating func check(
        _ action: inout RequestTemplate.Action, _ members: [String: DesignNode],
        _ node: DesignNode, _ path: String, faultCount: Int
    ) {
        guard faults.count == faultCount else { return }
        let check = ActionCheck(action: action, table: tables[action.table], tables: tables)
        var touched: TouchedAttributes?
        for sample in samples {
            var drawing = sample
            do throws(Refusal) {
                touched = try check.check(&drawing)
            } catch {
                let member = error.member.flatMap { members[$0] == nil ? nil : $0 }
                return fault(
                    member.flatMap { members[$0]?.mark } ?? node.mark,
                    member.map { "\(path).\($0)" } ?? path, error.message)
            }
        }
        guard let touched else { return }
        if let name = touched.tableName, let table = tables.firstIndex(where: { $0.name == name }) {
            action.table = table
            action.index = touched.indexName.flatMap { name in
                tables[table].indexes.firstIndex { $0.name == name }
            }
            action.isSelect = touched.isSelect
        }
        written[action.table].formUnion(touched.written)
        if let names = touched.projected {
            let member = members["projection"] == nil ? "statement" : "projection"
            projections.append(
                NamedProjection(
                    table: action.table, names: names, mark: members[member]?.mark,
                    path: "\(path).\(member)"))
        }
    }

    /// Finds projections of which the design writes no attribute.
    mutating func checkProjections() {
        for projection in projections {
            let known = written[projection.table]
            // Of a table that the design only reads nobody knows what it has.
            guard known.count > tables[projection.table].keys.count,
                known.isDisjoint(with: projection.names)
            else { continue }
            fault(
                projection.mark, projection.path,
                "names nothing that the design's items have"
                    + Spelling.hint(projection.names.min() ?? "", among: known.sorted()))
        }
    }
}
