internal import Operations
internal import Wire

/// The access patterns of a design file.
extension DesignReader {
    private typealias Operation = RequestTemplate.Operation

    private static let common = ["name", "operation", "weight", "rate", "pick", "let"]

    mutating func readPatterns(
        _ node: DesignNode?, _ workload: inout Workload
    ) -> [AccessPattern] {
        guard let node else { return [] }
        guard let elements = node.elements, !elements.isEmpty else {
            let _: Int? = expected("a list of access patterns", node, "patterns")
            return []
        }
        var patterns: [AccessPattern] = []
        var names: Set<String> = []
        for (number, element) in elements.enumerated() {
            guard
                let (pattern, template) = readPattern(element, "patterns[\(number)]")
            else { continue }
            if !names.insert(pattern.name).inserted {
                fault(
                    element.mark, "patterns[\(number)]",
                    "the pattern '\(pattern.name)' is there twice")
            }
            patterns.append(pattern)
            workload.requests.append(template)
        }
        return patterns
    }

    private mutating func readPattern(
        _ node: DesignNode, _ path: String
    ) -> (AccessPattern, RequestTemplate)? {
        guard node.members != nil else { return expected("a map", node, path) }
        let faultCount = faults.count
        guard node["operation"] != nil else {
            fault(node.mark, path, "'operation' is missing")
            return nil
        }
        let chosen: Operation? = choice(node["operation"], "\(path).operation")
        guard let operation = chosen else { return nil }
        guard
            let members = map(
                node, path, known: Self.common + Self.keys(of: operation, node),
                required: ["name"])
        else { return nil }
        var scope = NameScope()
        let picks = readPicks(members["pick"], &scope, path)
        let locals = readLocals(members["let"], &scope, path)
        drawSamples(picks, locals, faultCount: faultCount)
        var actions: [RequestTemplate.Action] = []
        if let list = members["actions"] {
            actions = readActions(list, operation, scope, "\(path).actions")
        } else if let kind = Self.kind(of: operation, node) {
            readAction(kind, members, node, operation, scope, path).map { actions.append($0) }
        } else {
            fault(node.mark, path, "'actions' is missing")
        }
        guard let first = actions.first else { return nil }
        let rate = number(members["rate"], "\(path).rate", 0.001...1_000_000)
        if rate != nil, let weight = members["weight"] {
            fault(weight.mark, path, "has a rate of its own: leave out 'weight'")
        }
        let table = tables[first.table]
        let pattern = AccessPattern(
            name: string(members["name"], "\(path).name") ?? "", operation: operation.rawValue,
            tableName: table.name, indexName: first.index.map { table.indexes[$0].name },
            targetRate: rate,
            weight: rate ?? number(members["weight"], "\(path).weight", 0...1e9) ?? 1)
        let count = integer(members["count"], "\(path).count", 1...100) ?? 1
        checkCount(count * actions.count, operation, node.mark, path)
        return (
            pattern,
            RequestTemplate(
                operation: operation, picks: picks, locals: locals, actions: actions,
                repeatCount: count)
        )
    }

    private mutating func checkCount(
        _ count: Int, _ operation: RequestTemplate.Operation, _ mark: SourceMark?, _ path: String
    ) {
        let most =
            switch operation {
            case .batchWriteItem: Limits.batchWriteItemsMax
            case .batchGetItem: Limits.batchGetKeysMax
            case .transactGetItems, .transactWriteItems: Limits.transactionActionsMax
            default: 1
            }
        if count > most {
            fault(mark, path, "\(operation.rawValue) takes \(most) at most, not \(count)")
        }
    }

    /// What the one kind of action of a request is, where it has no list of them.
    private static func kind(
        of operation: RequestTemplate.Operation, _ node: DesignNode
    ) -> RequestTemplate.Action.Kind? {
        switch operation {
        case .getItem: .get
        case .putItem: .put
        case .updateItem: .update
        case .deleteItem: .delete
        case .query: .query
        case .scan: .scan
        case .executeStatement: .statement
        case .batchGetItem, .transactGetItems: node["actions"] == nil ? .get : nil
        case .batchWriteItem, .transactWriteItems:
            node["actions"] != nil ? nil : node["item"] != nil ? .put : .delete
        }
    }

    private static func keys(
        of operation: RequestTemplate.Operation, _ node: DesignNode
    ) -> [String] {
        if node["actions"] != nil, !operation.isSingle { return ["actions", "count"] }
        guard let kind = kind(of: operation, node) else { return ["actions", "count"] }
        return keys(of: kind, in: operation) + (operation.isSingle ? [] : ["actions", "count"])
    }

