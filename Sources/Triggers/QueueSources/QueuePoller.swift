import Client
import Operations
import Synchronization

/// Polls a queue: long polls, batches, and patience where the queue cannot be reached.
///
/// The task that polls is cancelled to end it: waits end at once, an invocation goes on to its end,
/// and messages that come too late are shown to others again.
struct QueuePoller: Sendable {
    /// How long a poll waits for a first message, in seconds: the most that SQS allows.
    static let longPollSeconds = 20
    /// How many messages one poll can receive.
    static let receiveMax = 10
    /// A poll that brings nothing should take this long.
    static let emptyPollMin = Duration.milliseconds(200)
    /// The longest wait after failures, in seconds.
    static let backOffSecondsMax = 30.0

    let mapping: EventSourceMapping
    let environment: TriggersEnvironment
    let client: any QueueClient
    let reports: any MappingReports

    func poll(for run: QueueMappingRun, growth: AsyncStream<Void>.Continuation) async {
        guard let batches = QueueBatches(self, run: run) else {
            reports.processed(mapping.uuid, result: "PROBLEM: Invalid filter pattern definition.")
            return
        }
        var failureCount = 0
        var found: SQSClient.Queue?
        while !Task.isCancelled {
            do throws(ServiceError) {
                let queue: SQSClient.Queue
                if let found {
                    queue = found
                } else {
                    queue = try await client.queue(arn: mapping.eventSourceArn)
                    found = queue
                }
                let begin = ContinuousClock.now
                let first = try await receive(
                    from: queue, maximum: min(Self.receiveMax, mapping.batchSize),
                    waitSeconds: Self.longPollSeconds)
                if first.isEmpty {
                    if failureCount > 0 { reports.processed(mapping.uuid, result: "OK") }
                    failureCount = 0
                    if run.retire() { return }
                    // A server that doesn't wait isn't asked without a pause.
                    if ContinuousClock.now - begin < Self.emptyPollMin {
                        try? await Task.sleep(for: Self.emptyPollMin)
                    }
                    continue
                }
                if run.becomeBusy() { growth.yield() }
                defer { run.becomeIdle() }
                let messages = await gather(first, from: queue)
                if Task.isCancelled {
                    await release(messages, to: queue)
                    return
                }
                // Of its own, so that an end of polling doesn't end the invocation.
                try await Task { () async -> Result<Void, ServiceError> in
                    do throws(ServiceError) {
                        return .success(try await batches.process(messages, from: queue))
                    } catch {
                        return .failure(error)
                    }
                }.value.get()
                failureCount = 0
            } catch {
                if Task.isCancelled { return }
                failureCount += 1
                found = nil
                reports.processed(mapping.uuid, result: Self.problem(error))
                await backOff(after: failureCount)
            }
        }
    }

    private static func problem(_ error: ServiceError) -> String {
        "PROBLEM: \(error.code): \(error.message)"
    }

    /// Waits the longer the more failures there were, by the clock of the service.
    func backOff(after failureCount: Int) async {
        var seconds = 1.0
        for _ in 1..<max(1, failureCount) where seconds < Self.backOffSecondsMax { seconds *= 2 }
        try? await environment.clock.sleep(seconds: min(seconds, Self.backOffSecondsMax))
    }

    // MARK: Gathering

    /// Adds to the first messages of a batch what comes while the batching window is open.
    ///
    /// Failures end the batch, not the messages it has.
    private func gather(
        _ first: [QueueMessage], from queue: SQSClient.Queue
    ) async -> [QueueMessage] {
        var messages = first
        var byteCount = first.reduce(0) { $0 + $1.body.utf8.count }
        let clock = environment.clock
        let end = clock.now() + Double(mapping.maximumBatchingWindowInSeconds)
        var isLast = mapping.maximumBatchingWindowInSeconds == 0
        while !isLast, messages.count < mapping.batchSize, byteCount < QueueBatches.payloadBytesMax,
            !Task.isCancelled
        {
            // Polls are short, so that a clock that is moved on ends the window.
            if end - clock.now() < 1 {
                try? await clock.sleep(until: end)
                isLast = true
            }
            do throws(ServiceError) {
                let more = try await receive(
                    from: queue,
                    maximum: min(Self.receiveMax, mapping.batchSize - messages.count),
                    waitSeconds: isLast ? 0 : 1)
                messages += more
                byteCount += more.reduce(0) { $0 + $1.body.utf8.count }
            } catch {
                break
            }
        }
        return messages
    }

    /// Receives messages; when the task is cancelled meanwhile it answers none at once, and what
    /// the poll brings is shown to others again.
    private func receive(
        from queue: SQSClient.Queue, maximum: Int, waitSeconds: Int
    ) async throws(ServiceError) -> [QueueMessage] {
        let delivery = Delivery()
        let client = client
        Task {
            var result: Result<[QueueMessage], ServiceError>
            do throws(ServiceError) {
                result = .success(
                    try await client.receive(
                        from: queue, maximum: maximum, waitSeconds: waitSeconds))
            } catch {
                result = .failure(error)
            }
            if !delivery.complete(result), case .success(let messages) = result {
                await release(messages, to: queue)
            }
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { delivery.wait($0) }
        } onCancel: {
            delivery.giveUp()
        }
        return try result.get()
    }

    /// Shows messages to others again; where that fails they wait for their visibility timeout.
    private func release(_ messages: [QueueMessage], to queue: SQSClient.Queue) async {
        guard !messages.isEmpty else { return }
        let client = client
        await Task {
            do throws(ServiceError) {
                try await client.release(messages, to: queue)
            } catch {
                return
            }
        }.value
    }

    /// The handing over of what a poll brings, to somebody who may give up waiting.
    private final class Delivery: Sendable {
        typealias Outcome = Result<[QueueMessage], ServiceError>

        private enum State {
            case begun
            case waited(CheckedContinuation<Outcome, Never>)
            case completed(Outcome)
            case givenUp
            case taken
        }

        private let state = Mutex(State.begun)

        /// - Returns: whether somebody takes the outcome.
        func complete(_ outcome: Outcome) -> Bool {
            state.withLock { state in
                switch state {
                case .begun: state = .completed(outcome)
                case .waited(let continuation):
                    state = .taken
                    continuation.resume(returning: outcome)
                case .completed, .givenUp, .taken: return false
                }
                return true
            }
        }

        func wait(_ continuation: CheckedContinuation<Outcome, Never>) {
            state.withLock { state in
                switch state {
                case .begun: state = .waited(continuation)
                case .completed(let outcome):
                    state = .taken
                    continuation.resume(returning: outcome)
                case .waited, .givenUp, .taken: continuation.resume(returning: .success([]))
                }
            }
        }

        func giveUp() {
            state.withLock { state in
                switch state {
                case .begun: state = .givenUp
                case .waited(let continuation):
                    state = .givenUp
                    continuation.resume(returning: .success([]))
                case .completed, .givenUp, .taken: break
                }
            }
        }
    }
}
