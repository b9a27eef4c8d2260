internal import Operations

/// How often a call that failed for a while is tried again, and how long is waited before.
///
/// Waits go by real time: they are for networks and other servers, which know no virtual clock.
package struct RetryPolicy: Sendable, Hashable {
    /// The first attempt among them.
    package var attemptsMax: Int
    /// The longest wait before the second attempt, in seconds; it doubles with each.
    package var baseDelay: Double
    package var delayMax: Double
    /// Whether a server that isn't there is tried again.
    package var triesConnectionsAgain: Bool

    package init(
        attemptsMax: Int = 3, baseDelay: Double = 0.1, delayMax: Double = 5,
        triesConnectionsAgain: Bool = true
    ) {
        self.attemptsMax = attemptsMax
        self.baseDelay = baseDelay
        self.delayMax = delayMax
        self.triesConnectionsAgain = triesConnectionsAgain
    }

    package static let standard = RetryPolicy()
    /// One attempt.
    package static let never = RetryPolicy(attemptsMax: 1)
    /// For whoever sits before a terminal: throttles are waited out, a server that isn't there is
    /// told at once.
    package static let patient = RetryPolicy(
        attemptsMax: 10, baseDelay: 0.05, triesConnectionsAgain: false)

    /// The seconds to wait after so many failed attempts: drawn between nothing and the bound, so
    /// that many who failed together don't come back together.
    func delay(afterAttempt attempt: Int) -> Double {
        let doublings = Double(min(max(attempt - 1, 0), 30))
        var bound = baseDelay
        for _ in 0..<Int(doublings) where bound < delayMax { bound *= 2 }
        return Double.random(in: 0...max(0, min(bound, delayMax)))
    }

    /// Whether a call that failed so is made again.
    func isWorthAnother(_ error: ServiceError) -> Bool {
        if error.code == ConnectionFault.noConnection, !triesConnectionsAgain { return false }
        return Self.isTransient(error)
    }

    /// Whether an error may pass by itself.
    static func isTransient(_ error: ServiceError) -> Bool {
        switch error.code {
        case ConnectionFault.noConnection, ConnectionFault.timeout: true
        case "ThrottlingException", "Throttling", "ThrottledException", "RequestThrottled",
            "RequestThrottledException", "TooManyRequestsException", "SlowDown",
            "ProvisionedThroughputExceededException", "RequestLimitExceeded",
            "BandwidthLimitExceeded", "LimitExceededException.Throttle", "PriorRequestNotComplete",
            "TransactionInProgressException", "EC2ThrottledException", "RequestTimeout",
            "RequestTimeoutException", "KMS.ThrottlingException":
            true
        default: [429, 500, 502, 503, 504].contains(error.status)
        }
    }
}
