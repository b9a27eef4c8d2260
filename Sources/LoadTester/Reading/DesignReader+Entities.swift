/// Entities, what is loaded, and phases of a design file.
extension DesignReader {
    mutating func readEntities(_ node: DesignNode?) {
        guard let node else { return }
        guard let members = node.members else {
            let _: Int? = expected("a map of entities", node, "entities")
            return
        }
        let faultCount = faults.count
        defer { hasSoundEntities = faults.count == faultCount }
        for member in members {
            let path = "entities.\(member.key)"
            guard isName(member.key) else {
                fault(member.mark, path, "a name has letters, digits and _ only")
                continue
            }
            readEntity(member.key, member.value, path)
        }
    }

    private func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text != NameScope.ordinalName else { return false }
        return !(0x30...0x39).contains(first)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
                    || (0x61...0x7A).contains($0) || $0 == 0x5F
            }
    }

    private mutating func readEntity(_ name: String, _ node: DesignNode, _ path: String) {
        var entity = Entity(name: name, count: 0)
        let number = entities.count
        if let members = map(node, path, known: ["count", "of", "each", "new", "fields"]) {
            if let of = members["of"] {
                readRelation(of, members, &entity, number, path)
            } else if let count = members["count"] {
                entity.count = integer(count, "\(path).count", 0...1_000_000_000) ?? 0
            } else {
                fault(node.mark, path, "'count' is missing (or 'of' and 'each')")
            }
            if let new = members["new"] {
                entity.addition = keyDistribution(new, "\(path).new") ?? .uniform
            }
        }
        entities.append(entity)
        fieldTypes.append([])
        guard let fields = node["fields"] else { return }
        guard let members = fields.members else {
            let _: Int? = expected("a map of fields", fields, "\(path).fields")
            return
        }
        var scope = NameScope()
        scope.knowsRun = false
        scope.set(name, .pick(slot: 0, entity: number))
        for member in members {
            // A field knows those before it; a faulty one is there all the same.
            let typed = value(member.value, scope, "\(path).fields.\(member.key)")
            entities[number].fields.append(
                Entity.Field(name: member.key, value: typed?.template ?? .constant(.null)))
            fieldTypes[number].append(typed?.type)
        }
    }

    /// Draws how many instances belong to each of the parent's.
    private mutating func readRelation(
        _ of: DesignNode, _ members: [String: DesignNode], _ entity: inout Entity, _ number: Int,
        _ path: String
    ) {
        guard let name = string(of, "\(path).of") else { return }
        guard let parent = entities.firstIndex(where: { $0.name == name }) else {
            return fault(
                of.mark, "\(path).of",
                "unknown entity '\(name)'" + Spelling.hint(name, among: entities.map(\.name)))
        }
        entity.parent = parent
        guard let each = members["each"] else {
            return fault(of.mark, path, "'each' is missing: how many each \(name) has")
        }
        if let count = members["count"] {
            fault(count.mark, path, "'count' follows from 'of' and 'each'")
        }
        guard let distribution = size(each, "\(path).each", max: 1_000_000) else { return }
        let parentCount = entities[parent].count
        guard parentCount <= 5_000_000 else {
            return fault(of.mark, path, "a parent may have 5000000 instances at most")
        }
        var firsts: [Int] = [0]
        firsts.reserveCapacity(parentCount + 1)
        var sum = 0
        for index in 0..<parentCount {
            var random = SeededRandom(
                seed: seed, Workload.Stream.childCount, UInt64(number), UInt64(index))
            sum += max(distribution.whole(&random), 0)
            firsts.append(sum)
        }
        guard sum <= 1_000_000_000 else {
            return fault(of.mark, path, "comes to more than 1000000000 instances")
        }
        entity.firsts = firsts
        entity.count = sum
    }

    // MARK: Load

    mutating func readLoads(_ node: DesignNode?, _ workload: inout Workload) {
        guard let node else { return }
        guard let elements = node.elements else {
            let _: Int? = expected("a list of what to put before the run", node, "load")
            return
        }
        for (number, element) in elements.enumerated() {
            readLoad(element, "load[\(number)]", &workload)
        }
    }

    private mutating func readLoad(
        _ node: DesignNode, _ path: String, _ workload: inout Workload
    ) {
        guard
            let members = map(
                node, path, known: ["table", "each", "count", "let", "item"],
                required: ["table", "item"])
        else { return }
        let faultCount = faults.count
        var scope = NameScope()
        scope.knowsRun = false
        var extent: LoadTemplate.Extent?
        switch (members["each"], members["count"]) {
        case (let each?, nil):
            guard let name = string(each, "\(path).each") else { return }
            guard let entity = entities.firstIndex(where: { $0.name == name }) else {
                return fault(
                    each.mark, "\(path).each",
                    "unknown entity '\(name)'" + Spelling.hint(name, among: entities.map(\.name)))
            }
            extent = .each(entity)
            scope.set(name, .pick(slot: 0, entity: entity))
        case (nil, let count?):
            extent = integer(count, "\(path).count", 0...1_000_000_000).map { .count($0) }
        default: fault(node.mark, path, "needs either 'each' (an entity) or 'count'")
        }
        let locals = readLocals(members["let"], &scope, path)
        guard let table = readTable(members["table"], "\(path).table"),
            let item = members["item"]
        else { return }
        let attributes = readItem(item, table, scope, "\(path).item")
        guard let extent else { return }
        var picks: [RequestTemplate.Pick] = []
        if case .each(let entity) = extent {
            picks.append(RequestTemplate.Pick(entity: entity, choice: .existing(.uniform)))
        }
        drawSamples(picks, locals, faultCount: faultCount)
        var action = RequestTemplate.Action(kind: .put, table: table, fixed: [])
        action.attributes = attributes
        check(&action, members, node, path, faultCount: faultCount)
        workload.loads.append(
            LoadTemplate(table: table, extent: extent, locals: locals, item: attributes))
    }

    mutating func readLocals(
        _ node: DesignNode?, _ scope: inout NameScope, _ path: String
    ) -> [ValueTemplate] {
        guard let node else { return [] }
        guard let members = node.members else {
            let _: Int? = expected("a map of names and values", node, "\(path).let")
            return []
        }
        var locals: [ValueTemplate] = []
        for member in members {
            let place = "\(path).let.\(member.key)"
            guard isName(member.key) else {
                fault(member.mark, place, "a name has letters, digits and _ only")
                continue
            }
            if case .pick = scope.names[member.key] {
                fault(member.mark, place, "the name is taken by what is picked")
                continue
            }
            let typed = value(member.value, scope, place)
            scope.set(member.key, .local(locals.count, type: typed?.type))
            locals.append(typed?.template ?? .constant(.null))
        }
        return locals
    }

    // MARK: Phases

    mutating func readPhases(_ node: DesignNode?, _ whole: DesignNode?) -> [Phase] {
        guard let node else {
            let seconds = duration(whole, "duration", 0.1...86_400) ?? 30
            return [Phase(kind: .steady, name: "steady", seconds: seconds)]
        }
        if let whole { fault(whole.mark, "duration", "follows from 'phases': leave one out") }
        guard let elements = node.elements, !elements.isEmpty else {
            let _: Int? = expected("a list of phases", node, "phases")
            return []
        }
        var phases: [Phase] = []
        for (number, element) in elements.enumerated() {
            let path = "phases[\(number)]"
            guard let members = element.members, members.count == 1, let only = members.first
            else {
                let _: Int? = expected("a phase like 'steady: 30s'", element, path)
                continue
            }
            guard let kind = Phase.Kind(rawValue: only.key), kind != .load else {
                fault(
                    only.mark, path,
                    "unknown phase '\(only.key)'"
                        + Spelling.hint(only.key, among: ["ramp", "steady", "spike"]))
                continue
            }
            if let phase = readPhase(kind, only.value, "\(path).\(only.key)") {
                phases.append(phase)
            }
        }
        return phases
    }

    private mutating func readPhase(
        _ kind: Phase.Kind, _ node: DesignNode, _ path: String
    ) -> Phase? {
        let standard: (Double, Double) =
            switch kind {
            case .ramp: (0, 1)
            case .spike: (3, 3)
            default: (1, 1)
            }
        guard node.members != nil else {
            return duration(node, path, 0.1...86_400).map {
                Phase(
                    kind: kind, name: kind.rawValue, seconds: $0, startRate: standard.0,
                    endRate: standard.1)
            }
        }
        let known =
            kind == .ramp ? ["duration", "name", "from", "to"] : ["duration", "name", "rate"]
        guard let members = map(node, path, known: known, required: ["duration"]),
            let seconds = duration(members["duration"], "\(path).duration", 0.1...86_400)
        else { return nil }
        var rates = standard
        if kind == .ramp {
            rates.0 = number(members["from"], "\(path).from", 0...1_000) ?? rates.0
            rates.1 = number(members["to"], "\(path).to", 0...1_000) ?? rates.1
        } else if let rate = number(members["rate"], "\(path).rate", 0...1_000) {
            rates = (rate, rate)
        }
        return Phase(
            kind: kind, name: string(members["name"], "\(path).name") ?? kind.rawValue,
            seconds: seconds, startRate: rates.0, endRate: rates.1)
    }
}
