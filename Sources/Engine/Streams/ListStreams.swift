internal import Operations
internal import Streams

extension Engine {
    /// ListStreams: the streams of the request's region, ordered by table name and age.
    func listStreams(
        _ request: ListStreamsRequest, context: RequestContext, completion: @escaping Completion
    ) {
        do throws(ServiceError) {
            completion(.success(OperationOutcome(.listStreams(try list(request, context)))))
        } catch {
            completion(.failure(error))
        }
    }

    private func list(
        _ request: ListStreamsRequest, _ context: RequestContext
    ) throws(ServiceError) -> ListStreamsResponse {
        if let fault = ServiceError.limit(request.limit, exceeding: Limits.listStreamsMax) {
            throw fault
        }
        let start: StreamName?
        if let arn = request.exclusiveStartStreamArn {
            start = try StreamArn(arn).name
        } else {
            start = nil
        }
        let found = streams.allStreams.filter { stream in
            let name = stream.name
            return name.region == context.region
                && request.tableName.map { $0 == name.tableName } ?? true
                && start.map {
                    ($0.tableName, $0.label) < (name.tableName, name.label)
                } ?? true
                && !isGone(stream)
        }
        let page = found.prefix(max(1, request.limit ?? Limits.listStreamsMax))
        var response = ListStreamsResponse()
        response.streams = page.map {
            StreamSummary(
                streamArn: StreamArn.text($0.name, accountID: environment.accountID),
                tableName: $0.name.tableName, streamLabel: $0.name.label)
        }
        if page.count < found.count {
            response.lastEvaluatedStreamArn = response.streams.last?.streamArn
        }
        return response
    }
}
