package import Wire

/// What somebody asked to read, by words or by raw expressions.
package struct ReadOrder: Sendable {
    package var words: [String] = []
    /// `--where`.
    package var filterText: String?
    /// `--select`.
    package var selection: String?
    package var indexName: String?
    package var isDescending = false
    package var isConsistent = false
    /// COUNT: no items.
    package var countsOnly = false
    /// The raw expressions of `--key-condition`, `--filter`, `--projection`, `--names`, `--values`.
    package var keyCondition: String?
    package var filter: String?
    package var projection: String?
    package var names: JSONValue?
    package var values: JSONValue?

    package init() {}
}

/// A Query or Scan as it is sent page by page, and what is known of it beforehand.
package struct ReadRequest: Sendable {
    /// `Query` or `Scan`.
    package var operation: String
    package var schema: TableSchema
    package var index: IndexSchema?
    /// All but Limit, ExclusiveStartKey and segments.
    package var parameters: [(String, JSONValue)]
    /// Conditions that the key answers; empty for a scan.
    package var keyConditions: [WrittenCondition]
    /// Conditions that are looked at after reading; empty for raw ones that can't be read.
    package var filterConditions: [WrittenCondition]
    /// The columns in their order, where somebody selected any.
    package var columns: [String]?
    /// Key attributes that were asked for only to be able to go on.
    package var hiddenAttributes: Set<String> = []

    package var hasFilter: Bool { parameters.contains { $0.0 == "FilterExpression" } }
    package var isConsistent: Bool { parameters.contains { $0.0 == "ConsistentRead" } }
    /// What is read: the index's name or the table's.
    package var sourceName: String {
        index.map { "index \($0.name)" } ?? "table \(schema.name)"
    }
    package var itemCount: Int { index?.itemCount ?? schema.itemCount }
    package var byteCount: Int { index?.byteCount ?? schema.byteCount }

    /// Bytes of an item as the service last counted them; 0: nobody knows.
    private var averageSize: Int { itemCount > 0 ? byteCount / itemCount : 0 }

    /// How many items a page may look at within a budget; nil: any.
    func itemsMax(_ budget: ReadBudget, _ tally: ReadTally) -> Int? {
        budget.itemsMax(
            tally, schema: schema, averageSize: averageSize, isConsistent: isConsistent)
    }

    /// The attributes by which reading goes on: of the table's key, and the index's.
    package var pagingAttributes: [KeyAttribute] {
        var attributes = schema.key.all
        for attribute in index?.key.all ?? [] where !attributes.contains(attribute) {
            attributes.append(attribute)
        }
        return attributes
    }

    /// A query, by the key that the words give.
    package static func query(
        _ order: ReadOrder, schema: TableSchema
    ) throws(ValueFault) -> ReadRequest {
        var conjuncts: [WrittenCondition] = []
        for word in order.words { conjuncts += try PlainWord.condition(word).conjuncts }
        guard let raw = order.keyCondition else {
            let selection = try KeySelection.choose(
                conjuncts, schema: schema, indexName: order.indexName)
            return try make(
                "Query", order, schema, index: selection.index, key: selection.conditions,
                filter: selection.rest)
        }
        let index = try index(order, schema)
        var request = try make(
            "Query", order, schema, index: index, key: [], filter: conjuncts)
        request.parameters.append(("KeyConditionExpression", .string(raw)))
        return request
    }

    /// A scan: all conditions are filters.
    package static func scan(
        _ order: ReadOrder, schema: TableSchema
    ) throws(ValueFault) -> ReadRequest {
        var conjuncts: [WrittenCondition] = []
        for word in order.words { conjuncts += try PlainWord.condition(word).conjuncts }
        let index = try index(order, schema)
        return try make("Scan", order, schema, index: index, key: [], filter: conjuncts)
    }

    /// A query where the conditions of `--where` give the whole hash key of the table, or of the
    /// named index, and the filter can look at the others; else a scan, which finds the same.
    package static func narrowest(
        _ order: ReadOrder, schema: TableSchema
    ) throws(ValueFault) -> ReadRequest {
        let index = try index(order, schema)
        guard let text = order.filterText, order.filter == nil, order.words.isEmpty else {
            return try scan(order, schema: schema)
        }
        let conjuncts = try WordParser.condition(text).conjuncts
        let key = index?.key ?? schema.key
        guard let found = try? KeySelection.of(conjuncts, key: key, index: index) else {
            return try scan(order, schema: schema)
        }
        var rest = order
        rest.filterText = nil
        return try make(
            "Query", rest, schema, index: index, key: found.conditions, filter: found.rest)
    }

    private static func index(
        _ order: ReadOrder, _ schema: TableSchema
    ) throws(ValueFault) -> IndexSchema? {
        guard let name = order.indexName else { return nil }
        return try schema.index(named: name)
    }

    private static func make(
        _ operation: String, _ order: ReadOrder, _ schema: TableSchema, index: IndexSchema?,
        key: [WrittenCondition], filter: [WrittenCondition]
    ) throws(ValueFault) -> ReadRequest {
        var writer = ExpressionWriter(
            schema: schema, names: try names(order.names),
            values: try values(order.values))
        var filter = filter
        if let text = order.filterText { filter += try WordParser.condition(text).conjuncts }
        guard order.filter == nil || filter.isEmpty else {
            throw ValueFault("--filter is a whole filter: leave out words and --where beside it")
        }
        var request = ReadRequest(
            operation: operation, schema: schema, index: index, parameters: [],
            keyConditions: key, filterConditions: filter)
        let keyText = key.isEmpty ? nil : try writer.conjunction(key)
        let written = filter.isEmpty ? nil : try writer.conjunction(filter)
        var members: [(String, JSONValue?)] = [
            ("TableName", .string(schema.name)),
            ("IndexName", index.map { .string($0.name) }),
            ("KeyConditionExpression", keyText.map { .string($0) }),
            ("FilterExpression", (order.filter ?? written).map { .string($0) }),
            ("ScanIndexForward", order.isDescending ? .bool(false) : nil),
            ("ConsistentRead", order.isConsistent ? .bool(true) : nil),
            ("Select", order.countsOnly ? .string("COUNT") : nil),
            ("ReturnConsumedCapacity", .string("TOTAL")),
        ]
        if let raw = order.filter, let read = try? WordParser.condition(raw) {
            request.filterConditions = read.conjuncts.map { $0.named(writer.names) }
        }
        if !order.countsOnly {
            members.append(("ProjectionExpression", try request.project(order, &writer)))
        }
        members += writer.members
        request.parameters = members.compactMap { name, value in value.map { (name, $0) } }
        return request
    }

    /// The projection: what was selected, and the keys that paging needs.
    private mutating func project(
        _ order: ReadOrder, _ writer: inout ExpressionWriter
    ) throws(ValueFault) -> JSONValue? {
        if let raw = order.projection { return .string(raw) }
        guard let selection = order.selection else { return nil }
        let paths = try WordParser.paths(selection)
        var texts = paths.map { writer.text($0) }
        columns = paths.compactMap(\.root).reduce(into: []) { columns, name in
            if !columns.contains(name) { columns.append(name) }
        }
        for attribute in pagingAttributes
        where !paths.contains(where: { $0.root == attribute.name }) {
            texts.append(writer.text(WrittenPath(name: attribute.name)))
            hiddenAttributes.insert(attribute.name)
        }
        return .string(texts.joined(separator: ", "))
    }

    private static func names(
        _ names: JSONValue?
    ) throws(ValueFault) -> [(String, JSONValue)] {
        guard let names else { return [] }
        guard let members = names.members, members.allSatisfy({ $0.1.string != nil }) else {
            throw ValueFault("--names is JSON like {\"#s\": \"status\"}")
        }
        return members
    }

    /// Values of placeholders, plain or in DynamoDB JSON.
    package static func values(
        _ values: JSONValue?
    ) throws(ValueFault) -> [(String, JSONValue)] {
        guard let values else { return [] }
        guard let members = values.members, members.allSatisfy({ $0.0.hasPrefix(":") }) else {
            throw ValueFault("--values is JSON like {\":s\": \"open\"}")
        }
        if PlainJSON.isTyped(item: values) { return members }
        return try PlainJSON.item(values)
    }

    /// The paths of `--select`.
    package static func paths(_ selection: String) throws(ValueFault) -> [WrittenPath] {
        try WordParser.paths(selection)
    }

    // MARK: Going on

    /// Whether an item holds all by which reading goes on after it.
    package func startKey(after item: [(String, JSONValue)]) -> JSONValue? {
        var key: [(String, JSONValue)] = []
        for attribute in pagingAttributes {
            guard let value = item.first(where: { $0.0 == attribute.name })?.1 else { return nil }
            key.append((attribute.name, value))
        }
        return .object(key)
    }

    /// A start key as `--start` writes it: plain JSON.
    package static func token(_ key: JSONValue) -> String {
        String(decoding: PlainJSON.plain(item: key.members ?? []).encoded, as: UTF8.self)
    }

    /// The start key of such a text.
    package func startKey(token: String) throws(ValueFault) -> JSONValue {
        guard let json = try? JSONValue(parsing: Array(token.utf8)), json.members != nil else {
            throw ValueFault("--start is what the last page printed, like '{\"id\":\"a\"}'")
        }
        return .object(try schema.item(json))
    }
}

extension WrittenCondition {
    /// The condition with the names of `--names` in place of their placeholders.
    fileprivate func named(_ names: [(String, JSONValue)]) -> WrittenCondition {
        func path(_ path: WrittenPath) -> WrittenPath {
            WrittenPath(
                path.steps.map { step in
                    guard case .placeholder(let placeholder) = step,
                        let name = names.first(where: { $0.0 == placeholder })?.1.string
                    else { return step }
                    return .name(name)
                })
        }
        func operand(_ operand: WrittenOperand) -> WrittenOperand {
            switch operand {
            case .path(let inner): .path(path(inner))
            case .size(let inner): .size(path(inner))
            case .literal, .placeholder: operand
            }
        }
        switch self {
        case .all(let parts): return .all(parts.map { $0.named(names) })
        case .any(let parts): return .any(parts.map { $0.named(names) })
        case .not(let part): return .not(part.named(names))
        case .comparison(let left, let operation, let right):
            return .comparison(operand(left), operation, operand(right))
        case .between(let value, let low, let high):
            return .between(operand(value), operand(low), operand(high))
        case .oneOf(let value, let list): return .oneOf(operand(value), list.map(operand))
        case .function(let name, let operands): return .function(name, operands.map(operand))
        }
    }
}
