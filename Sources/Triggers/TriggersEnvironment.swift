package import Client
package import Functions
package import Logging
package import Operations

/// What the triggers take from the world around them.
package struct TriggersEnvironment: Sendable {
    /// The account that every ARN names: twelve digits.
    package var accountID: String
    package var clock: any ServiceClock
    /// Where streams are read: the same operations that any client has.
    package var operations: any OperationHandler
    package var streams: any StreamObservation
    package var functions: any FunctionDirectory
    package var invoker: any FunctionInvoker
    package var events: any EventQueue
    package var destinations: any DestinationSender
    package var outside: OutsideEndpoints
    package var logger: Logger

    package init(
        accountID: String, clock: any ServiceClock, operations: any OperationHandler,
        streams: any StreamObservation, functions: any FunctionDirectory,
        invoker: any FunctionInvoker, events: any EventQueue,
        destinations: any DestinationSender, outside: OutsideEndpoints, logger: Logger
    ) {
        self.accountID = accountID
        self.clock = clock
        self.operations = operations
        self.streams = streams
        self.functions = functions
        self.invoker = invoker
        self.events = events
        self.destinations = destinations
        self.outside = outside
        self.logger = logger
    }
}