    private static func keys(
        of kind: RequestTemplate.Action.Kind, in operation: RequestTemplate.Operation
    ) -> [String] {
        let isBatch = operation == .batchGetItem || operation == .batchWriteItem
        if isBatch { return ["table", kind == .put ? "item" : "key"] }
        let condition = ["condition", "names", "values"]
        switch kind {
        case .get:
            return ["table", "key", "projection", "names"]
                + (operation == .getItem ? ["consistent"] : [])
        case .put: return ["table", "item"] + condition
        case .update: return ["table", "key", "update"] + condition
        case .delete, .check: return ["table", "key"] + condition
        case .query:
            return [
                "table", "index", "keyCondition", "filter", "projection", "names", "values",
                "limit", "descending", "consistent", "select",
            ]
        case .scan:
            return [
                "table", "index", "filter", "projection", "names", "values", "limit",
                "consistent", "select",
            ]
        case .statement: return ["statement", "parameters", "consistent"]
        }
    }

    // MARK: Picks

    private mutating func readPicks(
        _ node: DesignNode?, _ scope: inout NameScope, _ path: String
    ) -> [RequestTemplate.Pick] {
        guard let node else { return [] }
        guard let members = node.members else {
            let _: Int? = expected("a map of entities", node, "\(path).pick")
            return []
        }
        var picks: [RequestTemplate.Pick] = []
        for member in members {
            let place = "\(path).pick.\(member.key)"
            guard let entity = entities.firstIndex(where: { $0.name == member.key }) else {
                fault(
                    member.mark, place,
                    "unknown entity" + Spelling.hint(member.key, among: entities.map(\.name)))
                continue
            }
            if let choice = readPick(entity, member.value, scope, place) {
                scope.set(member.key, .pick(slot: picks.count, entity: entity))
                picks.append(RequestTemplate.Pick(entity: entity, choice: choice))
            }
        }
        return picks
    }

    private mutating func readPick(
        _ entity: Int, _ node: DesignNode, _ scope: NameScope, _ path: String
    ) -> RequestTemplate.Pick.Choice? {
        if node.string == "new" { return .added }
        guard let of = node["of"] else {
            return keyDistribution(node, path).map { .existing($0) }
        }
        guard let members = map(node, path, known: ["of", "by"]),
            let name = string(of, "\(path).of")
        else { return nil }
        guard case .pick(let slot, let parent) = scope.names[name],
            entities[entity].parent == parent
        else {
            fault(
                of.mark, "\(path).of",
                "'\(name)' must be picked before and be what \(entities[entity].name) is 'of'")
            return nil
        }
        var distribution = KeyDistribution.uniform
        if let by = members["by"] {
            guard let read = keyDistribution(by, "\(path).by") else { return nil }
            distribution = read
        }
        return .child(ofSlot: slot, distribution)
    }

    // MARK: Actions

    private mutating func readActions(
        _ node: DesignNode, _ operation: RequestTemplate.Operation, _ scope: NameScope,
        _ path: String
    ) -> [RequestTemplate.Action] {
        guard let elements = node.elements, !elements.isEmpty else {
            let _: Int? = expected("a list of actions", node, path)
            return []
        }
        let kinds: [RequestTemplate.Action.Kind] =
            switch operation {
            case .batchWriteItem: [.put, .delete]
            case .transactWriteItems: [.put, .update, .delete, .check]
            default: [.get]
            }
        var actions: [RequestTemplate.Action] = []
        for (number, element) in elements.enumerated() {
            let place = "\(path)[\(number)]"
            guard let members = element.members, members.count == 1, let only = members.first
            else {
                let _: Int? = expected("one action like {put: …}", element, place)
                continue
            }
            guard let kind = RequestTemplate.Action.Kind(rawValue: only.key), kinds.contains(kind)
            else {
                fault(
                    only.mark, place,
                    "unknown action '\(only.key)'"
                        + Spelling.hint(only.key, among: kinds.map(\.rawValue)))
                continue
            }
            let inner = "\(place).\(only.key)"
            guard let found = map(only.value, inner, known: Self.keys(of: kind, in: operation)),
                let action = readAction(kind, found, only.value, operation, scope, inner)
            else { continue }
            actions.append(action)
        }
        return actions
    }

    mutating func readTable(_ node: DesignNode?, _ path: String) -> Int? {
        guard let name = string(node, path) else { return nil }
        if let number = tables.firstIndex(where: { $0.name == name }) { return number }
        if faultyTables.contains(name) { return nil }
        fault(
            node?.mark, path,
            "unknown table '\(name)'" + Spelling.hint(name, among: tables.map(\.name)))
        return nil
    }

