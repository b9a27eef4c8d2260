internal import NIOCore

/// One of a lane's connections, with a request at a time.
///
/// Used on the lane's event loop alone.
protocol DriverConnection: AnyObject {
    /// When its last answer had come, in nanoseconds since the run began.
    var freeSince: UInt64 { get set }
    /// When its last request went out.
    var sent: UInt64 { get }
    var isBusy: Bool { get }

    func open(_ target: LoadTarget, on loop: any EventLoop) -> EventLoopFuture<Void>
    func close()
    func send(_ request: PreparedRequest)
    /// Ends the request without an answer.
    func fail(_ code: String)
}

extension DriverConnection {
    /// How long its request has waited for an answer; 0 where it has none.
    func waited(at now: UInt64) -> UInt64 { isBusy && now > sent ? now - sent : 0 }
}

/// What became of a request.
enum Ending {
    case answer(status: Int, UnsafeRawBufferPointer)
    case failure(code: String)
}
