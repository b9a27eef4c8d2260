internal import Items
internal import Operations
internal import Wire

/// Makes the bodies of requests from their templates.
struct RequestMaker: Sendable {
    private let design: Design
    private let workload: Workload
    /// The number in `Design.resources` of each table.
    private let firstResources: [Int]
    private let origins: [ItemOrigin]

    init(design: Design, workload: Workload) {
        self.design = design
        self.workload = workload
        origins = ItemOrigin.all(in: design, workload)
        var next = 0
        firstResources = design.tables.map { table in
            defer { next += 1 + table.indexes.count }
            return next
        }
    }

    // MARK: Requests

    /// - Parameter added: instances of each entity that earlier arrivals added.
    func request(_ arrival: Arrival, added: [Int]) -> PreparedRequest {
        let template = workload.requests[arrival.pattern]
        var prepared = PreparedRequest(
            operation: template.operation.rawValue, pattern: arrival.pattern,
            phase: arrival.phase, due: arrival.due, body: [], falls: [], itemByteCount: 0)
        prepared.body.reserveCapacity(1_024)
        var drawing = Drawing(
            workload: workload,
            random: SeededRandom(
                seed: workload.seed, Workload.Stream.request,
                UInt64(truncatingIfNeeded: arrival.number)))
        drawing.ordinal = arrival.ordinal
        drawing.due = arrival.due
        var writer = JSONWriter(appendingTo: prepared.body)
        prepared.body = []
        if template.operation.isSingle {
            drawing.pick(template.picks, template.locals, repetition: 0, added: added)
            single(template.actions[0], &drawing, &writer, &prepared)
        } else {
            many(template, added: added, &drawing, &writer, &prepared)
        }
        prepared.body = writer.bytes
        return prepared
    }

    private func single(
        _ action: RequestTemplate.Action, _ drawing: inout Drawing, _ writer: inout JSONWriter,
        _ prepared: inout PreparedRequest
    ) {
        writer.beginObject()
        writer.bytes.append(contentsOf: action.fixed)
        members(of: action, &drawing, &writer, &prepared)
        writer.name("ReturnConsumedCapacity")
        writer.string("INDEXES")
        writer.endObject()
    }

    /// Writes Key or Item, values and parameters, and notes where it falls.
    private func members(
        of action: RequestTemplate.Action, _ drawing: inout Drawing,
        _ writer: inout JSONWriter, _ prepared: inout PreparedRequest
    ) {
        if action.kind == .statement {
            return action.writeParameters(&drawing, into: &writer)
        }
        if !action.attributes.isEmpty {
            let attributes = drawing.item(action.attributes)
            if action.kind == .put { writer.name("Item") } else { writer.name("Key") }
            GeneratedValue.write(attributes, into: &writer)
            note(action, attributes, &prepared)
            let values = writeValues(action, &drawing, &writer)
            noteEntries(action, attributes, values, drawing.picks, &prepared)
        } else {
            notePage(action, writeValues(action, &drawing, &writer), &prepared)
        }
    }

    private func writeValues(
        _ action: RequestTemplate.Action, _ drawing: inout Drawing, _ writer: inout JSONWriter
    ) -> [GeneratedValue.Member] {
        guard !action.values.isEmpty else { return [] }
        let values = drawing.item(action.values)
        writer.name("ExpressionAttributeValues")
        GeneratedValue.write(values, into: &writer)
        return values
    }

    private func many(
        _ template: RequestTemplate, added: [Int], _ drawing: inout Drawing,
        _ writer: inout JSONWriter, _ prepared: inout PreparedRequest
    ) {
        // The service refuses two actions on one item.
        var seen: Set<PreparedRequest.Fall> = []
        var bodies: [(table: Int, isGet: Bool, bytes: [UInt8])] = []
        for repetition in 0..<template.repeatCount {
            drawing.pick(
                template.picks, template.locals, repetition: repetition, added: added)
            for action in template.actions {
                let before = prepared
                var part = JSONWriter()
                part.beginObject()
                part.bytes.append(contentsOf: action.fixed)
                members(of: action, &drawing, &part, &prepared)
                part.endObject()
                let first = prepared.falls.dropFirst(before.falls.count).first
                if let first, !seen.insert(first).inserted {
                    prepared = before
                    continue
                }
                bodies.append(
                    (action.table, action.kind == .get, wrapped(action, part.bytes, template)))
            }
        }
        writer.beginObject()
        switch template.operation {
        case .transactGetItems, .transactWriteItems:
            writer.name("TransactItems")
            writer.beginArray()
            for body in bodies {
                writer.element()
                writer.bytes.append(contentsOf: body.bytes)
            }
            writer.endArray()
        default: writeBatch(bodies, template.operation, &writer)
        }
        writer.name("ReturnConsumedCapacity")
        writer.string("INDEXES")
        writer.endObject()
    }

