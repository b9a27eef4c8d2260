internal import Operations

extension RequestDecoder {
    mutating func executeStatement() throws(JSONFault) -> ExecuteStatementRequest {
        var request = ExecuteStatementRequest()
        var parts = StatementParts()
        var isFirst = true
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            switch parameter {
            case .consistentRead: request.consistentRead = try reader.bool()
            case .nextToken: request.nextToken = try string(1...Limits.nextTokenLengthMax)
            case .returnConsumedCapacity: request.returnConsumedCapacity = try choice()
            case .limit: request.limit = try integer(1...Int(Int32.max))
            default: try statementParameter(parameter, &parts)
            }
        }
        request.statement = try parts.whole()
        return request
    }

    mutating func batchExecuteStatement() throws(JSONFault) -> BatchExecuteStatementRequest {
        var request = BatchExecuteStatementRequest()
        var hasStatements = false
        var isFirst = true
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            switch parameter {
            case .statements:
                request.statements = try list(
                    1...Limits.batchStatementsMax
                ) { decoder throws(JSONFault) in try decoder.batchStatement() }
                hasStatements = true
            case .returnConsumedCapacity: request.returnConsumedCapacity = try choice()
            default: try reader.skipValue()
            }
        }
        guard hasStatements else { throw .unexpected }
        return request
    }

    mutating func executeTransaction() throws(JSONFault) -> ExecuteTransactionRequest {
        var request = ExecuteTransactionRequest()
        var hasStatements = false
        var isFirst = true
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            switch parameter {
            case .transactStatements:
                request.statements = try list(
                    1...Limits.transactionActionsMax
                ) { decoder throws(JSONFault) in try decoder.transactStatement() }
                hasStatements = true
            case .clientRequestToken: request.clientRequestToken = try clientRequestToken()
            case .returnConsumedCapacity: request.returnConsumedCapacity = try choice()
            default: try reader.skipValue()
            }
        }
        guard hasStatements else { throw .unexpected }
        return request
    }

    // MARK: Statements

    /// A statement while its members are read.
    private struct StatementParts {
        var statement = Statement()
        var hasText = false

        /// The statement, whose text is required.
        func whole() throws(JSONFault) -> Statement {
            guard hasText else { throw .unexpected }
            return statement
        }
    }

    private mutating func batchStatement() throws(JSONFault) -> (
        statement: Statement, consistentRead: Bool
    ) {
        var parts = StatementParts()
        var consistentRead = false
        var isFirst = true
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            if parameter == .consistentRead {
                consistentRead = try reader.bool()
            } else {
                try statementParameter(parameter, &parts)
            }
        }
        return (try parts.whole(), consistentRead)
    }

    private mutating func transactStatement() throws(JSONFault) -> Statement {
        var parts = StatementParts()
        var isFirst = true
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            try statementParameter(parameter, &parts)
        }
        return try parts.whole()
    }

    /// Reads one of the members that every shape with a statement has.
    private mutating func statementParameter(
        _ parameter: Parameter, _ parts: inout StatementParts
    ) throws(JSONFault) {
        switch parameter {
        case .statement:
            parts.statement.text = try string(1...Limits.statementBytesMax)
            parts.hasText = true
        case .parameters:
            faults = ValueFaults()
            let values = try values()
            guard isValidated || !values.isEmpty else { throw .unexpected }
            parts.statement.parameters = values
            parts.statement.valueFault = faults.first
        case .returnValuesOnConditionCheckFailure:
            parts.statement.returnsOldOnFailure = try choice("ALL_OLD", orElse: "NONE")
        default: try reader.skipValue()
        }
    }
}
