internal import Items
internal import Operations
internal import Wire

/// Templates of values in a design file: plain YAML, and generators.
extension DesignReader {
    typealias Typed = (template: ValueTemplate, type: String?)

    static let generators =
        numberGenerators + [
            "$sequential", "$time", "$uuid", "$ulid", "$name", "$text", "$binary", "$choice",
            "$bool", "$optional", "$list", "$set", "$map", "$string", "$number", "$value",
            "$shard",
        ]

    mutating func value(_ node: DesignNode, _ scope: NameScope, _ path: String) -> Typed? {
        if let generator = node.generator {
            return self.generator(generator, scope, "\(path).\(generator.key)")
        }
        switch node.content {
        case .null: return (.constant(.null), "NULL")
        case .bool(let value): return (.constant(.bool(value)), "BOOL")
        case .number(let text): return number(text, node, path)
        case .string(let text): return self.text(text, scope, node.mark, path)
        case .list(let elements):
            var templates: [ValueTemplate] = []
            for (number, element) in elements.enumerated() {
                if let typed = value(element, scope, "\(path)[\(number)]") {
                    templates.append(typed.template)
                }
            }
            return (.list(templates), "L")
        case .map: return (.map(attributes(node, scope, path).map(\.member)), "M")
        }
    }

    /// The members of a map of values.
    mutating func attributes(
        _ node: DesignNode, _ scope: NameScope, _ path: String
    ) -> [(member: ValueTemplate.Member, type: String?, mark: SourceMark?)] {
        guard let members = node.members else {
            let _: Int? = expected("a map of attributes", node, path)
            return []
        }
        var found: [(member: ValueTemplate.Member, type: String?, mark: SourceMark?)] = []
        for member in members {
            guard let typed = value(member.value, scope, "\(path).\(member.key)") else { continue }
            found.append(
                (
                    ValueTemplate.Member(name: member.key, value: typed.template), typed.type,
                    member.value.mark
                ))
        }
        return found
    }

    private mutating func number(
        _ text: String, _ node: DesignNode, _ path: String
    ) -> Typed? {
        do throws(NumberFault) {
            return (.constant(.number(try DecimalNumber(text).description)), "N")
        } catch {
            fault(node.mark, path, error.message)
            return nil
        }
    }

    private mutating func text(
        _ text: String, _ scope: NameScope, _ mark: SourceMark?, _ path: String
    ) -> Typed {
        let parts = textParts(text, scope, mark, path)
        if parts.isEmpty { return (.constant(.string("")), "S") }
        if parts.count == 1, case .literal(let literal) = parts[0] {
            return (.constant(.string(literal)), "S")
        }
        return (.text(parts), "S")
    }

    // MARK: Generators

    private mutating func generator(
        _ generator: DesignNode.Member, _ scope: NameScope, _ path: String
    ) -> Typed? {
        let node = generator.value
        if Self.numberGenerators.contains(generator.key) {
            return distribution(generator, path, -1e15...1e15).map {
                (.number($0.distribution, decimals: $0.decimals), "N")
            }
        }
        switch generator.key {
        case "$sequential": return sequence(node, path).map { ($0, "N") }
        case "$time": return time(node, scope, path)
        case "$uuid":
            guard node.isNull else { return expected("nothing after '$uuid:'", node, path) }
            return (.uuid, "S")
        case "$ulid":
            if node.isNull { return (.ulid(defaultTime(scope)), "S") }
            return timeSource(node, scope, path).map { (.ulid($0.source), "S") }
        case "$name":
            let kind: Words.Kind? = choice(node, path)
            return kind.map { (.words($0), "S") }
        case "$text":
            return size(node, path, max: Limits.itemBytesMax).map { (.filler($0), "S") }
        case "$binary":
            return size(node, path, max: Limits.itemBytesMax).map { (.binary($0), "B") }
        case "$choice": return choices(node, scope, path)
        case "$bool":
            return number(node, path, 0...1).map { (.bool(share: $0), "BOOL") }
        default: return composed(generator, scope, path)
        }
    }

