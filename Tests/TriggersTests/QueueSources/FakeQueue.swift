import Client
import Operations
import Synchronization

@testable import Triggers

/// A queue in memory: what is received stays hidden until it is deleted or released.
final class FakeQueue: QueueClient {
    private struct State {
        var visible: [QueueMessage] = []
        var hidden: [String: QueueMessage] = [:]
        var deleted: [String] = []
        var released: [String] = []
        var visibilityTimeout = 30
        var failure: ServiceError?
        var pollCount = 0
        var isHeld = false
    }

    private let state = Mutex(State())

    var deleted: [String] { state.withLock { $0.deleted } }
    var released: [String] { state.withLock { $0.released } }
    var visibleCount: Int { state.withLock { $0.visible.count } }
    var hiddenIDs: Set<String> { state.withLock { Set($0.hidden.keys) } }
    var pollCount: Int { state.withLock { $0.pollCount } }

    func fail(_ error: ServiceError?) { state.withLock { $0.failure = error } }
    func setVisibilityTimeout(_ seconds: Int) { state.withLock { $0.visibilityTimeout = seconds } }
    /// Polls that are held bring nothing, and don't end.
    func hold(_ isHeld: Bool) { state.withLock { $0.isHeld = isHeld } }

    func send(_ id: String, _ body: String) {
        let message = QueueMessage(
            messageID: id, receiptHandle: "handle-\(id)", body: body, md5OfBody: "md5",
            attributes: ["ApproximateReceiveCount": "1", "SentTimestamp": "1763752442125"])
        state.withLock { $0.visible.append(message) }
    }

    func queue(arn: String) async throws(ServiceError) -> SQSClient.Queue {
        if let failure = state.withLock({ $0.failure }) { throw failure }
        return SQSClient.Queue(url: "http://127.0.0.1/orders", region: "us-east-1")
    }

    func visibilityTimeout(of queue: SQSClient.Queue) async throws(ServiceError) -> Int? {
        state.withLock { $0.visibilityTimeout }
    }

    func receive(
        from queue: SQSClient.Queue, maximum: Int, waitSeconds: Int
    ) async throws(ServiceError) -> [QueueMessage] {
        state.withLock { $0.pollCount += 1 }
        var attempts = waitSeconds > 0 ? 100 : 1
        while attempts > 0 {
            let (isHeld, result) = state.withLock {
                state -> (Bool, Result<[QueueMessage], ServiceError>) in
                if let failure = state.failure { return (false, .failure(failure)) }
                if state.isHeld { return (true, .success([])) }
                let taken = Array(state.visible.prefix(maximum))
                state.visible.removeFirst(taken.count)
                for message in taken { state.hidden[message.messageID] = message }
                return (false, .success(taken))
            }
            let messages = try result.get()
            if !messages.isEmpty { return messages }
            if !isHeld { attempts -= 1 }
            try? await Task.sleep(for: .milliseconds(1))
        }
        return []
    }

    func delete(
        _ messages: [QueueMessage], from queue: SQSClient.Queue
    ) async throws(ServiceError) -> Int {
        state.withLock { state in
            for message in messages {
                state.hidden[message.messageID] = nil
                state.deleted.append(message.messageID)
            }
        }
        return 0
    }

    func release(
        _ messages: [QueueMessage], to queue: SQSClient.Queue
    ) async throws(ServiceError) {
        state.withLock { state in
            for message in messages {
                state.hidden[message.messageID] = nil
                state.visible.append(message)
                state.released.append(message.messageID)
            }
        }
    }
}
