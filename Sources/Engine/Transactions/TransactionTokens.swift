internal import Operations
internal import Storage
internal import Synchronization

/// Which ClientRequestTokens have been used, here and on disk.
///
/// A token belongs to one request from when it is taken until it is given back: meanwhile nobody
/// else gets it. A transaction that succeeds leaves a record in its own batch, so the record holds
/// exactly where the transaction does. Hence what the store says after a token was taken cannot
/// change before it is given back.
final class TransactionTokens: Sendable {
    private let store: any KeyValueStore
    /// The requests that hold a token now, by the token's key; the value is what they ask.
    private let held = Mutex<[[UInt8]: [UInt8]]>([:])

    init(store: any KeyValueStore) {
        self.store = store
    }

    /// Takes a token for a request.
    ///
    /// - Throws: TransactionInProgressException while the same request has it already,
    ///   IdempotentParameterMismatchException while another has.
    func take(_ key: [UInt8], fingerprint: [UInt8]) throws(ServiceError) {
        let holder = held.withLock { held -> [UInt8]? in
            if let holder = held[key] { return holder }
            held[key] = fingerprint
            return nil
        }
        guard let holder else { return }
        throw holder == fingerprint ? .transactionInProgress : .idempotentParameterMismatch
    }

    func giveBack(_ key: [UInt8]) {
        held.withLock { _ = $0.removeValue(forKey: key) }
    }

    /// What is known of a token that was taken, if memory can tell.
    func cachedRecord(_ key: [UInt8]) throws(StorageError) -> CachedRead {
        try store.getCached(.catalogue, key)
    }

    /// What is known of a token that was taken; may wait for the device.
    func record(_ key: [UInt8]) throws(StorageError) -> [UInt8]? {
        try store.get(.catalogue, key)
    }
}

/// What the store keeps of a token: until when it is remembered, and what its request asked.
struct TransactionTokenRecord: Sendable {
    static let mark = UInt8(ascii: "x")
    static let expiryMark = UInt8(ascii: "y")
    private static let expiryByteCount = 8
    private static let fingerprintByteCount = 32

    /// Milliseconds since 1970.
    let expiresAt: UInt64
    let fingerprint: [UInt8]

    init(expiresAt: UInt64, fingerprint: [UInt8]) {
        self.expiresAt = expiresAt
        self.fingerprint = fingerprint
    }

    /// nil where the bytes are no record.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.expiryByteCount + Self.fingerprintByteCount else { return nil }
        expiresAt = bytes.prefix(Self.expiryByteCount).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        fingerprint = Array(bytes.dropFirst(Self.expiryByteCount))
    }

    var bytes: [UInt8] { Array(Self.bigEndian(expiresAt).reversed()) + fingerprint }

    /// The key of a token's record: tokens of two regions are two tokens.
    static func key(token: String, region: String) -> [UInt8] {
        let region = Array(region.utf8.prefix(Int(UInt16.max)))
        return [mark, UInt8(region.count >> 8), UInt8(region.count & 0xFF)] + region
            + Array(token.utf8)
    }

    /// The key by which a record is found when its time has come.
    static func expiryKey(_ expiresAt: UInt64, of key: [UInt8]) -> [UInt8] {
        expiryRangeStart(expiresAt) + key.dropFirst()
    }

    /// The token's key within an expiry key, and the time; nil where the bytes are none.
    static func parse(expiryKey bytes: [UInt8]) -> (expiresAt: UInt64, key: [UInt8])? {
        guard bytes.count > 1 + expiryByteCount, bytes.first == expiryMark else { return nil }
        let time = bytes[1...expiryByteCount].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return (time, [mark] + bytes.dropFirst(1 + expiryByteCount))
    }

    /// The first expiry key at or after a time.
    static func expiryRangeStart(_ time: UInt64) -> [UInt8] { [expiryMark] + bigEndian(time) }

    /// A time in milliseconds; one that is out of every bound comes as near as can be.
    static func milliseconds(_ time: Timestamp) -> UInt64 {
        let value = (time * 1000).rounded()
        guard value > 0 else { return 0 }
        return value < 0x1p63 ? UInt64(value) : 1 << 63
    }

    private static func bigEndian(_ value: UInt64) -> [UInt8] {
        (0..<expiryByteCount).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) }
    }
}

extension Staging {
    /// Stages the record that a token's transaction was done at a time.
    func putTransactionToken(_ key: [UInt8], fingerprint: [UInt8], now: Timestamp) {
        let record = TransactionTokenRecord(
            expiresAt: TransactionTokenRecord.milliseconds(
                now + Limits.transactionTokenSeconds),
            fingerprint: fingerprint)
        batch.put(.catalogue, key, record.bytes)
        batch.put(
            .catalogue, TransactionTokenRecord.expiryKey(record.expiresAt, of: key), [])
    }
}

extension ServiceError {
    static let transactionInProgress = ServiceError(
        "TransactionInProgressException",
        "The transaction with the given request token is already in progress.")
    static let idempotentParameterMismatch = ServiceError(
        "IdempotentParameterMismatchException",
        "DynamoDB rejected the request because you retried a request with a different payload but "
            + "with an idempotent token that was already used.")
}
