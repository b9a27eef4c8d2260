internal import Engine
internal import Operations

/// The clock of a database that was opened with `clock: .virtual`.
extension BasaltDatabase {
    /// Why a clock wasn't moved: one sentence for a person.
    public struct ClockError: Error, Sendable, CustomStringConvertible {
        /// The sentence.
        public let description: String
    }

    /// Moves the clock on, and returns when everything that became due is done: expired items
    /// are gone, say.
    ///
    /// - Returns: the time now, in seconds since 1970.
    /// - Throws: `ClockError` for a step back, or where the clock is the machine's.
    @discardableResult
    public func advanceClock(bySeconds seconds: Double) async throws(ClockError) -> Double {
        try await moveClock(.advanceClock(seconds: seconds))
    }

    /// Moves the clock to a time, and returns when everything that became due is done.
    ///
    /// - Parameter time: in seconds since 1970, not before the present time.
    /// - Returns: the time now.
    /// - Throws: `ClockError` for a time in the past, or where the clock is the machine's.
    @discardableResult
    public func setClock(to time: Double) async throws(ClockError) -> Double {
        try await moveClock(.setClock(time))
    }

    /// The time that the database goes by, in seconds since 1970.
    public var now: Double { engine.now }

    private func moveClock(_ request: AdministrationRequest) async throws(ClockError) -> Double {
        let result = await withCheckedContinuation { continuation in
            engine.administer(request) { continuation.resume(returning: $0) }
        }
        switch result {
        case .success(.clock(let reading)): return reading.now
        case .success: return engine.now
        case .failure(let error): throw ClockError(description: error.message)
        }
    }
}