    private mutating func composed(
        _ generator: DesignNode.Member, _ scope: NameScope, _ path: String
    ) -> Typed? {
        let node = generator.value
        switch generator.key {
        case "$optional":
            guard
                let members = map(
                    node, path, known: ["share", "value"], required: ["share", "value"]),
                let inner = members["value"],
                let share = number(members["share"], "\(path).share", 0...1),
                let typed = value(inner, scope, "\(path).value")
            else { return nil }
            return (.optional(share: share, typed.template), typed.type)
        case "$list", "$set": return collection(generator, scope, path)
        case "$map": return (.map(attributes(node, scope, path).map(\.member)), "M")
        case "$string":
            return value(node, scope, path).map { (.asString($0.template), "S") }
        case "$number":
            guard let text = string(node, path) else { return nil }
            return (.asNumber(textParts(text, scope, node.mark, path)), "N")
        case "$value":
            guard let text = string(node, path),
                let found = reference(text, scope, node.mark, path)
            else { return nil }
            return (.reference(found.reference), found.type)
        case "$shard":
            guard
                let members = map(node, path, known: ["of", "count"], required: ["of", "count"]),
                let text = string(members["of"], "\(path).of"),
                let count = integer(members["count"], "\(path).count", 1...1_000_000)
            else { return nil }
            return (.shard(textParts(text, scope, node.mark, path), count: count), "N")
        default:
            fault(
                generator.mark, path,
                "unknown generator" + Spelling.hint(generator.key, among: Self.generators))
            return nil
        }
    }

    private mutating func collection(
        _ generator: DesignNode.Member, _ scope: NameScope, _ path: String
    ) -> Typed? {
        let node = generator.value
        guard let members = map(node, path, known: ["of", "count"], required: ["of", "count"]),
            let inner = members["of"], let countNode = members["count"],
            let typed = value(inner, scope, "\(path).of"),
            let count = size(countNode, "\(path).count", max: 10_000)
        else { return nil }
        if generator.key == "$list" {
            return (.repeated(typed.template, count: count), "L")
        }
        guard let type = typed.type, ["S", "N", "B"].contains(type) else {
            fault(node.mark, path, "a set is of texts, numbers or binaries of one type")
            return nil
        }
        return (.set(typed.template, count: count), type + "S")
    }

    private mutating func sequence(_ node: DesignNode, _ path: String) -> ValueTemplate? {
        if node.isNull { return .sequence(from: 0, step: 1) }
        guard let members = map(node, path, known: ["from", "step"]) else { return nil }
        let bound = 1_000_000_000_000
        let from = integer(members["from"], "\(path).from", -bound...bound) ?? 0
        let step = integer(members["step"], "\(path).step", -1_000_000...1_000_000) ?? 1
        return .sequence(from: from, step: step)
    }

    private mutating func choices(
        _ node: DesignNode, _ scope: NameScope, _ path: String
    ) -> Typed? {
        var weighted: [(node: DesignNode, weight: Double, path: String)] = []
        if let elements = node.elements {
            for (number, element) in elements.enumerated() {
                let place = "\(path)[\(number)]"
                if let inner = element["value"], let weight = element["weight"],
                    element.members?.count == 2
                {
                    let weight = self.number(weight, "\(place).weight", 0...1e9) ?? 1
                    weighted.append((inner, weight, "\(place).value"))
                } else {
                    weighted.append((element, 1, place))
                }
            }
        } else if let members = node.members {
            for member in members {
                let weight = number(member.value, "\(path).\(member.key)", 0...1e9) ?? 1
                let key = DesignNode(content: .string(member.key), mark: member.mark)
                weighted.append((key, weight, "\(path).\(member.key)"))
            }
        }
        let total = weighted.reduce(0) { $0 + $1.weight }
        guard total > 0 else {
            return expected("values to choose from: a list, or a map of weights", node, path)
        }
        var choices: [ValueTemplate.Choice] = []
        var types: Set<String?> = []
        var sum = 0.0
        for element in weighted {
            sum += element.weight
            guard let typed = value(element.node, scope, element.path) else { continue }
            types.insert(typed.type)
            choices.append(ValueTemplate.Choice(upTo: sum / total, value: typed.template))
        }
        return (.choice(choices), types.count == 1 ? types.first ?? nil : nil)
    }

