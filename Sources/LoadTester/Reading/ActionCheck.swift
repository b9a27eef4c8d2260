internal import Expressions
internal import Items
internal import Operations
internal import Wire

/// Why the service would refuse a request, whatever is in the tables.
struct Refusal: Error, Sendable {
    /// The key of the design file that is at fault, `filter` say; nil where that isn't known.
    var member: String?
    var message: String
}

/// Checks a request of an action as the service does before it looks at any item.
///
/// The request is one that was drawn, decoded from its own JSON, so that the types of values are
/// those that will be sent.
struct ActionCheck {
    let action: RequestTemplate.Action
    let table: DesignTable
    let tables: [DesignTable]

    private var index: DesignIndex? { action.index.map { table.indexes[$0] } }

    /// - Returns: the attributes of the table that the action writes or asks for.
    func check(_ drawing: inout Drawing) throws(Refusal) -> TouchedAttributes {
        let attributes = drawing.item(action.attributes)
        let values = drawing.item(action.values)
        var touched = TouchedAttributes(written: Set(attributes.map(\.name)))
        if action.kind != .query, action.kind != .scan, action.kind != .statement {
            try checkAttributes(attributes)
        }
        // An action of a batch has neither expressions nor a body of its own.
        guard !action.fixed.isEmpty else { return touched }
        var writer = JSONWriter()
        writer.beginObject()
        writer.bytes.append(contentsOf: action.fixed)
        if !attributes.isEmpty {
            writer.name(action.kind == .put ? "Item" : "Key")
            GeneratedValue.write(attributes, into: &writer)
        }
        if !values.isEmpty {
            writer.name("ExpressionAttributeValues")
            GeneratedValue.write(values, into: &writer)
        }
        action.writeParameters(&drawing, into: &writer)
        writer.endObject()
        let request = try Self.decode(action.kind.operation, writer.bytes, member: nil)
        try check(request, &touched)
        return touched
    }

    private static func decode(
        _ operation: String, _ body: [UInt8], member: String?
    ) throws(Refusal) -> OperationRequest {
        do throws(ServiceError) {
            return try body.withUnsafeBufferPointer { bytes throws(ServiceError) in
                try WireCodec.decode(
                    target: WireCodec.target(operation: operation),
                    body: UnsafeRawBufferPointer(bytes))
            }
        } catch {
            throw Refusal(member: member, message: error.message)
        }
    }

    // MARK: Items and keys

    private func checkAttributes(_ attributes: [GeneratedValue.Member]) throws(Refusal) {
        let isItem = action.kind == .put
        let member = isItem ? "item" : "key"
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("TableName")
        writer.string(table.name)
        writer.name(isItem ? "Item" : "Key")
        GeneratedValue.write(attributes, into: &writer)
        writer.endObject()
        switch try Self.decode(isItem ? "PutItem" : "GetItem", writer.bytes, member: member) {
        case .putItem(let put):
            if let fault = put.valueFault { throw Refusal(member: member, message: fault.message) }
            try KeyCheck(table: table, member: member).check(item: put.item)
        case .getItem(let get):
            if let fault = get.valueFault { throw Refusal(member: member, message: fault.message) }
            try KeyCheck(table: table, member: member).check(key: get.key)
        default: break
        }
    }

    // MARK: Requests

    private func check(
        _ request: OperationRequest, _ touched: inout TouchedAttributes
    ) throws(Refusal) {
        var expressions: ExpressionCheck
        switch request {
        case .getItem(let get):
            expressions = try ExpressionCheck(get.attributes, get.valueFault)
            touched.projected = try expressions.projection(get.projectionExpression)
        case .putItem(let put):
            expressions = try ExpressionCheck(put.attributes, put.valueFault)
            try expressions.condition(put.condition.conditionExpression)
        case .deleteItem(let delete):
            expressions = try ExpressionCheck(delete.attributes, delete.valueFault)
            try expressions.condition(delete.condition.conditionExpression)
        case .updateItem(let update):
            expressions = try ExpressionCheck(update.attributes, update.valueFault)
            try expressions.condition(update.condition.conditionExpression)
            if let parsed = try expressions.update(update.updateExpression) {
                try KeyCheck(table: table, member: "update").check(parsed)
                touched.written.formUnion(parsed.topLevelAttributes)
            }
        case .query(let query):
            expressions = try ExpressionCheck(query.page.attributes, query.page.valueFault)
            let filter = try page(query.page, &expressions, &touched)
            if let key = try expressions.keyCondition(query.keyConditionExpression) {
                try match(key, filter)
            }
        case .scan(let scan):
            expressions = try ExpressionCheck(scan.page.attributes, scan.page.valueFault)
            _ = try page(scan.page, &expressions, &touched)
        case .executeStatement(let execute):
            return try StatementCheck(tables: tables).check(execute.statement, &touched)
        default: return
        }
        try expressions.finish()
    }

