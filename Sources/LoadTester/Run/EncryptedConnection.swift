internal import Client
internal import NIOCore
internal import Operations

/// A place for one request at a time to an https endpoint, by way of the shared client.
///
/// It costs more than a connection of the driver's own; an endpoint over a network is slower yet.
final class EncryptedConnection: DriverConnection, @unchecked Sendable {  // confined to its loop
    private unowned let lane: DriverLane
    private let client: ServiceClient
    private var request: PreparedRequest?
    private var call: Task<Void, Never>?
    private(set) var sent: UInt64 = 0
    var freeSince: UInt64 = 0

    init(lane: DriverLane) {
        self.lane = lane
        var client = lane.target.client
        client.retries = .never
        self.client = client
    }

    var isBusy: Bool { request != nil }

    func open(_ target: LoadTarget, on loop: any EventLoop) -> EventLoopFuture<Void> {
        loop.makeSucceededVoidFuture()
    }

    func close() { call?.cancel() }

    func send(_ request: PreparedRequest) {
        self.request = request
        sent = lane.clock()
        let loop = lane.loop
        let client = client
        let message = ServiceRequest(
            .dynamodb, headers: [("X-Amz-Target", "DynamoDB_20120810.\(request.operation)")],
            body: request.body, timeout: 30)
        call = Task { [self] in
            do throws(ServiceError) {
                let response = try await client.send(message)
                loop.execute {
                    response.body.withUnsafeBytes { self.end(.answer(status: 200, $0)) }
                }
            } catch {
                loop.execute { self.end(.failure(code: error.code)) }
            }
        }
    }

    func fail(_ code: String) {
        call?.cancel()
        end(.failure(code: code))
    }

    private func end(_ ending: Ending) {
        guard let request else { return }
        self.request = nil
        lane.ended(request, sent: sent, answered: lane.clock(), ending)
        lane.isFree(self)
    }
}
