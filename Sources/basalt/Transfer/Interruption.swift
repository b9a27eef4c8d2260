import Client
import Operations
import UnixSignals

/// Long work that ends cleanly when it is interrupted at the keyboard.
enum Interruption {
    private enum Outcome<Result: Sendable>: Sendable {
        case done(Result)
        case interrupted
    }

    /// Runs work; SIGINT and SIGTERM cancel it.
    ///
    /// - Returns: nil where it was interrupted.
    static func guarding<Result: Sendable>(
        _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result? {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: Outcome<Result>.self) { group in
            group.addTask { .done(try await work()) }
            group.addTask {
                for await _ in signals { return .interrupted }
                // The sequence ends only when the work was first.
                throw CancellationError()
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { return nil }
            if case .done(let result) = first { return result }
            group.cancelAll()
            // What the work still keeps is kept when it has ended.
            while let rest = await group.nextResult() {
                if case .success(.done(let result)) = rest { return result }
            }
            return nil
        }
    }
}
