import Client
import Functions
import Logging
import Operations
import Wire

/// Hands batches of messages to the function, and deletes what it has processed.
struct QueueBatches: Sendable {
    /// The most bytes of an event.
    static let payloadBytesMax = 6 << 20
    /// How often an invocation is tried again while there is no concurrency left.
    static let throttleRetriesMax = 5

    private let poller: QueuePoller
    private let filter: QueueFilter
    private let run: QueueMappingRun

    private var mapping: EventSourceMapping { poller.mapping }

    /// nil where the mapping's filter cannot be read.
    init?(_ poller: QueuePoller, run: QueueMappingRun) {
        guard let filter = try? EventFilter(patterns: poller.mapping.filterPatterns) else {
            return nil
        }
        self.poller = poller
        self.filter = QueueFilter(filter)
        self.run = run
    }

    /// Processes messages, in as many invocations as their size asks for.
    ///
    /// - Throws: where the function couldn't be invoked at all, or messages not be deleted; the
    ///   messages come back when their visibility timeout is over.
    func process(_ messages: [QueueMessage], from queue: SQSClient.Queue) async throws(ServiceError)
    {
        var passed: [(message: QueueMessage, record: [UInt8])] = []
        var filteredOut: [QueueMessage] = []
        for message in messages {
            let record = message.record(of: mapping.eventSourceArn, region: queue.region)
            if filter.passes(record) {
                passed.append((message, record.encoded))
            } else {
                filteredOut.append(message)
            }
        }
        if !filteredOut.isEmpty {
            run.count { $0.filteredOutRecordCount += filteredOut.count }
            try await delete(filteredOut, from: queue)
        }
        var batch = passed[...]
        while !batch.isEmpty {
            var byteCount = 0
            let fitting = batch.prefix { _, record in
                byteCount += record.count + 1
                return byteCount < Self.payloadBytesMax - 16
            }
            // A message that is too large by itself is the function's to refuse.
            let part = fitting.isEmpty ? batch.prefix(1) : fitting
            batch = batch.dropFirst(part.count)
            try await invoke(Array(part), from: queue)
        }
    }

    private func invoke(
        _ batch: [(message: QueueMessage, record: [UInt8])], from queue: SQSClient.Queue
    ) async throws(ServiceError) {
        var payload = Array(#"{"Records":["#.utf8)
        for (index, entry) in batch.enumerated() {
            if index > 0 { payload.append(UInt8(ascii: ",")) }
            payload += entry.record
        }
        payload += Array("]}".utf8)
        let result = try await invoke(payload, recordCount: batch.count)
        let messages = batch.map(\.message)
        let failed: Set<String>?
        if result.functionError != nil {
            failed = nil
        } else if mapping.reportsBatchItemFailures {
            failed = BatchItemFailures.identifiers(
                of: result.payload, among: Set(messages.map(\.messageID)))
        } else {
            failed = []
        }
        guard let failed else {
            run.count { $0.failedInvocationCount += 1 }
            poller.reports.processed(mapping.uuid, result: "PROBLEM: Function call failed")
            return
        }
        let done = messages.filter { !failed.contains($0.messageID) }
        if !done.isEmpty { try await delete(done, from: queue) }
        poller.reports.processed(mapping.uuid, result: "OK")
    }

    /// Invokes the function, again after a while where there is no concurrency left.
    private func invoke(
        _ payload: [UInt8], recordCount: Int
    ) async throws(ServiceError) -> InvocationResult {
        let environment = poller.environment
        var attempt = 0
        while true {
            let function = try environment.functions.resolve(
                mapping.functionArn, qualifier: nil, region: mapping.region)
            run.count {
                $0.invocationCount += 1
                $0.recordCount += recordCount
            }
            do throws(ServiceError) {
                return try await environment.invoker.invoke(
                    Invocation(
                        function: function, payload: payload,
                        requestID: RandomIdentifier.uuid()))
            } catch {
                run.count { $0.failedInvocationCount += 1 }
                attempt += 1
                guard error.code == "TooManyRequestsException", attempt <= Self.throttleRetriesMax
                else { throw error }
                await poller.backOff(after: attempt)
            }
        }
    }

    private func delete(_ messages: [QueueMessage], from queue: SQSClient.Queue)
        async throws(ServiceError)
    {
        let refused = try await poller.client.delete(messages, from: queue)
        if refused > 0 {
            poller.environment.logger.warning(
                "messages could not be deleted from a queue and come back",
                metadata: ["queue": "\(queue.url)", "count": "\(refused)"])
        }
    }
}
