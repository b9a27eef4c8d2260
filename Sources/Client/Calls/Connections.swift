internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Operations

/// The process's connections to other servers: kept alive and shared by all clients.
enum Connections {
    /// Never shut down: it lives as long as the process.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        // How long an answer may take is each request's own matter: long polls are not cut.
        configuration.timeout = HTTPClient.Configuration.Timeout(connect: .seconds(5))
        configuration.connectionPool.idleTimeout = .seconds(30)
        // Whoever waits for a message occupies a connection.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 512
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// Sends a request whose headers are complete, and collects its answer.
    ///
    /// - Throws: errors of `ConnectionFault` where there was no whole answer.
    static func send(
        method: String, url: String, headers: [(name: String, value: String)], body: [UInt8],
        timeout: Double, responseBytesMax: Int
    ) async throws(ServiceError) -> ServiceResponse {
        var request = HTTPClientRequest(url: url)
        request.method = HTTPMethod(rawValue: method)
        request.headers = HTTPHeaders(headers.map { ($0.name, $0.value) })
        if !body.isEmpty { request.body = .bytes(ByteBuffer(bytes: body)) }
        let fixed = request
        do {
            return try await withDeadline(seconds: timeout) {
                let response = try await client.execute(fixed, deadline: .distantFuture)
                var collected = try await response.body.collect(upTo: responseBytesMax)
                return ServiceResponse(
                    status: Int(response.status.code),
                    headers: response.headers.map { (name: $0.name, value: $0.value) },
                    body: collected.readBytes(length: collected.readableBytes) ?? [])
            }
        } catch {
            throw fault(error, url: url, bytesMax: responseBytesMax)
        }
    }

    private struct DeadlinePassed: Error {}

    /// Runs work, and cancels it when it takes longer.
    private static func withDeadline<Result: Sendable>(
        seconds: Double, _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result.self) { group in
            group.addTask(operation: work)
            group.addTask {
                try await Task.sleep(for: .seconds(min(max(seconds, 0), 86_400)))
                throw DeadlinePassed()
            }
            defer { group.cancelAll() }
            guard let result = try await group.next() else { throw CancellationError() }
            return result
        }
    }

    private static func fault(_ error: any Error, url: String, bytesMax: Int) -> ServiceError {
        // The query may hold what is not for logs.
        let url = String(url.prefix { $0 != "?" })
        if Task.isCancelled || error is CancellationError { return ConnectionFault.cancelledError }
        if error is DeadlinePassed { return ConnectionFault.timeout(url) }
        if error is NIOTooManyBytesError {
            return ConnectionFault.tooLarge(url, bytesMax: bytesMax)
        }
        return ConnectionFault.noConnection(url, reason(error))
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: error.shortDescription
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { "\($0.error)" }
                ?? "the name '\(error.host)' cannot be resolved"
        default: "\(error)"
        }
    }
}
