package import Operations

/// What stands under `/_basalt/`: paths and JSON bodies to requests, answers to JSON.
///
///     GET  /_basalt/clock
///     POST /_basalt/clock    {"advance": "1h30m"}, {"advance": 5400}, {"set": "2026-12-01"}
///     POST /_basalt/partitions/split          {"TableName": "films", "Partition": 0}
///     GET  /_basalt/partitions?TableName=films
///     GET  /_basalt/throttling
///     POST /_basalt/throttling                {"mode": "observe"}
///     POST /_basalt/transactions/conflicts    {"rate": 0.1, "seed": 7}
package enum AdministrationCodec {
    package static let pathPrefix = "/_basalt/"

    /// The parts of it that an operator opens one by one.
    package enum Part: Sendable, Hashable {
        case clock
        /// A look at partitions.
        case capacity
        case partitions
        case throttling
        case transactions
    }

    /// The part that a path belongs to; nil for an unknown one.
    package static func part(ofPath path: Substring) -> Part? {
        switch path {
        case "/_basalt/clock": .clock
        case "/_basalt/partitions": .capacity
        case "/_basalt/partitions/split": .partitions
        case "/_basalt/throttling": .throttling
        case "/_basalt/transactions/conflicts": .transactions
        default: nil
        }
    }

    /// Reads a request to a part.
    ///
    /// - Parameters:
    ///   - changes: whether the method asks for a change (POST, PUT) rather than a look (GET),
    ///     which not every part allows.
    ///   - region: of a table whose region the body doesn't name.
    ///   - query: the parameters of the path.
    /// - Throws: a ValidationException that tells what was expected.
    package static func decode(
        _ part: Part, changes: Bool, region: String, query: [(name: String, value: String)] = [],
        body: UnsafeRawBufferPointer
    ) throws(ServiceError) -> AdministrationRequest {
        guard changes else {
            switch part {
            case .clock: return .readClock
            case .throttling: return .readThrottling
            case .capacity:
                func value(_ name: String) -> String? { query.first { $0.name == name }?.value }
                return .readPartitions(
                    tableName: value("TableName"), region: value("Region") ?? region)
            case .partitions, .transactions:
                throw .validation("Only POST and PUT are known here")
            }
        }
        let object = try object(body)
        switch part {
        case .clock: return try clockChange(object)
        case .throttling: return try throttling(RequestFields(object))
        case .capacity: throw .validation("Only GET is known here")
        case .partitions: return try split(RequestFields(object), region: region)
        case .transactions: return try conflicts(object)
        }
    }

    /// Appends an answer's body.
    package static func encode(_ response: AdministrationResponse, into output: inout [UInt8]) {
        var writer = JSONWriter()
        writer.beginObject()
        switch response {
        case .clock(let reading):
            writer.name("now")
            writer.seconds(reading.now)
            writer.name("time")
            writer.string(TimeText.iso8601(reading.now))
            writer.name("secondsAhead")
            writer.seconds(reading.secondsAhead)
        case .partitionCount(let count):
            writer.name("partitions")
            writer.integer(count)
        case .provokedConflicts(let rate, let seed):
            writer.name("rate")
            writer.double(rate)
            writer.name("seed")
            writer.value(.number(String(seed)))
        case .partitions(let resources, let mode):
            writer.partitions(resources, mode)
        case .throttling(let mode):
            writer.name("mode")
            writer.string(mode.rawValue)
        }
        writer.endObject()
        output += writer.bytes
    }

    // MARK: Bodies

    private static func object(
        _ body: UnsafeRawBufferPointer
    ) throws(ServiceError) -> JSONValue {
        do throws(ServiceError) {
            return try JSONValue.parse(body)
        } catch {
            throw .validation("The body must be a JSON object")
        }
    }

    private static func clockChange(
        _ body: JSONValue
    ) throws(ServiceError) -> AdministrationRequest {
        guard case .object(let members) = body, members.count == 1 else {
            throw .validation(#"The body must have one member, "advance" or "set""#)
        }
        if let span = body["advance"] {
            guard let seconds = Self.seconds(span) else {
                throw .validation(
                    #""advance" must be a number of seconds, or a span like "1h30m" or "250ms""#)
            }
            return .advanceClock(seconds: seconds)
        }
        if let point = body["set"] {
            guard let time = time(point) else {
                throw .validation(
                    #""set" must be seconds since 1970, or a time like "2026-12-01T12:00:00Z""#)
            }
            return .setClock(time)
        }
        throw .validation(#"The body must have one member, "advance" or "set""#)
    }

    private static func split(
        _ members: RequestFields, region: String
    ) throws(ServiceError) -> AdministrationRequest {
        guard let tableName = members.string("TableName") else {
            throw .validation(#""TableName" must name a table"#)
        }
        let partition = members.integer("Partition")
        guard partition.map({ $0 >= 0 }) ?? !members.has("Partition") else {
            throw .validation(#""Partition" must be a number from 0, or absent for the widest"#)
        }
        return .splitPartition(
            tableName: tableName, region: members.string("Region") ?? region,
            partition: partition)
    }

    private static func throttling(
        _ members: RequestFields
    ) throws(ServiceError) -> AdministrationRequest {
        guard let mode = members.string("mode").flatMap(ThrottlingMode.init(rawValue:)) else {
            throw .validation(#""mode" must be off, observe or enforce"#)
        }
        return .setThrottling(mode)
    }

    private static func conflicts(
        _ body: JSONValue
    ) throws(ServiceError) -> AdministrationRequest {
        guard case .number(let text)? = body["rate"], let rate = Double(text),
            (0...1).contains(rate)
        else { throw .validation(#""rate" must be a number from 0 to 1"#) }
        guard let told = body["seed"] else { return .provokeConflicts(rate: rate, seed: 0) }
        guard case .number(let digits) = told, let seed = UInt64(digits) else {
            throw .validation(#""seed" must be a whole number from 0"#)
        }
        return .provokeConflicts(rate: rate, seed: seed)
    }

    private static func seconds(_ value: JSONValue) -> Double? {
        switch value {
        case .number(let text): Double(text)
        case .string(let text): TimeText.seconds(ofSpan: text)
        default: nil
        }
    }

    private static func time(_ value: JSONValue) -> Timestamp? {
        switch value {
        case .number(let text): Double(text)
        case .string(let text):
            TimeText.timestamp(iso8601: text) ?? TimeText.seconds(ofSpan: text)
        default: nil
        }
    }
}

extension JSONWriter {
    /// Seconds with three decimals, as people read them.
    fileprivate mutating func seconds(_ seconds: Double) {
        let bounded = min(max(seconds, 0), 2 * TimeText.timestampMax)
        let milliseconds = Int((bounded * 1000).rounded())
        let fraction = String(milliseconds % 1000)
        let zeros = String(repeating: "0", count: 3 - fraction.utf8.count)
        value(.number("\(milliseconds / 1000).\(zeros)\(fraction)"))
    }
}