    // MARK: Times

    /// Where moments come from unless a file says: a second per instance, or the run's own pace.
    private func defaultTime(_ scope: NameScope) -> TimeSource {
        let start = 1_767_225_600_000
        return scope.knowsRun
            ? .run(start: start, speed: 1) : .steps(start: start, step: 1_000)
    }

    private mutating func time(
        _ node: DesignNode, _ scope: NameScope, _ path: String
    ) -> Typed? {
        if node.isNull { return (.time(defaultTime(scope), .iso), "S") }
        guard let found = timeSource(node, scope, path) else { return nil }
        return (.time(found.source, found.format), found.format.isNumber ? "N" : "S")
    }

    private mutating func timeSource(
        _ node: DesignNode, _ scope: NameScope, _ path: String
    ) -> (source: TimeSource, format: TimeFormat)? {
        if let word = node.string {
            if word == "now" { return now(scope, node.mark, path).map { ($0, .iso) } }
            guard let found = reference(word, scope, node.mark, path) else { return nil }
            return (.reference(found.reference), .iso)
        }
        guard
            let members = map(
                node, path, known: ["start", "step", "speed", "from", "to", "clock", "format"])
        else { return nil }
        let format: TimeFormat = choice(members["format"], "\(path).format") ?? .iso
        if members["clock"] != nil {
            guard members["clock"]?.string == "now" else {
                return expected("'now'", members["clock"] ?? node, "\(path).clock")
            }
            return now(scope, node.mark, path).map { ($0, format) }
        }
        if members["from"] != nil || members["to"] != nil {
            guard let from = moment(members["from"], "\(path).from"),
                let to = moment(members["to"], "\(path).to"), from <= to
            else { return expected("'from' and 'to', in this order", node, path) }
            return (.between(from, to), format)
        }
        guard let start = moment(members["start"] ?? node, "\(path).start") else { return nil }
        if members["speed"] != nil {
            guard scope.knowsRun else {
                fault(node.mark, path, "a field knows no run's time: give 'step'")
                return nil
            }
            guard let speed = number(members["speed"], "\(path).speed", 0.001...1e9) else {
                return nil
            }
            return (.run(start: start, speed: speed), format)
        }
        guard let step = members["step"] else {
            return scope.knowsRun
                ? (.run(start: start, speed: 1), format)
                : (.steps(start: start, step: 1_000), format)
        }
        return duration(step, "\(path).step", 0...1e9).map {
            (.steps(start: start, step: $0 * 1_000), format)
        }
    }

    private mutating func now(
        _ scope: NameScope, _ mark: SourceMark?, _ path: String
    ) -> TimeSource? {
        guard scope.knowsRun else {
            fault(mark, path, "a field must always be the same: the clock isn't for it")
            return nil
        }
        return .now
    }

    // MARK: Keys

    /// A template as the type that a key wants; nil after a fault.
    mutating func keyed(
        _ typed: ValueTemplate, _ type: String?, _ key: DesignKey, _ mark: SourceMark?,
        _ path: String
    ) -> ValueTemplate? {
        let wanted = key.type.rawValue
        guard let type, type != wanted else { return typed }
        switch (wanted, typed) {
        case ("N", .text(let parts)): return .asNumber(parts)
        case ("S", _) where type == "N": return .asString(typed)
        default:
            fault(
                mark, path,
                "is of type \(type), but the key attribute '\(key.name)' is of type \(wanted)")
            return nil
        }
    }
}
