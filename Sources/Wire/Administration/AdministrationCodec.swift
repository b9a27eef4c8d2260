package import Operations

/// What stands under `/_basalt/`: paths and JSON bodies to requests, answers to JSON.
///
///     GET  /_basalt/clock
///     POST /_basalt/clock    {"advance": "1h30m"}, {"advance": 5400}, {"set": "2026-12-01"}
package enum AdministrationCodec {
    package static let pathPrefix = "/_basalt/"

    /// The parts of it that an operator opens one by one.
    package enum Part: Sendable, Hashable {
        case clock
    }

    /// The part that a path belongs to; nil for an unknown one.
    package static func part(ofPath path: Substring) -> Part? {
        switch path {
        case "/_basalt/clock": .clock
        default: nil
        }
    }

    /// Reads a request to a part.
    ///
    /// - Parameters:
    ///   - changes: whether the method asks for a change (POST, PUT) rather than a look (GET).
    /// - Throws: a ValidationException that tells what was expected.
    package static func decode(
        _ part: Part, changes: Bool, body: UnsafeRawBufferPointer
    ) throws(ServiceError) -> AdministrationRequest {
        switch part {
        case .clock:
            guard changes else { return .readClock }
            return try clockChange(try object(body))
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
