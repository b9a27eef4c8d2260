internal import Engine
internal import Operations
internal import Storage
internal import Wire

/// DynamoDB in process, without a socket: the entry point of the library.
///
/// Requests and answers are the JSON bodies of the DynamoDB wire protocol, so whatever the
/// service's documentation shows can be sent as it stands:
///
/// ```swift
/// let database = try BasaltDatabase.open(.inMemory)
/// defer { database.close() }
/// let answer = await database.call(
///     "PutItem", #"{"TableName": "music", "Item": {"artist": {"S": "Nina Simone"}}}"#)
/// precondition(answer.status == 200)
/// ```
///
/// All operations of the endpoint work, those of DynamoDB Streams too; tables live in the region
/// that a call names. A database may be used from any number of tasks at once.
public final class BasaltDatabase: Sendable {
    /// Where the data lives.
    public enum Location: Sendable {
        /// Nowhere: gone with the process.
        case inMemory
        /// A directory, which is made where it is missing.
        case directory(String)
    }

    /// What opening can fail with: one sentence for a person.
    public struct OpenError: Error, Sendable, CustomStringConvertible {
        /// The sentence.
        public let description: String
    }

    /// The answer of a call, as the endpoint would send it.
    public struct Answer: Sendable {
        /// The HTTP status: 200, or 400 or 500 for an error.
        public let status: Int
        /// The JSON body; an error's has `__type` and `message`.
        public let body: String
    }

    /// The time that everything in a database goes by.
    public enum Clock: Sendable {
        /// The machine's.
        case machine
        /// Runs with the machine's, and `advanceClock` and `setClock` move it on.
        case virtual
    }

    /// What becomes of requests over the limits of capacity.
    public enum Throttling: Sendable {
        /// Nothing is limited.
        case off
        /// They are refused as the service refuses them: by what a table is provisioned with, by
        /// what its partitions serve, by the quotas of an account.
        case enforce
    }

    let engine: Engine
    private let store: RocksStore

    private init(engine: Engine, store: RocksStore) {
        self.engine = engine
        self.store = store
    }

    /// Opens a database.
    ///
    /// - Parameters:
    ///   - location: in memory, or a directory that no other process has open.
    ///   - syncsWrites: whether an answered write has been synced to the device (the default), or
    ///     only handed to the operating system.
    ///   - accountID: the account in every ARN, 12 digits.
    ///   - clock: by which time items expire and everything is dated. A directory whose clock was
    ///     moved opens only with a virtual clock, which goes on from where it was.
    ///   - throttling: whether requests over the limits of capacity are refused; capacity goes by
    ///     the clock, so that a virtual one saves waiting.
    /// - Throws: `OpenError` where the directory cannot be read, is locked, or holds no Basalt
    ///   store or a newer one.
    public static func open(
        _ location: Location, syncsWrites: Bool = true, accountID: String = "000000000000",
        clock: Clock = .machine, throttling: Throttling = .off
    ) throws(OpenError) -> BasaltDatabase {
        let options: StoreOptions
        switch location {
        case .inMemory: options = .inMemory
        case .directory(let path):
            options = StoreOptions(path: path, durability: syncsWrites ? .fsync : .os)
        }
        do throws(StorageError) {
            var configuration = EngineConfiguration(accountID: accountID)
            if case .virtual = clock { configuration.clock = VirtualClock() }
            if case .enforce = throttling { configuration.throttling = .enforce }
            let store = try RocksStore.open(options)
            let engine: Engine
            do throws(StorageError) {
                engine = try Engine(store: store, configuration: configuration)
            } catch {
                store.close()
                throw error
            }
            return BasaltDatabase(engine: engine, store: store)
        } catch {
            throw OpenError(description: error.description)
        }
    }

    /// Does one operation of the DynamoDB API or of DynamoDB Streams.
    ///
    /// - Parameters:
    ///   - operation: its name, `PutItem` say.
    ///   - body: the request as JSON.
    ///   - region: where the tables are.
    public func call(
        _ operation: String, _ body: String, region: String = "us-east-1"
    ) async -> Answer {
        let request: OperationRequest
        do throws(ServiceError) {
            let target = WireCodec.target(operation: operation)
            let bytes = Array(body.utf8)
            let decoded = bytes.withUnsafeBytes { bytes in
                Result { () throws(ServiceError) in
                    try WireCodec.decode(target: target, body: bytes)
                }
            }
            request = try decoded.get()
        } catch {
            return Answer(error)
        }
        return await withCheckedContinuation { continuation in
            engine.handle(request, context: RequestContext(region: region)) { result in
                switch result {
                case .success(let outcome): continuation.resume(returning: Answer(outcome))
                case .failure(let error): continuation.resume(returning: Answer(error))
                }
            }
        }
    }

    /// Finishes queued work and closes the store; calls made afterwards are refused.
    public func close() {
        engine.shutdown()
        store.close()
    }
}

extension BasaltDatabase.Answer {
    fileprivate init(_ outcome: OperationOutcome) {
        var bytes: [UInt8] = []
        WireCodec.encode(outcome.response, into: &bytes)
        self.init(status: 200, body: String(decoding: bytes, as: UTF8.self))
    }

    fileprivate init(_ error: ServiceError) {
        var bytes: [UInt8] = []
        WireCodec.encode(error, into: &bytes)
        self.init(status: error.status, body: String(decoding: bytes, as: UTF8.self))
    }
}
