internal import Items
internal import Operations
internal import Storage

extension Engine {
    /// Runs a write transaction.
    ///
    /// Precondition: `TransactionRules.checkDistinct` passed.
    ///
    /// The outcome is a `transactWriteItems`. With a token, a repetition of what was done within
    /// the last ten minutes changes nothing and answers alike.
    func runTransaction(
        _ actions: [TransactionAction], token: TransactionToken?, returns: TransactionReturns,
        context: RequestContext, completion: @escaping Completion
    ) {
        guard let token else {
            admit(
                WriteTransaction(
                    actions: actions, returns: returns, token: nil, now: environment.now),
                completion: completion)
            return
        }
        let key = TransactionTokenRecord.key(token: token.token, region: context.region)
        let transaction = WriteTransaction(
            actions: actions, returns: returns, token: (key, token.fingerprint),
            now: environment.now)
        let cached: CachedRead
        do throws(ServiceError) {
            try transactionTokens.take(key, fingerprint: token.fingerprint)
        } catch {
            completion(.failure(error))
            return
        }
        let finish: Completion = { [transactionTokens] result in
            transactionTokens.giveBack(key)
            completion(result)
        }
        do throws(StorageError) {
            cached = try transactionTokens.cachedRecord(key)
        } catch {
            finish(.failure(ServiceError(storage: error)))
            return
        }
        switch cached {
        case .absent: admit(transaction, completion: finish)
        case .found(let record): resume(transaction, record: record, completion: finish)
        case .unknown:
            pool.run { [self] in
                do throws(StorageError) {
                    let record = try transactionTokens.record(key)
                    resume(transaction, record: record, completion: finish)
                } catch {
                    finish(.failure(ServiceError(storage: error)))
                }
            }
        }
    }

    /// Goes on with a transaction by what the store knows of its token.
    private func resume(
        _ transaction: WriteTransaction, record bytes: [UInt8]?, completion: @escaping Completion
    ) {
        guard let bytes else { return admit(transaction, completion: completion) }
        guard let record = TransactionTokenRecord(bytes) else {
            completion(
                .failure(
                    ServiceError(
                        storage: .corrupt("the record of a ClientRequestToken cannot be read"))))
            return
        }
        guard record.expiresAt > TransactionTokenRecord.milliseconds(environment.now()) else {
            return admit(transaction, completion: completion)
        }
        guard record.fingerprint == transaction.token?.fingerprint else {
            completion(.failure(.idempotentParameterMismatch))
            return
        }
        pool.run { [self] in
            do throws(ServiceError) {
                let throttles = try throttle.admit(
                    reads: transaction.actions.map { ($0.storedKey, $0.table) })
                let view = store.snapshot()
                var outcome = try transaction.repetition { storedKey throws(ServiceError) in
                    try storing { () throws(StorageError) in
                        try view.get(.items, storedKey)
                    }.map { ItemBytes(trusted: $0) }
                }
                if throttle.isOn { throttle.settle(&outcome.consumption, throttles: throttles) }
                completion(.success(outcome))
            } catch {
                completion(.failure(error))
            }
        }
    }

    /// Puts a transaction on the commit path, unless another holds one of its items.
    private func admit(_ transaction: WriteTransaction, completion: @escaping Completion) {
        let storedKeys = transaction.storedKeys
        let positions = conflicts.admit(storedKeys)
        guard positions.isEmpty else {
            completion(.failure(.transactionConflict(at: positions, of: storedKeys.count)))
            return
        }
        let finish: Completion = { [conflicts] result in
            conflicts.release(storedKeys)
            completion(result)
        }
        submit(finish) { staging throws(ServiceError) in
            try staging.metering { staging throws(ServiceError) in try transaction.stage(staging) }
        }
    }
}
