internal import Operations
internal import Wire

/// What becomes of asynchronous invocations.
extension LambdaAPI {
    /// The function and the qualifier that a configuration belongs to.
    private func eventInvokeHolder(
        _ input: LambdaInput, in state: FunctionCatalogue.State
    ) throws(ServiceError) -> (record: FunctionRecord, qualifier: String) {
        let (key, qualifier) = try locate(input)
        guard let record = state.functions[key], record.configuration(qualifier) != nil else {
            throw .notFound("The function doesn't exist.")
        }
        return (record, qualifier ?? FunctionRecord.latest)
    }

    private func json(_ kept: KeptEventInvoke, arn: String) -> JSONValue {
        let configuration = kept.configuration
        func destination(_ arn: String?) -> JSONValue {
            .object(present: [("Destination", arn.map { .string($0) })])
        }
        return .object(present: [
            ("LastModified", .number(String(kept.lastModified))),
            ("FunctionArn", .string(arn)),
            ("MaximumRetryAttempts", configuration.maximumRetryAttempts.map { .number($0) }),
            (
                "MaximumEventAgeInSeconds",
                configuration.maximumEventAgeInSeconds.map { .number($0) }
            ),
            (
                "DestinationConfig",
                .object([
                    ("OnSuccess", destination(configuration.onSuccess)),
                    ("OnFailure", destination(configuration.onFailure)),
                ])
            ),
        ])
    }

    private func missingEventInvoke(_ arn: String) -> ServiceError {
        .notFound("The function \(arn) doesn't have an EventInvokeConfig")
    }

    /// - Parameter replaces: whether what isn't told is unset (Put) rather than kept (Update).
    func putEventInvoke(
        _ input: LambdaInput, replaces: Bool
    ) throws(ServiceError) -> RESTResponse {
        let destinations = input["DestinationConfig"]
        guard
            input["MaximumRetryAttempts"] != nil || input["MaximumEventAgeInSeconds"] != nil
                || destinations != nil
        else {
            throw .invalidParameterValue(
                "You must specify at least one of error handling or destination setting.")
        }
        let now = environment.clock.now().rounded(.down)
        return try catalogue.change { state throws(ServiceError) in
            var (record, qualifier) = try self.eventInvokeHolder(input, in: state)
            let arn = self.catalogue.arn(record.key, qualifier)
            let before = record.eventInvokes[qualifier]
            if !replaces, before == nil { throw self.missingEventInvoke(arn) }
            var configuration =
                replaces ? EventInvokeConfiguration() : before?.configuration ?? .init()
            if let attempts = input.int("MaximumRetryAttempts") {
                configuration.maximumRetryAttempts = attempts
            }
            if let age = input.int("MaximumEventAgeInSeconds") {
                configuration.maximumEventAgeInSeconds = age
            }
            if let success = destinations?["OnSuccess"] {
                configuration.onSuccess = try self.destination(success, of: record.key)
            }
            if let failure = destinations?["OnFailure"] {
                configuration.onFailure = try self.destination(failure, of: record.key)
            }
            let kept = KeptEventInvoke(configuration: configuration, lastModified: now)
            record.eventInvokes[qualifier] = kept
            state.functions[record.key] = record
            return RESTResponse(json: self.json(kept, arn: arn))
        }
    }

    private func destination(
        _ value: JSONValue, of key: FunctionKey
    ) throws(ServiceError) -> String? {
        guard let arn = value["Destination"]?.string, !arn.isEmpty else { return nil }
        if arn == catalogue.arn(key) || arn.hasPrefix(catalogue.arn(key) + ":") {
            throw .invalidParameterValue(
                "You can't specify the function as a destination for itself.")
        }
        if arn.hasPrefix(LocalFile.scheme) {
            do throws(ServiceError) {
                _ = try LocalFile.path(arn)
            } catch {
                throw .invalidParameterValue(error.message)
            }
            return arn
        }
        let services = ["sqs", "sns", "lambda", "events", "s3"]
        guard let service = ResourceARN(arn)?.service, services.contains(service) else {
            throw .invalidParameterValue(
                "The provided destination config DestinationConfig is invalid: \(arn)")
        }
        return arn
    }

    func getEventInvoke(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let (key, qualifier) = try locate(input)
        let arn = catalogue.arn(key, qualifier ?? FunctionRecord.latest)
        let record = catalogue.function(key)
        guard let kept = record?.eventInvokes[qualifier ?? FunctionRecord.latest] else {
            throw missingEventInvoke(arn)
        }
        return RESTResponse(json: json(kept, arn: arn))
    }

    func deleteEventInvoke(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        try catalogue.change { state throws(ServiceError) in
            let (key, qualifier) = try self.locate(input)
            let name = qualifier ?? FunctionRecord.latest
            guard var record = state.functions[key], record.eventInvokes[name] != nil else {
                throw self.missingEventInvoke(self.catalogue.arn(key, name))
            }
            record.eventInvokes[name] = nil
            state.functions[key] = record
            return RESTResponse(status: 204)
        }
    }

    func listEventInvokes(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let page = try LambdaPage(input, max: 50)
        let (key, _) = try locate(input)
        guard let record = catalogue.function(key) else {
            throw .notFound("The function doesn't exist.")
        }
        let elements = record.eventInvokes.sorted { $0.key < $1.key }.map {
            (key: $0.key, value: json($0.value, arn: catalogue.arn(key, $0.key)))
        }
        return page.answer("FunctionEventInvokeConfigs", elements)
    }
}
