import Items
internal import Operations

/// Reads a data-plane request from its body in a single pass.
///
/// It takes only what is entirely regular: JSON without a fault, every member of its type, known
/// enumeration values, lengths within the model's constraints, required members present, no name
/// twice in a map. On anything else it throws, and `WireCodec` finds the exact error (or the plain
/// meaning) on the slow path. So it need not know why a body is wrong, and stays small and fast.
///
/// Attribute values go straight from the body into item bytes. Faults that the service finds only
/// after the constraints (a bad number, an empty set) are kept and become the request's
/// `valueFault`.
struct RequestDecoder: ~Copyable {
    var reader: JSONReader
    /// Whether the model's validator has passed the body: then lengths and ranges aren't checked
    /// again, and a null in a map or list of attribute values is a value without a type.
    let isValidated: Bool
    /// The names of the maps that are being read.
    var names = NameRegister()
    /// The first fault of the attribute values read since it was last cleared.
    var fault: String?
    /// How many M and L are open.
    var nestingDepth = 0
    /// Where binary values are decoded.
    var binary: [UInt8] = []
    var faults = ValueFaults()

    init(_ body: UnsafeRawBufferPointer, isValidated: Bool) {
        reader = JSONReader(body)
        self.isValidated = isValidated
    }

    /// Reads the whole body as the request of an operation.
    mutating func request(_ operation: DataPlaneOperation) throws(JSONFault) -> OperationRequest {
        let request: OperationRequest
        switch operation {
        case .getItem: request = .getItem(try getItem())
        case .putItem: request = .putItem(try putItem())
        case .updateItem: request = .updateItem(try updateItem())
        case .deleteItem: request = .deleteItem(try deleteItem())
        case .batchGetItem: request = .batchGetItem(try batchGetItem())
        case .batchWriteItem: request = .batchWriteItem(try batchWriteItem())
        case .query: request = .query(try query())
        case .scan: request = .scan(try scan())
        case .transactWriteItems: request = .transactWriteItems(try transactWriteItems())
        case .transactGetItems: request = .transactGetItems(try transactGetItems())
        case .executeStatement: request = .executeStatement(try executeStatement())
        case .batchExecuteStatement:
            request = .batchExecuteStatement(try batchExecuteStatement())
        case .executeTransaction: request = .executeTransaction(try executeTransaction())
        }
        try reader.finish()
        return request
    }

    // MARK: Members

    /// The next member that the model knows and that isn't null; nil at the end of the object.
    mutating func nextParameter(_ isFirst: inout Bool) throws(JSONFault) -> Parameter? {
        while let name = try reader.nextMember(&isFirst) {
            guard let parameter = Parameter(name) else {
                try reader.skipValue()
                continue
            }
            if try reader.isNull() { continue }
            return parameter
        }
        return nil
    }

    mutating func string() throws(JSONFault) -> String {
        String(decoding: try reader.string(), as: UTF8.self)
    }

    /// A string whose length the model bounds.
    ///
    /// The model counts UTF-16 units, this counts bytes: never fewer, so what passes here is right.
    mutating func string(_ length: ClosedRange<Int>) throws(JSONFault) -> String {
        let text = try reader.string()
        guard isValidated || length.contains(text.count) else { throw .unexpected }
        return String(decoding: text, as: UTF8.self)
    }

    /// TableName: what is out of these bounds is a long ARN or wrong.
    mutating func tableName() throws(JSONFault) -> String {
        try string(Limits.tableNameLengthMin...Limits.tableNameLengthMax)
    }

    mutating func indexName() throws(JSONFault) -> String {
        let text = try reader.string()
        if !isValidated {
            guard (3...255).contains(text.count) else { throw .unexpected }
            for byte in text {
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
                    UInt8(ascii: "-"):
                    continue
                default: throw .unexpected
                }
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// A value of one of the model's enumerations.
    mutating func choice<Choice: RawRepresentable<String>>() throws(JSONFault) -> Choice {
        guard let choice = Choice(rawValue: try string()) else { throw .unexpected }
        return choice
    }

    /// Whether an enumeration of two values has the first; any third is irregular.
    mutating func choice(_ on: String, orElse off: String) throws(JSONFault) -> Bool {
        let text = try string()
        guard text == on || text == off else { throw .unexpected }
        return text == on
    }

    /// A whole number.
    mutating func integer(_ range: ClosedRange<Int>) throws(JSONFault) -> Int {
        let text = String(decoding: try reader.number(), as: UTF8.self)
        if isValidated {
            // The service cuts a fraction off.
            guard let value = Double(text), value.magnitude < 1e15 else { throw .unexpected }
            return Int(value)
        }
        guard let value = Int(text), range.contains(value) else { throw .unexpected }
        return value
    }

    /// A list whose count the model bounds; each element is read by `element`.
    mutating func list<Element>(
        _ count: ClosedRange<Int>,
        _ element: (inout RequestDecoder) throws(JSONFault) -> Element
    ) throws(JSONFault) -> [Element] {
        var result: [Element] = []
        var isFirst = true
        try reader.beginArray()
        while try reader.nextElement(&isFirst) { result.append(try element(&self)) }
        guard isValidated || count.contains(result.count) else { throw .unexpected }
        return result
    }

    /// AttributesToGet.
    mutating func attributeNames() throws(JSONFault) -> [String] {
        var result: [String] = []
        var isFirst = true
        try reader.beginArray()
        while try reader.nextElement(&isFirst) {
            result.append(try string(0...Limits.attributeNameBytesMax))
        }
        guard isValidated || !result.isEmpty else { throw .unexpected }
        return result
    }

    /// ExpressionAttributeNames.
    mutating func expressionNames() throws(JSONFault) -> [String: String] {
        var result: [String: String] = [:]
        var isFirst = true
        try reader.beginObject()
        while let name = try reader.nextMember(&isFirst) {
            let placeholder = String(decoding: name, as: UTF8.self)
            result[placeholder] = try string(0...Limits.attributeNameBytesMax)
        }
        return result
    }

    /// Reads a map whose every name may come once; the body reads the value of a name.
    mutating func forEachEntry(
        _ body: (inout RequestDecoder, String) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        var isFirst = true
        let mark = names.begin()
        try reader.beginObject()
        while let name = try reader.nextMember(&isFirst) {
            guard isValidated || name.count <= Limits.attributeNameBytesMax,
                names.insert(name, mark: mark)
            else { throw .unexpected }
            try body(&self, String(decoding: name, as: UTF8.self))
        }
        names.end(mark: mark)
    }
}

/// The first faults of a request's attribute values, by where they were.
///
/// The service checks expression values first, then the key or item, then the legacy parameters.
struct ValueFaults {
    /// A fault of a value of ExpressionAttributeValues, and its key.
    var expression: (fault: String, key: String)?
    var item: String?
    var legacy: String?

    /// The fault to tell.
    var first: ServiceError? {
        if let (fault, key) = expression {
            return .validation(
                "ExpressionAttributeValues contains invalid value: \(fault) for key \(key)")
        }
        return (item ?? legacy).map { .validation($0) }
    }

    /// The fault to tell for PutItem, UpdateItem and DeleteItem, which name no key.
    var firstOfWrite: ServiceError? {
        (expression?.fault ?? item ?? legacy).map { .validation($0) }
    }
}
