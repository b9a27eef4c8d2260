internal import Expressions
internal import Items
internal import Operations

/// A Query or Scan, checked and bound to a table or index: what to walk and what to tell.
struct PagePlan: Sendable {
    var tableName = ""
    var table: Table
    /// nil: the table itself.
    var index: SecondaryIndex?
    /// The keys to walk: `lower ..< upper`.
    var lower: [UInt8]
    var upper: [UInt8]?
    var isForward = true
    /// Exclusive: the stored key of the last item of the page before.
    var startKey: [UInt8]?
    var limit: Int?
    /// How many bytes of items end the page.
    var evaluatedBytesMax = Limits.pageBytesMax
    var filter: Condition?
    var projection: ProjectionPaths?
    var countsOnly = false
    /// An LSI read for attributes that it doesn't project: each item is fetched from the table.
    var fetchesItems = false
    var consistentRead = false
    var returnConsumedCapacity = ReturnConsumedCapacity.none
    /// The first places of the partitions of what is walked; empty where there is one.
    var partitionStarts: [KeyPlace] = []

    init(table: Table, lower: [UInt8], upper: [UInt8]?) {
        self.table = table
        self.lower = lower
        self.upper = upper
    }

    /// The storage id of what is walked.
    static func storageID(_ table: Table, _ index: SecondaryIndex?) -> UInt32 {
        index?.id ?? table.id
    }
}

extension PageParameters {
    /// The parsed expressions of a page.
    struct Parsed {
        var filter: Condition?
        var projection: ProjectionPaths?
        var projectedAttributes: Set<String>?
    }

    var expressionParameters: [RequestExpressions.Parameter] {
        [
            ("ProjectionExpression", projectionExpression != nil),
            ("FilterExpression", filterExpression != nil),
        ]
    }

    /// Parses filter and projection, in either form.
    func parse(scope: inout ExpressionScope) throws(ServiceError) -> Parsed {
        var parsed = Parsed()
        if let legacyFilter, !legacyFilter.isEmpty {
            parsed.filter = Condition.legacy(
                try LegacyParameters.tests(legacyFilter), joinedByOr: conditionalOperator == .or)
        }
        if let attributesToGet {
            parsed.projection = ProjectionPaths(attributesToGet: attributesToGet)
        }
        do throws(ExpressionError) {
            if let projectionExpression {
                parsed.projection = try ProjectionPaths.parse(projectionExpression, scope: &scope)
            }
            if let filterExpression {
                parsed.filter = try Condition.parse(filterExpression, as: .filter, scope: &scope)
            }
        } catch {
            throw .validation(error.message)
        }
        parsed.projectedAttributes = parsed.projection?.topLevelAttributes
        return parsed
    }

    /// The rules between Select, the projection and the index that need no table.
    func checkSelect() throws(ServiceError) {
        do throws(ServiceError) {
            try checkSelectAlone()
        } catch {
            throw error.asDetected
        }
    }

    private func checkSelectAlone() throws(ServiceError) {
        let projects = projectionExpression != nil ? "ProjectionExpression" : "AttributesToGet"
        let hasProjection = projectionExpression != nil || attributesToGet != nil
        switch select {
        case nil:
            break
        case .specificAttributes:
            guard hasProjection else {
                throw .validation(
                    "Must specify the AttributesToGet or ProjectionExpression when choosing to "
                        + "get SPECIFIC_ATTRIBUTES")
            }
        case .some(let other):
            if hasProjection {
                let what = other == .count ? "only the Count" : other.rawValue
                throw .validation("Cannot specify the \(projects) when choosing to get \(what)")
            }
            if other == .allProjectedAttributes, indexName == nil {
                throw .validation(
                    "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
            }
        }
    }

    /// The index that a request names, and the rules that bind it.
    func index(of table: Table) throws(ServiceError) -> SecondaryIndex? {
        guard let indexName else { return nil }
        guard let index = table.index(named: indexName) else {
            throw .validation("The table does not have the specified index: \(indexName)")
        }
        if index.kind == .global {
            if consistentRead {
                throw .validation(
                    "Consistent reads are not supported on global secondary indexes")
            }
            if index.state != .active {
                throw .validation(
                    "Cannot read from backfilling global secondary index: \(indexName)")
            }
        }
        return index
    }

    /// Sets what both kinds of page tell, once table and index are known.
    func complete(_ plan: inout PagePlan, parsed: Parsed) throws(ServiceError) {
        plan.tableName = tableName
        plan.limit = limit
        plan.filter = parsed.filter
        plan.projection = parsed.projection
        plan.countsOnly = select == .count
        plan.consistentRead = consistentRead
        plan.returnConsumedCapacity = returnConsumedCapacity
        guard let index = plan.index else { return }
        let projectsAll: Bool
        if case .all = index.projectedAttributes { projectsAll = true } else { projectsAll = false }
        if index.kind == .global {
            if select == .allAttributes, !projectsAll {
                throw .validation(
                    "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not "
                        + "supported for global secondary index \(index.name) because its "
                        + "projection type is not ALL")
            }
            let missing = (parsed.projectedAttributes ?? []).filter { !index.projects($0) }
            if !missing.isEmpty {
                throw .validation(
                    "One or more parameter values were invalid: Global secondary index "
                        + "\(index.name) does not project "
                        + "[\(missing.sorted().joined(separator: ", "))]")
            }
        } else {
            plan.fetchesItems =
                (select == .allAttributes && !projectsAll)
                || (parsed.projectedAttributes ?? []).contains { !index.projects($0) }
        }
    }
}
