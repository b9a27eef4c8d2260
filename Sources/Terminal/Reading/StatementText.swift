internal import Expressions
internal import Items
package import Wire

/// PartiQL as somebody types it.
package enum StatementText {
    /// The statements of a text, apart by semicolons that are not in quotes.
    package static func statements(_ text: String) -> [String] {
        var statements: [String] = []
        var current = ""
        var quote: Character?
        for character in text {
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == ";" {
                statements.append(current)
                current = ""
                continue
            }
            current.append(character)
        }
        statements.append(current)
        return statements.map(trimmed).filter { !$0.isEmpty }
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.first?.isWhitespace ?? false { text.removeFirst() }
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return String(text)
    }

    /// What is known of a statement by reading it.
    package struct Outline: Sendable, Hashable {
        package var tableName: String
        package var indexName: String?
        package var isRead: Bool
        package var hasFilter: Bool
        /// Whether the whole hash key is given, so that it is a query; by the table's schema.
        package var givesHashKey: Bool
        /// Whether the whole primary key is given.
        package var givesWholeKey: Bool
        /// Whether conditions are left that the key doesn't answer.
        package var filters: Bool
    }

    /// Reads a statement.
    ///
    /// - Parameters:
    ///   - parameters: attribute values of its `?`.
    ///   - schema: the table's, by its name; nil where it isn't known.
    /// - Throws: `ValueFault` for what is no PartiQL.
    package static func outline(
        _ text: String, parameters: [JSONValue], schema: TableSchema?
    ) throws(ValueFault) -> Outline {
        var values: [ItemValue] = []
        for parameter in parameters { values.append(ItemValue(try value(parameter))) }
        let statement: PartiQLStatement
        do throws(ExpressionError) {
            statement = try PartiQLStatement.parse(text, parameters: values)
        } catch {
            throw ValueFault(error.message)
        }
        var outline = Outline(
            tableName: statement.tableName, indexName: nil, isRead: false, hasFilter: false,
            givesHashKey: false, givesWholeKey: false, filters: false)
        guard case .select(let select) = statement else { return outline }
        outline.isRead = true
        outline.indexName = select.indexName
        outline.hasFilter = select.filter != nil
        guard let filter = select.filter, let schema else { return outline }
        let index = schema.indexes.first { $0.name == select.indexName }
        let key = index?.key ?? schema.key
        outline.givesHashKey = filter.partitionKeyValues(key.hash.map(\.name)) != nil
        let whole = index == nil ? filter.primaryKey(key.all.map(\.name)) : nil
        outline.givesWholeKey = whole != nil
        let types = Dictionary(
            key.all.map { ($0.name, ScalarAttributeType(rawValue: $0.type) ?? .string) },
            uniquingKeysWith: { first, _ in first })
        let selected = try? filter.selectedKeys(
            hash: key.hash.map { ($0.name, types[$0.name] ?? .string) },
            range: key.range.map { ($0.name, types[$0.name] ?? .string) })
        outline.filters = (selected.flatMap { $0 }).map { $0.rest != nil } ?? true
        return outline
    }

    /// A scalar of an attribute value's JSON, or a list or map of them.
    private static func value(_ json: JSONValue) throws(ValueFault) -> AttributeValue {
        guard let (tag, content) = json.members?.first else { return .null }
        switch (tag, content) {
        case ("S", .string(let text)): return .string(text)
        case ("N", .string(let text)):
            guard let number = try? DecimalNumber(text) else {
                throw ValueFault("'\(text)' is no number")
            }
            return .number(number)
        case ("B", .string(let text)): return .binary(Base64.decoded(text) ?? [])
        case ("BOOL", .bool(let flag)): return .bool(flag)
        case ("L", .array(let elements)):
            var values: [AttributeValue] = []
            for element in elements { values.append(try value(element)) }
            return .list(values)
        case ("M", .object(let members)):
            var values: [String: AttributeValue] = [:]
            for (name, member) in members { values[name] = try value(member) }
            return .map(values)
        case ("SS", .array(let elements)): return .stringSet(elements.compactMap(\.string))
        case ("NS", .array(let elements)):
            return .numberSet(
                elements.compactMap { $0.string.flatMap { try? DecimalNumber($0) } })
        case ("BS", .array(let elements)):
            return .binarySet(elements.compactMap { $0.string.flatMap { Base64.decoded($0) } })
        default: return .null
        }
    }
}
