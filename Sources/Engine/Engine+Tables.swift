internal import Operations

extension Engine {
    /// The operations of the control plane: changes go through the commit path, the rest is
    /// answered from the catalogue.
    func handleTables(
        _ request: OperationRequest, context: RequestContext, completion: @escaping Completion
    ) {
        do throws(ServiceError) {
            if let outcome = try answer(request, context) {
                completion(.success(outcome))
            } else if let stage = try change(request, context) {
                submit(completion, stage: stage)
            } else {
                completion(.failure(.internalServerError("The operation has no handler")))
            }
        } catch {
            completion(.failure(error))
        }
    }

    /// The answer of an operation that only reads; nil for any other.
    private func answer(
        _ request: OperationRequest, _ context: RequestContext
    ) throws(ServiceError) -> OperationOutcome? {
        switch request {
        case .describeTable(let request):
            try request.describeTable(
                in: catalogue, context: context, environment: environment)
        case .listTables(let request):
            request.listTables(in: catalogue, context: context)
        case .listTagsOfResource(let request):
            try request.listTags(in: catalogue, context: context, environment: environment)
        case .describeTimeToLive(let request):
            try request.describeTimeToLive(
                in: catalogue, context: context, environment: environment)
        case .describeContinuousBackups(let request):
            try request.describeContinuousBackups(
                in: catalogue, context: context, environment: environment)
        case .getResourcePolicy(let request):
            try request.getResourcePolicy(
                in: catalogue, context: context, environment: environment)
        case .describeLimits: DescribeLimits.answer()
        case .describeEndpoints: DescribeEndpoints.answer(context: context)
        default: nil
        }
    }

    /// The change that an operation makes, once what needs no table is checked.
    private func change(
        _ request: OperationRequest, _ context: RequestContext
    ) throws(ServiceError)
        -> (@Sendable (Staging) throws(ServiceError) -> OperationOutcome)?
    {
        let environment = environment
        switch request {
        case .createTable(let request):
            try request.validate()
            return { staging throws(ServiceError) in
                try request.stage(in: staging, context: context, environment: environment)
            }
        case .updateTable(let request):
            try request.validate()
            return { staging throws(ServiceError) in
                try request.stage(in: staging, context: context, environment: environment)
            }
        case .deleteTable(let request):
            return { staging throws(ServiceError) in
                try request.stageDeletion(
                    in: staging, context: context, environment: environment)
            }
        case .tagResource(let request):
            try request.validate()
            return { staging throws(ServiceError) in
                try request.stage(in: staging, context: context, environment: environment)
            }
        case .untagResource(let request):
            try request.validate()
            return { staging throws(ServiceError) in
                try request.stage(in: staging, context: context, environment: environment)
            }
        case .updateTimeToLive(let request):
            try request.validate()
            return { staging throws(ServiceError) in
                try request.stage(in: staging, context: context, environment: environment)
            }
        case .updateContinuousBackups(let request):
            return { staging throws(ServiceError) in
                try request.stage(in: staging, context: context, environment: environment)
            }
        case .putResourcePolicy(let request):
            try request.validate()
            return { staging throws(ServiceError) in
                try request.stage(in: staging, context: context, environment: environment)
            }
        case .deleteResourcePolicy(let request):
            return { staging throws(ServiceError) in
                try request.stageDeletion(
                    in: staging, context: context, environment: environment)
            }
        default:
            return nil
        }
    }
}
