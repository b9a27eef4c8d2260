import Operations

/// The rules of secondary indexes: keys, projections, throughput, names and how many.
///
/// One value checks all the indexes of a request, in its order.
struct IndexValidation {
    let keys: KeySchemaValidation
    let tableKey: [KeySchemaElement]
    let billingMode: BillingMode
    private var names = Set<String>()
    private var nonKeyAttributeCount = 0

    /// - Parameter existing: the indexes that the table has already.
    init(
        keys: KeySchemaValidation, tableKey: [KeySchemaElement], billingMode: BillingMode,
        existing: [Projection] = []
    ) {
        self.keys = keys
        self.tableKey = tableKey
        self.billingMode = billingMode
        for projection in existing {
            nonKeyAttributeCount += projection.nonKeyAttributes?.count ?? 0
        }
    }

    /// Checks the LocalSecondaryIndexes of a new table.
    mutating func check(_ indexes: [LocalSecondaryIndex]) throws(ServiceError) {
        guard !indexes.isEmpty else {
            throw .invalidParameterValues("List of LocalSecondaryIndexes is empty")
        }
        guard tableKey.count > 1 else {
            throw .invalidParameterValues(
                "Table KeySchema does not have a range key, which is required when specifying a "
                    + "LocalSecondaryIndex")
        }
        for index in indexes {
            try checkKey(of: index)
            try check(index.projection)
            try checkName(index.indexName)
        }
        guard indexes.count <= Limits.localIndexesMax else {
            throw .invalidParameterValues(
                "Number of LocalSecondaryIndexes exceeds per-table limit of "
                    + "\(Limits.localIndexesMax)")
        }
        try checkNonKeyAttributeCount()
    }

    /// Checks the GlobalSecondaryIndexes of a new table.
    mutating func check(_ indexes: [GlobalSecondaryIndex]) throws(ServiceError) {
        guard !indexes.isEmpty else {
            throw .invalidParameterValues("List of GlobalSecondaryIndexes is empty")
        }
        for index in indexes { try check(index) }
        try IndexValidation.checkGlobalCount(indexes.count)
        try checkNonKeyAttributeCount()
    }

    /// Checks a global index, alone or as one of a list.
    mutating func check(_ index: GlobalSecondaryIndex) throws(ServiceError) {
        try keys.checkDefined(index.keySchema)
        try KeySchemaValidation.checkGlobal(index.keySchema, indexName: index.indexName)
        try check(index.projection)
        try ThroughputValidation.check(
            index.provisionedThroughput, billingMode: billingMode, indexName: index.indexName)
        try ThroughputValidation.check(
            index.onDemandThroughput, billingMode: billingMode, indexName: index.indexName)
        try checkName(index.indexName)
    }

    /// Checks how many non-key attributes all indexes together project.
    func checkNonKeyAttributeCount() throws(ServiceError) {
        guard nonKeyAttributeCount <= Limits.projectedNonKeyAttributesMax else {
            throw .invalidParameterValues(
                "Number of NonKeyAttributes exceeds per-table limit of "
                    + "\(Limits.projectedNonKeyAttributesMax)")
        }
    }

    /// Checks how many global indexes a table has.
    static func checkGlobalCount(_ count: Int) throws(ServiceError) {
        guard count <= Limits.globalIndexesMax else {
            throw .invalidParameterValues(
                "GlobalSecondaryIndex count exceeds the per-table limit of "
                    + "\(Limits.globalIndexesMax)")
        }
    }

    /// The error of an index name that is taken.
    static func duplicateName(_ name: String) -> ServiceError {
        .invalidParameterValues("Duplicate index name: \(name)")
    }

    private func checkKey(of index: LocalSecondaryIndex) throws(ServiceError) {
        try keys.checkDefined(index.keySchema)
        try KeySchemaValidation.checkPair(index.keySchema)
        guard index.keySchema.count > 1 else {
            throw .invalidParameterValues(
                "Index KeySchema does not have a range key for index: \(index.indexName)")
        }
        let indexHash = index.keySchema.first?.attributeName ?? ""
        let tableHash = tableKey.first?.attributeName ?? ""
        guard indexHash == tableHash else {
            throw .invalidParameterValues(
                "Index KeySchema does not have the same leading hash key as table KeySchema for "
                    + "index: \(index.indexName). index hash key: \(indexHash), "
                    + "table hash key: \(tableHash)")
        }
    }

    private mutating func check(_ projection: Projection) throws(ServiceError) {
        guard let type = projection.projectionType else {
            throw .invalidParameterValues("Unknown ProjectionType: null")
        }
        if type == .include {
            guard projection.nonKeyAttributes != nil else {
                throw .invalidParameterValues(
                    "ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
            }
        } else if projection.nonKeyAttributes != nil {
            throw .invalidParameterValues(
                "ProjectionType is \(type.rawValue), but NonKeyAttributes is specified")
        }
        nonKeyAttributeCount += projection.nonKeyAttributes?.count ?? 0
    }

    private mutating func checkName(_ name: String) throws(ServiceError) {
        guard names.insert(name).inserted else { throw IndexValidation.duplicateName(name) }
    }
}