    /// An action as an element of its request: `{"Put":{…}}`, `{"PutRequest":{…}}`, a bare key.
    private func wrapped(
        _ action: RequestTemplate.Action, _ body: [UInt8], _ template: RequestTemplate
    ) -> [UInt8] {
        let name: String
        switch (template.operation, action.kind) {
        case (.batchGetItem, _): return Array(body.dropFirst(Self.keyMember.count).dropLast())
        case (.batchWriteItem, .put): name = "PutRequest"
        case (.batchWriteItem, _): name = "DeleteRequest"
        case (_, .get): name = "Get"
        case (_, .put): name = "Put"
        case (_, .update): name = "Update"
        case (_, .delete): name = "Delete"
        default: name = "ConditionCheck"
        }
        return Array("{\"\(name)\":".utf8) + body + [UInt8(ascii: "}")]
    }

    private static let keyMember = Array(#"{"Key":"#.utf8)

    private func writeBatch(
        _ bodies: [(table: Int, isGet: Bool, bytes: [UInt8])],
        _ operation: RequestTemplate.Operation, _ writer: inout JSONWriter
    ) {
        writer.name("RequestItems")
        writer.beginObject()
        for (number, table) in design.tables.enumerated() {
            let elements = bodies.filter { $0.table == number }
            guard !elements.isEmpty else { continue }
            writer.name(table.name)
            if operation == .batchGetItem {
                writer.beginObject()
                writer.name("Keys")
            }
            writer.beginArray()
            for element in elements {
                writer.element()
                writer.bytes.append(contentsOf: element.bytes)
            }
            writer.endArray()
            if operation == .batchGetItem { writer.endObject() }
        }
        writer.endObject()
    }

    // MARK: Places

    /// Notes where an item falls in its table.
    private func note(
        _ action: RequestTemplate.Action, _ attributes: [GeneratedValue.Member],
        _ prepared: inout PreparedRequest
    ) {
        let table = design.tables[action.table]
        let first = firstResources[action.table]
        if let place = Self.place(
            resource: first, [table.hashKey], table.rangeKeys, attributes)
        {
            prepared.falls.append(PreparedRequest.Fall(resource: first, place: place))
        }
        if action.kind == .put {
            prepared.itemByteCount += attributes.reduce(0) { $0 + $1.byteCount }
        }
    }

    /// Notes the index entries that a write puts or takes away, as far as its attributes and what
    /// is known of the item tell.
    private func noteEntries(
        _ action: RequestTemplate.Action, _ attributes: [GeneratedValue.Member],
        _ values: [GeneratedValue.Member], _ picks: [Drawing.Instance],
        _ prepared: inout PreparedRequest
    ) {
        let table = design.tables[action.table]
        guard !table.indexes.isEmpty else { return }
        var before: [GeneratedValue.Member]?
        var after = attributes
        switch action.kind {
        case .put: break
        case .delete, .update:
            before = item(action.table, attributes, picks)
            after = action.kind == .delete ? [] : before ?? attributes
            for assignment in action.assignments {
                after.removeAll { $0.name == assignment.attribute }
                guard let number = assignment.value else { continue }
                after.append(GeneratedValue.Member(assignment.attribute, values[number].value))
            }
        default: return
        }
        for (number, index) in table.indexes.enumerated() {
            let resource = firstResources[action.table] + 1 + number
            func place(_ attributes: [GeneratedValue.Member]) -> KeyPlace? {
                Self.place(resource: resource, index.hashKeys, index.rangeKeys, attributes)
            }
            func fall(at place: KeyPlace?) {
                prepared.falls.append(PreparedRequest.Fall(resource: resource, place: place))
            }
            let entry = place(after)
            if let entry { fall(at: entry) }
            if let before {
                if let old = place(before), old != entry { fall(at: old) }
            } else if action.kind == .update, entry != nil, action.moves(index) {
                // It has an entry elsewhere, which goes away.
                fall(at: nil)
            }
        }
    }

    /// The key attributes of an item that was put earlier, where they follow from what the request
    /// is about.
    private func item(
        _ table: Int, _ key: [GeneratedValue.Member], _ picks: [Drawing.Instance]
    ) -> [GeneratedValue.Member]? {
        let designed = design.tables[table]
        func place(_ attributes: [GeneratedValue.Member]) -> KeyPlace? {
            Self.place(resource: 0, [designed.hashKey], designed.rangeKeys, attributes)
        }
        guard let asked = place(key) else { return nil }
        for pick in picks {
            let isLoaded = pick.index < workload.entities[pick.entity].count
            for origin in origins
            where origin.table == table && origin.entity == pick.entity
                && origin.isLoaded == isLoaded
            {
                let item = origin.attributes(of: pick, in: workload)
                if place(item) == asked { return item }
            }
        }
        return nil
    }

    /// Notes the collection that a Query reads.
    private func notePage(
        _ action: RequestTemplate.Action, _ values: [GeneratedValue.Member],
        _ prepared: inout PreparedRequest
    ) {
        guard action.kind == .query, !action.hashValues.isEmpty else { return }
        let table = design.tables[action.table]
        let keys = action.index.map { table.indexes[$0].hashKeys } ?? [table.hashKey]
        guard keys.count == action.hashValues.count else { return }
        var parts: [ItemValue] = []
        for (key, number) in zip(keys, action.hashValues) {
            guard let part = values[number].value.keyValue(key.type) else { return }
            parts.append(part)
        }
        let resource = firstResources[action.table] + (action.index.map { $0 + 1 } ?? 0)
        prepared.falls.append(
            PreparedRequest.Fall(
                resource: resource,
                place: KeyPlace(
                    resourceID: UInt32(truncatingIfNeeded: resource), partition: parts)))
    }

    /// The place of a key; nil where an attribute of it isn't there.
    static func place(
        resource: Int, _ hashKeys: [DesignKey], _ rangeKeys: [DesignKey],
        _ attributes: [GeneratedValue.Member]
    ) -> KeyPlace? {
        func part(_ key: DesignKey) -> ItemValue? {
            attributes.first { $0.name == key.name }?.value.keyValue(key.type)
        }
        var partition: [ItemValue] = []
        for key in hashKeys {
            guard let value = part(key) else { return nil }
            partition.append(value)
        }
        var sort: [ItemValue] = []
        for key in rangeKeys {
            guard let value = part(key) else { return nil }
            sort.append(value)
        }
        return KeyPlace(
            resourceID: UInt32(truncatingIfNeeded: resource), partition: partition, sort: sort)
    }
}

extension RequestTemplate.Operation {
    /// Whether a request has one action, whose members are its own.
    var isSingle: Bool {
        switch self {
        case .batchGetItem, .batchWriteItem, .transactGetItems, .transactWriteItems: false
        default: true
        }
    }
}

extension RequestTemplate.Action {
    /// Writes the parameters of a statement, where it has any.
    func writeParameters(_ drawing: inout Drawing, into writer: inout JSONWriter) {
        guard !parameters.isEmpty else { return }
        writer.name("Parameters")
        writer.beginArray()
        for parameter in parameters {
            writer.element()
            drawing.value(parameter).write(into: &writer)
        }
        writer.endArray()
    }

    /// Whether an update sets or removes a key of an index.
    fileprivate func moves(_ index: DesignIndex) -> Bool {
        assignments.contains { assignment in
            index.hashKeys.contains { $0.name == assignment.attribute }
                || index.rangeKeys.contains { $0.name == assignment.attribute }
        }
    }
}
