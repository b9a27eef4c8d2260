package import Client
package import Logging
package import Operations

/// What the functions take from the world around them.
package struct FunctionsEnvironment: Sendable {
    /// The account that every ARN names: twelve digits.
    package var accountID: String
    /// The region of requests that name none.
    package var defaultRegion: String
    package var clock: any ServiceClock
    /// Where zips and unpacked code are kept.
    package var directory: String
    /// Where this server answers, like http://127.0.0.1:8000, and nil until it does.
    ///
    /// Handlers reach DynamoDB, its streams and Lambda there.
    package var endpoint: @Sendable () -> String?
    /// The queues, topics and buckets outside.
    package var outside: OutsideEndpoints
    package var logger: Logger

    package init(
        accountID: String, defaultRegion: String, clock: any ServiceClock, directory: String,
        endpoint: @escaping @Sendable () -> String?, outside: OutsideEndpoints, logger: Logger
    ) {
        self.accountID = accountID
        self.defaultRegion = defaultRegion
        self.clock = clock
        self.directory = directory
        self.endpoint = endpoint
        self.outside = outside
        self.logger = logger
    }
}
