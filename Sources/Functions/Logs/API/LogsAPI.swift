internal import Dispatch
internal import Logging
internal import Operations
internal import Storage
package import Wire

/// CloudWatch Logs as far as Terraform, the AWS CLI and SDKs need it for what functions print.
///
/// `POST /` with `X-Amz-Target: Logs_20140328.FilterLogEvents` and the like, JSON 1.1.
package final class LogsAPI: RESTHandler {
    private static let targetPrefix = "Logs_20140328."

    let store: LogStore
    /// Operations may read the device.
    private let queue = DispatchQueue(label: "basalt.logs.api", attributes: .concurrent)

    package init(store: LogStore) {
        self.store = store
    }

    package func access(method: String, path: Substring) -> RESTAccess? { nil }

    package func owns(target: String) -> Bool { target.hasPrefix(Self.targetPrefix) }

    package func handle(
        _ request: RESTRequest, completion: @escaping @Sendable (RESTResponse) -> Void
    ) {
        queue.async {
            do throws(ServiceError) {
                let target = request.header("X-Amz-Target") ?? ""
                let answer = try self.answer(
                    String(target.dropFirst(Self.targetPrefix.count)), request)
                guard answer.isChange else {
                    completion(Self.response(answer.body))
                    return
                }
                self.store.flush { fault in
                    if let fault {
                        self.store.logger.error("Logs cannot be written: \(fault)")
                        completion(Self.response(.logsUnavailable))
                    } else {
                        completion(Self.response(answer.body))
                    }
                }
            } catch {
                completion(Self.response(error))
            }
        }
    }

    /// An operation's answer; the answer to a change waits until it is durable.
    struct Answer {
        /// nil: an empty body.
        var body: JSONValue?
        var isChange = false

        static let changed = Answer(isChange: true)
    }

    private func answer(
        _ operation: String, _ request: RESTRequest
    ) throws(ServiceError) -> Answer {
        var fields = try LogsRequest(request.body, region: request.context.region)
        switch operation {
        case "CreateLogGroup": return try createLogGroup(&fields)
        case "DeleteLogGroup": return try deleteLogGroup(&fields)
        case "DescribeLogGroups": return try describeLogGroups(&fields)
        case "ListLogGroups": return try listLogGroups(&fields)
        case "PutRetentionPolicy": return try putRetentionPolicy(&fields)
        case "DeleteRetentionPolicy": return try deleteRetentionPolicy(&fields)
        case "PutLogGroupDeletionProtection": return try putDeletionProtection(&fields)
        case "TagResource": return try tagResource(&fields)
        case "UntagResource": return try untagResource(&fields)
        case "ListTagsForResource": return try listTagsForResource(&fields)
        case "TagLogGroup": return try tagLogGroup(&fields)
        case "UntagLogGroup": return try untagLogGroup(&fields)
        case "ListTagsLogGroup": return try listTagsLogGroup(&fields)
        case "CreateLogStream": return try createLogStream(&fields)
        case "DeleteLogStream": return try deleteLogStream(&fields)
        case "DescribeLogStreams": return try describeLogStreams(&fields)
        case "PutLogEvents": return try putLogEvents(&fields)
        case "GetLogEvents": return try getLogEvents(&fields)
        case "FilterLogEvents": return try filterLogEvents(&fields)
        default:
            throw ServiceError("UnknownOperationException", "")
        }
    }

    // MARK: Answers

    private static let contentType = "application/x-amz-json-1.1"

    private static func response(_ body: JSONValue?) -> RESTResponse {
        RESTResponse(contentType: contentType, body: body?.encoded ?? [])
    }

    private static func response(_ error: ServiceError) -> RESTResponse {
        var members: [(String, JSONValue)] = [("__type", .string(error.code))]
        if !error.message.isEmpty { members.append(("message", .string(error.message))) }
        return RESTResponse(
            status: error.status, contentType: contentType,
            body: JSONValue.object(members).encoded)
    }
}

extension ServiceError {
    static let logsUnavailable = ServiceError(
        "ServiceUnavailableException", "The service cannot complete the request.", status: 500)
}

extension JSONValue {
    static func number(_ number: Int) -> JSONValue { .number(String(number)) }
}
