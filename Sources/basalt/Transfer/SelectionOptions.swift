import ArgumentParser
import Terminal
import Transfer
import Wire

/// Which items, and what of them.
struct SelectionOptions: ParsableArguments {
    @Option(
        name: .customLong("where"), parsing: .unconditional,
        help: ArgumentHelp(
            "Only items for which this holds, like 'total > 100 and contains(tags, \"x\")'.",
            valueName: "condition"))
    var filterText: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Only these attributes, like id,total,a.b[0].", valueName: "paths"))
    var select: String?
    @OptionGroup(title: ExpressionOptions.title) var raw: RawFilterOptions

    /// What is asked for by these options.
    func order() throws -> ReadOrder {
        var order = ReadOrder()
        order.filterText = filterText
        order.filter = raw.filter
        order.names = try JSONInput.option("--names", raw.expressions.names)
        order.values = try JSONInput.option("--values", raw.expressions.values)
        return order
    }

    /// The expressions for a table or one of its indexes.
    ///
    /// - Parameter byKey: whether a condition that gives the whole hash key asks for it.
    /// - Throws: what cannot be understood.
    func selection(
        of table: TransferTable, index: String? = nil, byKey: Bool = false
    ) throws -> ScanSelection {
        guard let schema = TableSchema(description: table.description) else {
            throw ConfigurationError("the table \(table.name) was described without a key")
        }
        var order = try self.order()
        order.indexName = index
        let request =
            try byKey
            ? ReadRequest.narrowest(order, schema: schema) : .scan(order, schema: schema)
        func parameter(_ name: String) -> JSONValue? {
            request.parameters.first { $0.0 == name }?.1
        }
        var writer = ExpressionWriter(
            schema: schema, names: parameter("ExpressionAttributeNames")?.members ?? [],
            values: parameter("ExpressionAttributeValues")?.members ?? [])
        var selection = ScanSelection(
            keyCondition: parameter("KeyConditionExpression")?.string,
            filter: parameter("FilterExpression")?.string)
        if let select {
            let paths = try ReadRequest.paths(select)
            selection.projection = paths.map { writer.text($0) }.joined(separator: ", ")
            selection.columns = paths.compactMap(\.root).reduce(into: []) { columns, name in
                if !columns.contains(name) { columns.append(name) }
            }
        }
        if !writer.names.isEmpty { selection.names = .object(writer.names) }
        if !writer.values.isEmpty { selection.values = .object(writer.values) }
        return selection
    }
}

/// A filter as DynamoDB writes it.
struct RawFilterOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A whole FilterExpression.", valueName: "expression"))
    var filter: String?
    @OptionGroup var expressions: ExpressionOptions
}
