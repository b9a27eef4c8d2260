package import Operations
internal import Wire

/// What a destination is told of an asynchronous invocation: the service's invocation record.
package struct InvocationRecord: Sendable {
    /// Why it is told.
    package enum Condition: String, Sendable {
        case success = "Success"
        case retriesExhausted = "RetriesExhausted"
        case eventAgeExceeded = "EventAgeExceeded"
        case zeroReservedConcurrency = "ZeroReservedConcurrency"
    }

    /// What the function answered last.
    package struct Response: Sendable, Hashable {
        package var functionError: String?
        package var executedVersion: String
        package var payload: [UInt8]

        package init(functionError: String?, executedVersion: String, payload: [UInt8]) {
            self.functionError = functionError
            self.executedVersion = executedVersion
            self.payload = payload
        }
    }

    package var timestamp: Timestamp
    package var requestID: String
    /// With a qualifier, `$LATEST` where none was named.
    package var functionArn: String
    package var condition: Condition
    package var approximateInvokeCount: Int
    package var requestPayload: [UInt8]
    /// nil where the function never answered.
    package var response: Response?

    package init(
        timestamp: Timestamp, requestID: String, function: ResolvedFunction,
        condition: Condition, approximateInvokeCount: Int, requestPayload: [UInt8],
        response: Response?
    ) {
        self.timestamp = timestamp
        self.requestID = requestID
        functionArn =
            function.invokedArn == function.functionArn
            ? function.functionArn + ":$LATEST" : function.invokedArn
        self.condition = condition
        self.approximateInvokeCount = approximateInvokeCount
        self.requestPayload = requestPayload
        self.response = response
    }

    /// The document.
    package var json: [UInt8] {
        var members: [(String, JSONValue)] = [
            ("version", .string("1.0")),
            ("timestamp", .string(TimeText.iso8601(timestamp))),
            (
                "requestContext",
                .object([
                    ("requestId", .string(requestID)),
                    ("functionArn", .string(functionArn)),
                    ("condition", .string(condition.rawValue)),
                    ("approximateInvokeCount", .number("\(approximateInvokeCount)")),
                ])
            ),
            ("requestPayload", Self.value(requestPayload, empty: .object([]))),
        ]
        if let response {
            members.append(
                (
                    "responseContext",
                    .object(present: [
                        ("statusCode", .number("200")),
                        ("executedVersion", .string(response.executedVersion)),
                        ("functionError", response.functionError.map { .string($0) }),
                    ])
                ))
            members.append(("responsePayload", Self.value(response.payload, empty: .null)))
        }
        return JSONValue.object(members).encoded
    }

    /// Where it goes in a bucket:
    /// `aws/lambda/async/orders/2026/11/21/2026-11-21T16.00.00-UUID`.
    package static func objectKey(
        functionName: String, timestamp: Timestamp, identifier: String
    ) -> String {
        let time = TimeText.iso8601(timestamp)
        let day = time.prefix(10)
        let clock = time.dropFirst(11).prefix(8).map { $0 == ":" ? "." : String($0) }.joined()
        let folder = day.split(separator: "-").joined(separator: "/")
        return "aws/lambda/async/\(functionName)/\(folder)/\(day)T\(clock)-\(identifier)"
    }

    /// What a failed function said, at most 1 KB: the payload's errorMessage, or all of it.
    static func errorMessage(_ payload: [UInt8]) -> String {
        let told = value(payload, empty: .null)["errorMessage"]?.string
        let text = told ?? String(decoding: payload, as: UTF8.self)
        var message = ""
        var byteCount = 0
        for character in text.unicodeScalars {
            // Messages of queues have no other control characters.
            let isText = character.value >= 0x20 || "\t\n\r".unicodeScalars.contains(character)
            let kept: Unicode.Scalar = isText ? character : " "
            byteCount += UTF8.width(kept)
            if byteCount > 1_024 { break }
            message.unicodeScalars.append(kept)
        }
        return message
    }

    /// A payload as JSON; what is none is told as a text.
    private static func value(_ payload: [UInt8], empty: JSONValue) -> JSONValue {
        if payload.isEmpty { return empty }
        do throws(ServiceError) {
            return try JSONValue(parsing: payload)
        } catch {
            return .string(String(decoding: payload, as: UTF8.self))
        }
    }
}
