package import Wire

/// What a design's requests look like: everything that its file says beyond `Design`.
package struct Workload: Sendable {
    /// CreateTable's parameters, in the order of the design's tables.
    package var createTable: [JSONValue] = []
    package var arrivals = Arrivals.poisson
    var seed: UInt64 = 1
    var entities: [Entity] = []
    var loads: [LoadTemplate] = []
    /// By the number of the pattern.
    var requests: [RequestTemplate] = []

    package init() {}

    /// How many items are there before the run.
    package var loadCount: Int { loads.reduce(0) { $0 + $1.count(self) } }
}

/// How requests come.
package enum Arrivals: String, Sendable, CaseIterable {
    /// At random, on average at the rate: as many independent users send them.
    case poisson
    /// Evenly spaced.
    case constant
    /// As soon as a connection is free: a closed loop, for the most that a server can do.
    case max
}

/// A kind of thing that items and requests are about: a key space of its own.
///
/// An instance is a number; all it has is drawn from its number and the seed, so that every request
/// knows what an item looks like that another wrote.
struct Entity: Sendable {
    struct Field: Sendable {
        var name: String
        var value: ValueTemplate
    }

    var name: String
    /// What each instance belongs to.
    var parent: Int?
    /// Instances before the run.
    var count: Int
    /// Of an entity with a parent: the first instance of each of the parent's, and the count.
    var firsts: [Int] = []
    /// Which of the parent's instances get those that the run adds.
    var addition = KeyDistribution.uniform
    var fields: [Field] = []
}

/// Items that are put before the run.
struct LoadTemplate: Sendable {
    enum Extent: Sendable {
        /// One for each instance of an entity.
        case each(Int)
        case count(Int)
    }

    var table: Int
    var extent: Extent
    var locals: [ValueTemplate]
    var item: [ValueTemplate.Member]

    func count(_ workload: Workload) -> Int {
        switch extent {
        case .each(let entity): workload.entities[entity].count
        case .count(let count): count
        }
    }
}

/// How the requests of one access pattern are made.
struct RequestTemplate: Sendable {
    enum Operation: String, Sendable, CaseIterable {
        case getItem = "GetItem"
        case putItem = "PutItem"
        case updateItem = "UpdateItem"
        case deleteItem = "DeleteItem"
        case query = "Query"
        case scan = "Scan"
        case batchGetItem = "BatchGetItem"
        case batchWriteItem = "BatchWriteItem"
        case transactGetItems = "TransactGetItems"
        case transactWriteItems = "TransactWriteItems"
        case executeStatement = "ExecuteStatement"

        var isRead: Bool {
            switch self {
            case .getItem, .query, .scan, .batchGetItem, .transactGetItems: true
            default: false
            }
        }
    }

    /// Instances that a request is about.
    struct Pick: Sendable {
        enum Choice: Sendable {
            case existing(KeyDistribution)
            /// One of those before the run that belong to what another slot picked.
            case child(ofSlot: Int, KeyDistribution)
            case added
        }
        var entity: Int
        var choice: Choice
    }

    /// One item, key, page or statement of a request.
    struct Action: Sendable {
        enum Kind: String, Sendable, CaseIterable {
            case get, put, update, delete, check, query, scan, statement
        }
        var kind: Kind
        var table: Int
        /// The number of the index in the table's list.
        var index: Int?
        /// Members that are the same in each request, as JSON without braces.
        var fixed: [UInt8]
        /// The key, or the whole item of a put.
        var attributes: [ValueTemplate.Member] = []
        var values: [ValueTemplate.Member] = []
        var parameters: [ValueTemplate] = []
        /// Of a page: which of `values` are the hash key's.
        var hashValues: [Int] = []
        /// Whether it is a SELECT.
        var isSelect = false
        /// Of an update: the attributes that it sets to one of `values`, or removes (nil).
        var assignments: [(attribute: String, value: Int?)] = []
    }

    var operation: Operation
    var picks: [Pick] = []
    var locals: [ValueTemplate] = []
    var actions: [Action]
    /// How often the actions are repeated, each time with picks of their own.
    var repeatCount = 1

    /// Whether its units are read units where an answer doesn't say.
    var isRead: Bool { operation.isRead || actions.allSatisfy(\.isSelect) }
}
