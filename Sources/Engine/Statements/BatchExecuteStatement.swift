internal import Expressions
internal import Items
internal import Metering
internal import Operations
internal import Storage
internal import Synchronization

/// What became of one statement of a batch.
private struct BatchAnswer: Sendable {
    var response = BatchStatementResponse()
    var consumption: Consumption?
}

extension Engine {
    /// One statement of a batch: what is to be done, or why it can't be.
    private enum BatchStep: Sendable {
        case read(SelectPlan)
        case write(StatementWrite)
        case refused(ServiceError)
    }

    /// BatchExecuteStatement: reads or writes of single items, each for itself.
    ///
    /// A faulty statement has an error in its place and doesn't hinder the others. Writes are made
    /// in the order of the request.
    func batchExecuteStatement(
        _ request: BatchExecuteStatementRequest, context: RequestContext,
        completion: @escaping Completion
    ) {
        var steps: [(step: BatchStep, tableName: String?)] = []
        do throws(ServiceError) {
            steps = try batchSteps(request, context)
        } catch {
            completion(.failure(error))
            return
        }
        let detail = request.returnConsumedCapacity
        let answers = BatchAnswers(count: steps.count) { answers in
            var response = BatchExecuteStatementResponse()
            var consumption = Consumption()
            for answer in answers {
                response.responses.append(answer.response)
                for used in answer.consumption?.tables ?? [] { consumption.add(used) }
                consumption.throttles += answer.consumption?.throttles ?? []
            }
            response.consumedCapacity = consumption.report(detail)
            completion(
                .success(
                    OperationOutcome(.batchExecuteStatement(response), consumption: consumption)))
        }
        for (place, (step, tableName)) in steps.enumerated() {
            let finish = { @Sendable (result: Result<(ItemBytes?, Consumption), ServiceError>) in
                var answer = BatchAnswer()
                answer.response.tableName = tableName
                switch result {
                case .success(let (item, consumption)):
                    answer.response.item = item
                    answer.consumption = consumption
                case .failure(let error):
                    answer.response.error = BatchStatementError(error)
                    answer.consumption = error.consumption
                }
                answers.set(answer, at: place)
            }
            switch step {
            case .refused(let error):
                finish(.failure(error))
            case .read(let plan):
                readSelect(plan) { result in
                    finish(result.map { ($0.rows.first, $0.whole) })
                }
            case .write(let write):
                submit(
                    { result in
                        finish(result.map { ($0.writtenAttributes, $0.consumption) })
                    }, writing: write.write.storedKey
                ) { staging throws(ServiceError) in
                    try write.stage(staging)
                }
            }
        }
    }

    /// Every statement checked; a fault of the batch itself is thrown.
    private func batchSteps(
        _ request: BatchExecuteStatementRequest, _ context: RequestContext
    ) throws(ServiceError) -> [(step: BatchStep, tableName: String?)] {
        var parsed: [Result<PartiQLStatement, ServiceError>] = []
        for (statement, _) in request.statements { parsed.append(statement.parsed) }
        let kinds = Set(parsed.compactMap { try? $0.get().isRead })
        guard kinds.count < 2 else { throw StatementFaults.mixedBatch }
        var steps: [(step: BatchStep, tableName: String?)] = []
        for (place, result) in parsed.enumerated() {
            let (statement, consistentRead) = request.statements[place]
            var tableName: String?
            do throws(ServiceError) {
                let parsed = try result.get()
                let table = try table(parsed.tableName, parsed.actionName, context)
                tableName = parsed.tableName
                steps.append(
                    (
                        try batchStep(
                            parsed, statement, table: table, consistentRead: consistentRead),
                        tableName
                    ))
            } catch {
                steps.append((.refused(error), tableName))
            }
        }
        return steps
    }

    private func batchStep(
        _ parsed: PartiQLStatement, _ statement: Statement, table: Table, consistentRead: Bool
    ) throws(ServiceError) -> BatchStep {
        switch parsed {
        case .select(let select):
            let plan = try SelectPlan(
                select, table: table, consistentRead: consistentRead, limit: nil)
            guard plan.itemKey != nil else { throw StatementFaults.batchReadsItems }
            return .read(plan)
        case .exists:
            throw StatementFaults.existsOutsideTransaction
        case .insert, .update, .delete:
            return .write(
                try StatementWrite(parsed, statement, table: table, detail: .none))
        }
    }
}

/// Gathers the answers of a batch, which come in any order from any thread.
private final class BatchAnswers: Sendable {
    private struct State {
        var answers: [BatchAnswer]
        var missing: Int
    }

    private let state: Mutex<State>
    private let whenComplete: @Sendable ([BatchAnswer]) -> Void

    /// - Parameter whenComplete: called once, with the last answer.
    init(count: Int, whenComplete: @escaping @Sendable ([BatchAnswer]) -> Void) {
        state = Mutex(
            State(answers: Array(repeating: BatchAnswer(), count: count), missing: count))
        self.whenComplete = whenComplete
        if count == 0 { whenComplete([]) }
    }

    func set(_ answer: BatchAnswer, at place: Int) {
        let complete = state.withLock { state -> [BatchAnswer]? in
            state.answers[place] = answer
            state.missing -= 1
            return state.missing == 0 ? state.answers : nil
        }
        if let complete { whenComplete(complete) }
    }
}

extension OperationOutcome {
    fileprivate var writtenAttributes: ItemBytes? {
        if case .writeItem(let written) = response { return written.attributes }
        return nil
    }
}

extension BatchStatementError {
    /// An error under its code of BatchStatementErrorCodeEnum.
    init(_ error: ServiceError) {
        self.init(
            code: Self.codes[error.code] ?? "InternalServerError", message: error.message,
            item: error.item)
    }

    private static let codes = [
        "AccessDeniedException": "AccessDenied",
        "ConditionalCheckFailedException": "ConditionalCheckFailed",
        "DuplicateItemException": "DuplicateItem",
        "ItemCollectionSizeLimitExceededException": "ItemCollectionSizeLimitExceeded",
        "ProvisionedThroughputExceededException": "ProvisionedThroughputExceeded",
        "RequestLimitExceeded": "RequestLimitExceeded",
        "ResourceNotFoundException": "ResourceNotFound",
        "ThrottlingException": "ThrottlingError",
        "TransactionConflictException": "TransactionConflict",
        "ValidationException": "ValidationError",
    ]
}
