internal import Dispatch
internal import Synchronization

/// What the directories look like whose code runs in place; looked at before invocations, but not
/// too often.
final class DevelopmentDirectories: Sendable {
    /// A look is good for so long.
    private static let interval = Duration.milliseconds(200)

    private struct Look {
        var signature: UInt64
        var time: ContinuousClock.Instant
    }

    private let looks = Mutex<[String: Look]>([:])
    private let files = DispatchQueue(label: "basalt.development")

    /// What the files of a function under development look like; 0 for others.
    func signature(of function: ResolvedFunction) async -> UInt64 {
        guard let directory = function.configuration.developmentDirectory else { return 0 }
        let known = looks.withLock { $0[directory] }
        if let known, .now - known.time < Self.interval { return known.signature }
        return await withCheckedContinuation { continuation in
            files.async { [self] in
                // Somebody else may have looked while this waited.
                let known = looks.withLock { $0[directory] }
                if let known, .now - known.time < Self.interval {
                    continuation.resume(returning: known.signature)
                    return
                }
                let signature = DirectorySignature(of: directory).value
                looks.withLock { $0[directory] = Look(signature: signature, time: .now) }
                continuation.resume(returning: signature)
            }
        }
    }
}
