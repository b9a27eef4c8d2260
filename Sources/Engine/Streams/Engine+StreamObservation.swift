package import Operations
internal import Streams

extension Engine: StreamObservation {
    package func observeStream(
        _ streamArn: String, onRecords: @escaping @Sendable (_ shardIds: [String]) -> Void
    ) -> StreamObserver {
        guard let arn = try? StreamArn(streamArn), let stream = streams.stream(arn.name) else {
            return StreamObserver {}
        }
        let observers = streams.observers
        let number = stream.id
        let id = observers.add(number, onRecords)
        return StreamObserver { observers.remove(number, id) }
    }

    package func lastSequenceNumber() -> String { SequenceNumber(streams.lastSequence).text }
}
