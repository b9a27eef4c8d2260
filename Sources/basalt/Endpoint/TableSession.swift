import ArgumentParser
import Client
import Glibc
import Operations
import Terminal
import Wire

/// Calls to one endpoint, whose refusals are told in one line with the code that scripts go by.
struct TableSession: Sendable {
    let options: EndpointOptions
    private let client: ServiceClient

    /// Seconds in which an answer must come.
    private let timeout: Double

    init(
        _ options: EndpointOptions, retries: RetryPolicy = .patient, timeout: Double = 60
    ) async throws {
        self.options = options
        self.timeout = timeout
        client = try await options.client(retries: retries)
    }

    func call(_ operation: String, _ parameters: JSONValue) async throws -> JSONValue {
        do throws(ServiceError) {
            return try await refusable(operation, parameters)
        } catch {
            throw failure(error)
        }
    }

    /// An operation with the service's own errors.
    func refusable(
        _ operation: String, _ parameters: JSONValue
    ) async throws(ServiceError) -> JSONValue {
        try await client.call(.dynamodb, operation, parameters, timeout: timeout)
    }

    /// How readers of pages call.
    var caller: PageReader.Call {
        { operation, parameters in try await call(operation, parameters) }
    }

    func failure(_ error: ServiceError) -> CommandFailure {
        switch error.code {
        case "ConditionalCheckFailedException":
            CommandFailure("the condition does not hold: nothing was changed", .conditionFailed)
        default: CommandFailure(options.refusal(error).description)
        }
    }

    /// DescribeTable's answer.
    func description(of table: String) async throws -> JSONValue {
        do throws(ServiceError) {
            let answer = try await refusable(
                "DescribeTable", .object([("TableName", .string(table))]))
            return answer["Table"] ?? .object([])
        } catch {
            guard error.code == "ResourceNotFoundException" else { throw failure(error) }
            throw CommandFailure(
                "there is no table \(table) on \(options.endpoint): 'basalt tables' lists them")
        }
    }

    func schema(of table: String) async throws -> TableSchema {
        guard let schema = TableSchema(description: try await description(of: table)) else {
            throw CommandFailure("\(options.endpoint) described \(table) without a key")
        }
        return schema
    }

    /// The names of all tables, a page at a time.
    func tableNames(limit: Int? = nil) async throws -> [String] {
        var names: [String] = []
        var last: JSONValue?
        repeat {
            let page = try await call(
                "ListTables", .object(present: [("ExclusiveStartTableName", last)]))
            names += (page["TableNames"]?.elements ?? []).compactMap(\.string)
            last = page["LastEvaluatedTableName"]
        } while last != nil && names.count < limit ?? Int.max
        return names
    }
}

/// What commands say: results on the standard output, all else on the standard error.
enum Say {
    /// A result; one that could not be kept, on a disk that is full, ends the command as failed.
    ///
    /// - Returns: whether anybody still reads.
    @discardableResult
    static func result(_ text: String) -> Bool {
        if TerminalScreen.write(text, to: 1) { return true }
        let fault = errno
        guard fault != EPIPE else { return false }
        note("the standard output can't be written: \(String(cString: strerror(fault)))")
        exit(ExitCode.failure.rawValue)
    }

    static func note(_ text: String) { aside("basalt: \(text)\n") }

    /// What is no result.
    static func aside(_ text: String) { TerminalScreen.write(text, to: 2) }

    static func lines(_ lines: [String], to descriptor: Int32) {
        TerminalScreen.write(lines.map { $0 + "\n" }.joined(), to: descriptor)
    }
}
