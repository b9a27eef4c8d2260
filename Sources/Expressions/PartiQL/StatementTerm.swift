package import Items

/// A term of a statement: an expression whose parameters have been put in.
///
/// Depth is bounded by the parser; chains of AND, OR and arithmetic are bounded by the text.
indirect enum StatementTerm: Sendable {
    /// A literal or a parameter; lists, maps and sets of them are one value.
    case value(ItemValue)
    /// The keyword MISSING.
    case missing
    case path(DocumentPath)
    /// A function by its name in lower case.
    case call(String, [StatementTerm])
    case sum(StatementTerm, StatementTerm)
    case difference(StatementTerm, StatementTerm)
    case all([StatementTerm])
    case any([StatementTerm])
    case not(StatementTerm)
    case comparison(Comparator, StatementTerm, StatementTerm)
    case between(StatementTerm, lower: StatementTerm, upper: StatementTerm)
    case membership(StatementTerm, in: [StatementTerm])
    case isMissing(StatementTerm)
    case isNull(StatementTerm)
}

/// A PartiQL statement whose parameters have been put in.
package enum PartiQLStatement: Sendable {
    case select(SelectStatement)
    case insert(InsertStatement)
    case update(UpdateStatement)
    case delete(DeleteStatement)
    /// `EXISTS(SELECT …)`, the condition check of a transaction.
    case exists(SelectStatement)

    /// The action that the service's policies know the statement by.
    package var actionName: String {
        switch self {
        case .select, .exists: "PartiQLSelect"
        case .insert: "PartiQLInsert"
        case .update: "PartiQLUpdate"
        case .delete: "PartiQLDelete"
        }
    }

    /// The table's name as written.
    package var tableName: String {
        switch self {
        case .select(let statement), .exists(let statement): statement.tableName
        case .insert(let statement): statement.tableName
        case .update(let statement): statement.tableName
        case .delete(let statement): statement.tableName
        }
    }
}

/// A read: `SELECT … FROM table.index WHERE … ORDER BY …`.
package struct SelectStatement: Sendable {
    /// One key of ORDER BY.
    package struct Order: Sendable {
        package var attribute: String
        package var isDescending: Bool
    }

    package var tableName: String
    package var indexName: String?
    /// nil for `*`.
    package var projection: StatementProjection?
    package var filter: StatementFilter?
    package var order: [Order]
}

/// A put of what isn't there yet: `INSERT INTO table VALUE item`.
package struct InsertStatement: Sendable {
    package var tableName: String
    package var item: ItemBytes
}

/// A change of an item: `UPDATE table SET … REMOVE … WHERE … RETURNING …`.
package struct UpdateStatement: Sendable {
    package var tableName: String
    package var update: Update
    package var filter: StatementFilter?
    package var returning: StatementReturning?
}

/// A deletion: `DELETE FROM table WHERE … RETURNING …`.
package struct DeleteStatement: Sendable {
    package var tableName: String
    package var filter: StatementFilter?
    package var returning: StatementReturning?
}

/// What RETURNING asks for.
package enum StatementReturning: Sendable {
    case allOld, allNew, modifiedOld, modifiedNew
}
