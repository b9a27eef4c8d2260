internal import Logging
internal import Operations
internal import Storage
internal import Synchronization

/// One event: an attempt, and what follows from how it ended.
extension AsynchronousInvocations {
    /// The longest time that an event waits where its function says nothing, in seconds.
    private static let eventAgeSecondsMax = 21_600
    private static let retryAttemptsMax = 2
    /// Seconds that are waited after the first and the second failure of a function.
    private static let failureDelays = [60.0, 120.0]
    private static let refusalDelayMax = 300.0

    /// Runs an event that has its turn, and gives the turn back.
    func perform(_ id: UInt64) async {
        guard let event = state.withLock({ $0.events[id] }) else { return }
        await attempt(event, id)
        state.withLock { $0.schedule.didEnd(turn: event.turn) }
    }

    private func attempt(_ event: AsynchronousEvent, _ id: UInt64) async {
        let function: ResolvedFunction
        do throws(ServiceError) {
            function = try functions.resolve(
                event.functionArn, qualifier: nil, region: event.region)
        } catch {
            return await drop(event, id, because: error.message)
        }
        let payload: [UInt8]
        do throws(StorageError) {
            guard let found = try await read(EventKey.payload(id)) else {
                return await drop(event, id, because: "its payload is gone")
            }
            payload = found
        } catch {
            logger.error("the payload of an event cannot be read: \(error)")
            return postponeAfterRefusal(event, id, function)
        }
        if let condition = refused(event, function) {
            let response = await lastResponse(event, id)
            return await end(event, id, function, payload, condition, response)
        }
        let invocation = Invocation(
            function: function, payload: payload, requestID: event.requestID,
            clientContext: event.clientContext, traceID: event.traceID)
        do throws(ServiceError) {
            let result = try await invoker.invoke(invocation)
            await didAnswer(result, event, id, function, payload)
        } catch {
            if error.code == "ResourceNotFoundException" {
                return await drop(event, id, because: error.message)
            }
            logger.debug("an event is refused: \(error.code): \(error.message)")
            postponeAfterRefusal(event, id, function)
        }
    }

    /// Why an event isn't tried any more; nil where it is.
    private func refused(
        _ event: AsynchronousEvent, _ function: ResolvedFunction
    ) -> InvocationRecord.Condition? {
        if clock.now() >= deadline(event, function) { return .eventAgeExceeded }
        return function.reservedConcurrency == 0 ? .zeroReservedConcurrency : nil
    }

    private func deadline(_ event: AsynchronousEvent, _ function: ResolvedFunction) -> Timestamp {
        let age = function.eventInvoke.maximumEventAgeInSeconds ?? Self.eventAgeSecondsMax
        return event.acceptedAt + Double(age)
    }

    private func didAnswer(
        _ result: InvocationResult, _ event: AsynchronousEvent, _ id: UInt64,
        _ function: ResolvedFunction, _ payload: [UInt8]
    ) async {
        let response = InvocationRecord.Response(
            functionError: result.functionError, executedVersion: result.executedVersion,
            payload: result.payload)
        var event = event
        guard let functionError = result.functionError else {
            return await end(event, id, function, payload, .success, response)
        }
        // A process that was ended because the server stops says nothing of its function.
        if isStopping { return }
        event.failedAttempts += 1
        let retries = function.eventInvoke.maximumRetryAttempts ?? Self.retryAttemptsMax
        guard event.failedAttempts <= retries else {
            return await end(event, id, function, payload, .retriesExhausted, response)
        }
        event.lastFunctionError = functionError
        event.lastExecutedVersion = result.executedVersion
        let delay = Self.failureDelays[min(event.failedAttempts, Self.failureDelays.count) - 1]
        event.due = min(clock.now() + delay, deadline(event, function))
        do {
            try await records.write([
                (EventKey.state(id), try Self.encoded(event)),
                (EventKey.response(id), result.payload),
            ])
        } catch {
            // After a restart it would be tried once more than it need be.
            logger.error("an event's failure cannot be kept: \(error)")
        }
        postpone(event, id)
    }

