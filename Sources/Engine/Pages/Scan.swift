internal import Expressions
internal import Items
internal import Operations

extension ScanRequest {
    /// The checks that need no table, in the service's order, and the parsed expressions.
    fileprivate func parse() throws(ServiceError) -> PageParameters.Parsed {
        let expressions = page.expressionParameters
        try RequestExpressions.checkMix(
            expressions: expressions,
            legacy: [
                ("AttributesToGet", page.attributesToGet != nil),
                ("ScanFilter", page.legacyFilter != nil),
                ("ConditionalOperator", page.conditionalOperator != nil),
            ])
        var scope = try RequestExpressions.scope(page.attributes, expressions: expressions)
        if let fault = page.valueFault { throw fault }
        try RequestExpressions.checkAttributesToGet(page.attributesToGet)
        try LegacyParameters.checkOperator(
            page.conditionalOperator, conditionCount: page.legacyFilter?.count)
        try checkSegments()
        let parsed = try page.parse(scope: &scope)
        try scope.checkUse()
        try page.checkSelect()
        return parsed
    }

    private func checkSegments() throws(ServiceError) {
        switch (segment, totalSegments) {
        case (nil, nil):
            return
        case (.some, nil):
            throw .validation(
                "The TotalSegments parameter is required but was not present in the request when "
                    + "Segment parameter is present")
        case (nil, .some):
            throw .validation(
                "The Segment parameter is required but was not present in the request when "
                    + "parameter TotalSegments is present")
        case (let segment?, let total?):
            guard segment < total else {
                throw .validation(
                    "The Segment parameter is zero-based and must be less than parameter "
                        + "TotalSegments")
            }
        }
    }

    /// The whole check against a table.
    fileprivate func plan(
        on table: Table, parsed: PageParameters.Parsed
    ) throws(ServiceError) -> PagePlan {
        let index = try page.index(of: table)
        let bounds = keyRange(PagePlan.storageID(table, index))
        var plan = PagePlan(table: table, lower: bounds.lower, upper: bounds.upper)
        plan.index = index
        try page.complete(&plan, parsed: parsed)
        if let start = page.exclusiveStartKey {
            let storedKey = try StartKey.storedKey(start, table: table, index: index)
            guard !storedKey.lexicographicallyPrecedes(bounds.lower),
                storedKey.lexicographicallyPrecedes(bounds.upper)
            else {
                throw .validation(
                    "\(StartKey.invalid): Invalid ExclusiveStartKey. Please use ExclusiveStartKey "
                        + "with correct Segment. TotalSegments: \(totalSegments ?? 1) Segment: "
                        + "\(segment ?? 0)")
            }
            plan.startKey = storedKey
        }
        return plan
    }

    /// The keys of a segment: an equal share of the hash space.
    private func keyRange(_ id: UInt32) -> (lower: [UInt8], upper: [UInt8]) {
        let whole = StoredKeys.range(id: id)
        guard let segment, let totalSegments else { return whole }
        let start = StoredKeys.start(id: id)
        let lower = PartitionHash.segmentStart(segment, of: totalSegments).map { start + $0 }
        let upper = PartitionHash.segmentStart(segment + 1, of: totalSegments).map { start + $0 }
        return (lower ?? whole.upper, upper ?? whole.upper)
    }
}

extension Engine {
    /// Scan: all items of a table or index, in the order of their partition hashes.
    func scan(
        _ request: ScanRequest, context: RequestContext, completion: @escaping Completion
    ) {
        do throws(ServiceError) {
            let parsed = try request.parse()
            let table = try table(request.page.tableName, "Scan", context)
            let plan = try request.plan(on: table, parsed: parsed)
            readPage(plan, completion: completion)
        } catch {
            completion(.failure(error))
        }
    }
}
