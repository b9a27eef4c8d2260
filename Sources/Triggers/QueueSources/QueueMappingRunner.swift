package import Operations

/// Runs mappings whose source is a queue: pollers that hand messages to the function.
///
/// How far a mapping has come is the queue's own affair, so there is nothing to keep.
package struct QueueMappingRunner: MappingRunner {
    private let environment: TriggersEnvironment
    private let client: any QueueClient

    package init(environment: TriggersEnvironment, client: any QueueClient) {
        self.environment = environment
        self.client = client
    }

    package func run(
        _ mapping: EventSourceMapping, reports: any MappingReports
    ) -> any MappingRun {
        QueueMappingRun(mapping, environment: environment, client: client, reports: reports)
    }

    package func forget(_ uuid: String) async throws(ServiceError) {}
}