    private func page(
        _ page: PageParameters, _ expressions: inout ExpressionCheck,
        _ touched: inout TouchedAttributes
    ) throws(Refusal) -> Condition? {
        touched.projected = try expressions.projection(page.projectionExpression)
        let filter = try expressions.filter(page.filterExpression)
        let isProjected = page.projectionExpression != nil
        switch page.select {
        case nil: break
        case .specificAttributes where !isProjected:
            throw Refusal(member: "select", message: "SPECIFIC_ATTRIBUTES needs a 'projection'")
        case .specificAttributes: break
        case .some(let select):
            if isProjected {
                throw Refusal(
                    member: "select",
                    message: "\(select.rawValue) and a 'projection' exclude each other")
            }
            if select == .allProjectedAttributes, index == nil {
                throw Refusal(
                    member: "select", message: "ALL_PROJECTED_ATTRIBUTES is for an 'index' alone")
            }
            if select == .allAttributes, let index, !index.isLocal, index.projectionType != .all {
                throw Refusal(
                    member: "select",
                    message: "the index \(index.name) does not project all attributes")
            }
        }
        if let index, !index.isLocal, let names = touched.projected {
            let missing = names.filter { !index.projects($0, of: table) }.sorted()
            if !missing.isEmpty {
                throw Refusal(
                    member: "projection",
                    message: "the index \(index.name) does not project "
                        + missing.joined(separator: ", "))
            }
        }
        return filter
    }

    /// Matches a key condition to the keys of the table or index.
    private func match(_ condition: KeyCondition, _ filter: Condition?) throws(Refusal) {
        let hash = index?.hashKeys ?? [table.hashKey]
        let range = index?.rangeKeys ?? table.rangeKeys
        do throws(ExpressionError) {
            _ = try condition.resolve(
                hash: hash.map { ($0.name, $0.type) }, range: range.map { ($0.name, $0.type) })
        } catch {
            throw Refusal(member: "keyCondition", message: error.message)
        }
        for key in hash + range where filter?.topLevelAttributes.contains(key.name) == true {
            throw Refusal(
                member: "filter",
                message: "Filter Expression can only contain non-primary key attributes: Primary "
                    + "key attribute: \(key.name)")
        }
    }
}

/// What an action has to do with the attributes of a table.
struct TouchedAttributes: Sendable {
    /// Attributes of its item or key, and those it updates.
    var written: Set<String> = []
    /// Attributes that its projection names; nil without one.
    var projected: Set<String>?
    /// Of a statement: what it is about.
    var tableName: String?
    var indexName: String?
    var isSelect = false
}

extension RequestTemplate.Action.Kind {
    /// The operation whose members the action has.
    fileprivate var operation: String {
        switch self {
        case .get: "GetItem"
        case .put: "PutItem"
        case .update: "UpdateItem"
        case .delete, .check: "DeleteItem"
        case .query: "Query"
        case .scan: "Scan"
        case .statement: "ExecuteStatement"
        }
    }
}

extension DesignIndex {
    /// Whether an entry has an attribute of the table's item.
    func projects(_ attribute: String, of table: DesignTable) -> Bool {
        projectionType == .all || nonKeyAttributes.contains(attribute)
            || (hashKeys + rangeKeys).contains { $0.name == attribute }
            || table.keys.contains { $0.name == attribute }
    }
}