    /// Waits until a refused event may be tried again: 1 s, and twice as long each time.
    ///
    /// Not kept: after a restart it is tried at once.
    private func postponeAfterRefusal(
        _ event: AsynchronousEvent, _ id: UInt64, _ function: ResolvedFunction
    ) {
        if isStopping { return }
        var event = event
        var delay = 1.0
        for _ in 0..<event.refusals where delay < Self.refusalDelayMax { delay *= 2 }
        event.refusals = min(event.refusals + 1, 16)
        event.due = min(
            clock.now() + min(delay, Self.refusalDelayMax), deadline(event, function))
        postpone(event, id)
    }

    private func postpone(_ event: AsynchronousEvent, _ id: UInt64) {
        state.withLock { state in
            state.events[id] = event
            state.schedule.add(id, turn: event.turn, due: event.due)
        }
    }

    /// What the function failed with before; nil where it never answered.
    private func lastResponse(
        _ event: AsynchronousEvent, _ id: UInt64
    ) async -> InvocationRecord.Response? {
        guard let functionError = event.lastFunctionError else { return nil }
        let payload = try? await read(EventKey.response(id))
        return InvocationRecord.Response(
            functionError: functionError,
            executedVersion: event.lastExecutedVersion ?? "$LATEST", payload: payload ?? [])
    }

    // MARK: Ends

    /// Tells whom it concerns how an event ended, and forgets it.
    private func end(
        _ event: AsynchronousEvent, _ id: UInt64, _ function: ResolvedFunction,
        _ payload: [UInt8], _ condition: InvocationRecord.Condition,
        _ response: InvocationRecord.Response?
    ) async {
        let didRun = condition == .success ? 1 : 0
        let record = InvocationRecord(
            timestamp: clock.now(), requestID: event.requestID, function: function,
            condition: condition, approximateInvokeCount: event.failedAttempts + didRun,
            requestPayload: payload, response: response)
        let target =
            condition == .success
            ? function.eventInvoke.onSuccess : function.eventInvoke.onFailure
        if let target {
            let key = InvocationRecord.objectKey(
                functionName: function.configuration.functionName, timestamp: record.timestamp,
                identifier: RandomIdentifier.uuid())
            await deliver(record.json, to: target, objectKey: key, attributes: [], event)
        }
        if condition != .success, let target = function.configuration.deadLetterTargetArn {
            await deliver(
                payload, to: target, objectKey: "",
                attributes: Self.attributes(event, condition, response), event)
        }
        // Cut off while it told: it is told again after the next start.
        if Task.isCancelled { return }
        await forget(id)
    }

    private func deliver(
        _ document: [UInt8], to arn: String, objectKey: String,
        attributes: [(name: String, value: String)], _ event: AsynchronousEvent
    ) async {
        do throws(ServiceError) {
            try await destinations.send(
                document, to: arn, objectKey: objectKey, attributes: attributes,
                region: event.region)
        } catch {
            logger.error(
                """
                the outcome of event \(event.requestID) of \(event.functionArn) did not reach \
                \(arn): \(error.code): \(error.message)
                """)
        }
    }

    /// What a dead-letter queue's message says beside the event.
    private static func attributes(
        _ event: AsynchronousEvent, _ condition: InvocationRecord.Condition,
        _ response: InvocationRecord.Response?
    ) -> [(name: String, value: String)] {
        let message: String
        if let response {
            message = InvocationRecord.errorMessage(response.payload)
        } else {
            message = condition.rawValue
        }
        return [
            (name: "RequestID", value: event.requestID),
            (name: "ErrorCode", value: response == nil ? "429" : "200"),
            (name: "ErrorMessage", value: message),
        ]
    }

    private func drop(_ event: AsynchronousEvent, _ id: UInt64, because reason: String) async {
        logger.warning(
            "event \(event.requestID) of \(event.functionArn) is dropped: \(reason)")
        await forget(id)
    }

    private func forget(_ id: UInt64) async {
        do {
            try await records.write([
                (EventKey.state(id), nil), (EventKey.payload(id), nil),
                (EventKey.response(id), nil),
            ])
        } catch {
            // After a restart it would run once more.
            logger.error("an event that is done cannot be deleted: \(error)")
        }
        state.withLock { $0.events[id] = nil }
    }
}