    private mutating func readAction(
        _ kind: RequestTemplate.Action.Kind, _ members: [String: DesignNode], _ node: DesignNode,
        _ operation: RequestTemplate.Operation, _ scope: NameScope, _ path: String
    ) -> RequestTemplate.Action? {
        let faultCount = faults.count
        if kind == .statement { return readStatement(members, node, scope, path) }
        if members["table"] == nil { fault(node.mark, path, "'table' is missing") }
        guard let table = readTable(members["table"], "\(path).table") else { return nil }
        var action = RequestTemplate.Action(kind: kind, table: table, fixed: [])
        if let name = string(members["index"], "\(path).index") {
            let names = tables[table].indexes.map(\.name)
            action.index = names.firstIndex(of: name)
            if action.index == nil {
                fault(
                    members["index"]?.mark, "\(path).index",
                    "unknown index '\(name)'" + Spelling.hint(name, among: names))
            }
        }
        switch kind {
        case .put:
            guard let item = members["item"] else {
                fault(node.mark, path, "'item' is missing")
                return nil
            }
            action.attributes = readItem(item, table, scope, "\(path).item")
        case .get, .update, .delete, .check:
            guard let key = members["key"] else {
                fault(node.mark, path, "'key' is missing")
                return nil
            }
            action.attributes = readKey(key, table, scope, "\(path).key")
        default: break
        }
        let isBatch = operation == .batchGetItem || operation == .batchWriteItem
        if !isBatch { readExpressions(&action, members, node, scope, path) }
        check(&action, members, node, path, faultCount: faultCount)
        return action
    }

    private mutating func readStatement(
        _ members: [String: DesignNode], _ node: DesignNode, _ scope: NameScope, _ path: String
    ) -> RequestTemplate.Action? {
        let faultCount = faults.count
        guard let text = string(members["statement"], "\(path).statement") else {
            if members["statement"] == nil { fault(node.mark, path, "'statement' is missing") }
            return nil
        }
        guard !tables.isEmpty else { return nil }
        var action = RequestTemplate.Action(kind: .statement, table: 0, fixed: [])
        var fixed: [(String, JSONValue)] = [("Statement", .string(text))]
        if let consistent = bool(members["consistent"], "\(path).consistent") {
            fixed.append(("ConsistentRead", .bool(consistent)))
        }
        action.fixed = Self.members(fixed)
        if let parameters = members["parameters"] {
            guard let elements = parameters.elements else {
                return expected("a list", parameters, "\(path).parameters")
            }
            for (number, element) in elements.enumerated() {
                if let typed = value(element, scope, "\(path).parameters[\(number)]") {
                    action.parameters.append(typed.template)
                }
            }
        }
        check(&action, members, node, path, faultCount: faultCount)
        return action
    }

    /// Members as JSON without the braces around them.
    static func members(_ members: [(String, JSONValue)]) -> [UInt8] {
        Array(JSONValue.object(members).encoded.dropFirst().dropLast())
    }

    // MARK: Items and keys

    mutating func readItem(
        _ node: DesignNode, _ table: Int, _ scope: NameScope, _ path: String
    ) -> [ValueTemplate.Member] {
        let design = tables[table]
        let keys = design.keys
        let indexKeys = design.indexes.flatMap { $0.hashKeys + $0.rangeKeys }
        var members: [ValueTemplate.Member] = []
        for attribute in attributes(node, scope, path) {
            var member = attribute.member
            if let key = (keys + indexKeys).first(where: { $0.name == member.name }) {
                let place = "\(path).\(member.name)"
                guard
                    let value = keyed(
                        member.value, attribute.type, key, attribute.mark, place)
                else { continue }
                member.value = value
            }
            members.append(member)
        }
        guard let names = node.members?.map(\.key) else { return members }
        for key in keys where !names.contains(key.name) {
            fault(
                node.mark, path,
                "the key attribute '\(key.name)' of table \(design.name) is missing")
        }
        return members
    }

    private mutating func readKey(
        _ node: DesignNode, _ table: Int, _ scope: NameScope, _ path: String
    ) -> [ValueTemplate.Member] {
        let design = tables[table]
        let keys = design.keys
        let told =
            "(the key of table \(design.name) is \(keys.map(\.name).joined(separator: ", ")))"
        guard let written = node.members else {
            return expected("the attributes of a key", node, path) ?? []
        }
        for member in written where !keys.contains(where: { $0.name == member.key }) {
            fault(member.mark, path, "unknown attribute '\(member.key)' \(told)")
        }
        var members: [ValueTemplate.Member] = []
        for key in keys {
            guard let member = written.first(where: { $0.key == key.name }) else {
                fault(node.mark, path, "the attribute '\(key.name)' is missing \(told)")
                continue
            }
            let place = "\(path).\(key.name)"
            guard let typed = value(member.value, scope, place),
                let value = keyed(typed.template, typed.type, key, member.value.mark, place)
            else { continue }
            members.append(ValueTemplate.Member(name: key.name, value: value))
        }
        return members
    }
}
