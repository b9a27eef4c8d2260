internal import Logging
internal import Operations
internal import Storage

/// Forgets ClientRequestTokens whose ten minutes are over.
///
/// An expired token counts as unknown whether it is still kept or not; this frees its place.
struct TransactionTokenExpiry: Chore {
    /// The most tokens that one intent forgets: bounds the wait of other writes.
    static let stepCountMax = 1_000

    let name = "forgetting transaction tokens"
    let interval: Double? = 30
    let store: any KeyValueStore
    let commitPath: CommitPath
    let logger: Logger

    func run(at now: Timestamp, completion: @escaping @Sendable () -> Void) {
        let present = TransactionTokenRecord.milliseconds(now)
        let due: [[UInt8]]
        do throws(StorageError) {
            due = try expired(at: present)
        } catch {
            logger.error("\(name) failed", metadata: ["error": "\(error)"])
            completion()
            return
        }
        guard !due.isEmpty else { return completion() }
        commitPath.submit(
            WriteIntent(
                stage: { staging throws(ServiceError) in
                    // All reads come first: they can fail, and then nothing may have been staged.
                    var tokens: [[UInt8]] = []
                    for expiryKey in due {
                        if let key = try expiredToken(of: expiryKey) { tokens.append(key) }
                    }
                    for key in due + tokens { staging.batch.delete(.catalogue, key) }
                    return OperationOutcome(.empty)
                },
                completion: { result in
                    if case .failure(let error) = result {
                        logger.error("\(name) failed", metadata: ["error": "\(error.message)"])
                        completion()
                    } else if due.count == Self.stepCountMax {
                        run(at: now, completion: completion)
                    } else {
                        completion()
                    }
                },
                // A token that is used anew in the same group must not be taken for the old one.
                isExclusive: true))
    }

    /// The expiry keys up to a time, the first of them where there are many.
    private func expired(at present: UInt64) throws(StorageError) -> [[UInt8]] {
        let cursor = try store.cursor(
            .catalogue, lower: TransactionTokenRecord.expiryRangeStart(0),
            upper: TransactionTokenRecord.expiryRangeStart(present + 1))
        var keys: [[UInt8]] = []
        try cursor.seek(nil)
        while cursor.isValid, keys.count < Self.stepCountMax {
            keys.append(cursor.key)
            try cursor.next()
        }
        return keys
    }

    /// The token's own key; nil where the token was used anew since, or is gone.
    private func expiredToken(of expiryKey: [UInt8]) throws(ServiceError) -> [UInt8]? {
        guard let (expiresAt, key) = TransactionTokenRecord.parse(expiryKey: expiryKey) else {
            return nil
        }
        do throws(StorageError) {
            let record = try store.get(.catalogue, key).flatMap { TransactionTokenRecord($0) }
            return record?.expiresAt == expiresAt ? key : nil
        } catch {
            throw ServiceError(storage: error)
        }
    }
}
