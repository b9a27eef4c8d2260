internal import Dispatch
internal import FoundationEssentials
internal import Logging
package import Operations
package import Storage
internal import Synchronization

/// Which functions and layers there are: in memory for reading, in the store for good.
///
/// Changes follow one another on one thread: each is made from what the last one left, written
/// durably, and seen by readers only then.
package final class FunctionCatalogue: Sendable {
    struct State: Sendable {
        var functions: [FunctionKey: FunctionRecord] = [:]
        var layers: [FunctionKey: LayerRecord] = [:]
        /// Reserved concurrency of all functions, by region: counted after each change.
        private(set) var reservations: [String: Int] = [:]

        mutating func countReservations() {
            reservations = [:]
            for record in functions.values {
                guard let reserved = record.reservedConcurrency else { continue }
                reservations[record.latest.region, default: 0] += reserved
            }
        }
    }

    let environment: FunctionsEnvironment
    let code: CodeStore
    private let records: RecordStore
    private let state = Mutex(State())
    private let thread = DispatchQueue(label: "basalt.functions")

    /// Opens the catalogue and its files; what is unpacked and gone is unpacked again.
    package init(
        store: any KeyValueStore, environment: FunctionsEnvironment
    ) throws(ServiceError) {
        self.environment = environment
        records = RecordStore(store, space: .functions)
        code = CodeStore(directory: environment.directory)
        let read = try Self.read(records)
        state.withLock { $0 = read }
        sweep(isStarting: true)
        for record in read.functions.values {
            for configuration in [record.latest] + record.versions.values {
                guard configuration.developmentDirectory == nil else { continue }
                do throws(ServiceError) {
                    try code.prepare(
                        code: configuration.codeSha256,
                        layers: Self.hashes(ofLayers: configuration, in: read))
                } catch {
                    environment.logger.error(
                        "The code of a function cannot be unpacked",
                        metadata: [
                            "function": "\(configuration.functionName)",
                            "reason": "\(error.message)",
                        ])
                }
            }
        }
    }

    // MARK: Reading

    /// Everything, as of now.
    var snapshot: State { state.withLock { $0 } }

    func function(_ key: FunctionKey) -> FunctionRecord? {
        state.withLock { $0.functions[key] }
    }

    func layer(_ key: FunctionKey) -> LayerRecord? { state.withLock { $0.layers[key] } }

    /// The functions of a region in the order of their names.
    func functions(region: String) -> [FunctionRecord] {
        let all = state.withLock { $0.functions }
        return all.values.filter { $0.latest.region == region }.sorted {
            $0.latest.functionName < $1.latest.functionName
        }
    }

    /// The layers of a region in the order of their names.
    func layers(region: String) -> [LayerRecord] {
        let all = state.withLock { $0.layers }
        return all.values.filter { $0.region == region }.sorted { $0.name < $1.name }
    }

    /// The layer version that an ARN names; those deleted but still in use only where wanted.
    func layerVersion(arn: String, withDeleted: Bool = false) -> LayerRecord.Version? {
        Self.layerVersion(arn: arn, withDeleted: withDeleted, in: snapshot)
    }

    static func layerVersion(
        arn: String, withDeleted: Bool, in state: State
    ) -> LayerRecord.Version? {
        guard let arn = ResourceARN(arn) else { return nil }
        let parts = arn.resourceParts
        guard parts.count == 3, parts[0] == "layer", let number = Int(parts[2]) else { return nil }
        let layer = state.layers[FunctionKey(region: arn.region, name: parts[1])]
        return layer?.versions.first { $0.number == number && (withDeleted || !$0.isDeleted) }
    }

    /// The zips of a configuration's layers, in order.
    static func hashes(ofLayers configuration: FunctionConfiguration, in state: State) -> [String] {
        configuration.layers.compactMap {
            layerVersion(arn: $0, withDeleted: true, in: state)?.codeSha256
        }
    }

    // MARK: Changing

    /// Runs work on the catalogue's thread, where changes are made and files are written.
    func onThread<Result: Sendable>(
        _ work: @escaping @Sendable () throws(ServiceError) -> Result
    ) async throws(ServiceError) -> Result {
        let result = await withCheckedContinuation { continuation in
            thread.async {
                continuation.resume(
                    returning: Swift.Result { () throws(ServiceError) in try work() })
            }
        }
        return try result.get()
    }

    /// Changes functions and layers: all of it durably, or nothing.
    ///
    /// Called on the catalogue's thread. What the closure changes is written where it differs.
    func change<Result>(
        _ body: (inout State) throws(ServiceError) -> Result
    ) throws(ServiceError) -> Result {
        dispatchPrecondition(condition: .onQueue(thread))
        let before = snapshot
        var after = before
        let result = try body(&after)
        let changes = try Self.changes(from: before, to: after)
        if !changes.isEmpty {
            try write(changes)
            after.countReservations()
            state.withLock { $0 = after }
            sweep()
        }
        return result
    }

    private func write(_ changes: [(key: [UInt8], value: [UInt8]?)]) throws(ServiceError) {
        let isDone = DispatchSemaphore(value: 0)
        let outcome = Mutex<Result<Void, StorageError>>(.success(()))
        records.write(changes) { result in
            outcome.withLock { $0 = result }
            isDone.signal()
        }
        isDone.wait()
        do throws(StorageError) {
            try outcome.withLock { $0 }.get()
        } catch {
            throw .serviceException("The store cannot be written: \(error)")
        }
    }

    /// Removes the files that no function and no layer has any more.
    func sweepUnused() { sweep() }

    private func sweep(isStarting: Bool = false) {
        let state = snapshot
        var zips: Set<String> = []
        var combinations: Set<[String]> = []
        for record in state.functions.values {
            for configuration in [record.latest] + record.versions.values {
                if configuration.developmentDirectory == nil {
                    zips.insert(configuration.codeSha256)
                }
                let layers = Self.hashes(ofLayers: configuration, in: state)
                if !layers.isEmpty { combinations.insert(layers) }
            }
        }
        for layer in state.layers.values { zips.formUnion(layer.versions.map(\.codeSha256)) }
        code.sweep(zips: zips, layers: combinations, isStarting: isStarting)
    }

    // MARK: Records

    private static func functionKey(_ key: FunctionKey) -> [UInt8] {
        Array("function/\(key.region)/\(key.name)".utf8)
    }

    private static func versionKey(_ key: FunctionKey, _ number: Int) -> [UInt8] {
        Array("version/\(key.region)/\(key.name)/\(number)".utf8)
    }

    private static func layerKey(_ key: FunctionKey) -> [UInt8] {
        Array("layer/\(key.region)/\(key.name)".utf8)
    }

    private static func changes(
        from before: State, to after: State
    ) throws(ServiceError) -> [(key: [UInt8], value: [UInt8]?)] {
        var changes: [(key: [UInt8], value: [UInt8]?)] = []
        for key in Set(before.functions.keys).union(after.functions.keys) {
            let old = before.functions[key]
            let new = after.functions[key]
            if old == new { continue }
            changes.append((functionKey(key), try new.map(encode)))
            let numbers = Set(old?.versions.keys ?? [:].keys).union(new?.versions.keys ?? [:].keys)
            for number in numbers {
                let version = new?.versions[number]
                if version == old?.versions[number] { continue }
                changes.append((versionKey(key, number), try version.map(encode)))
            }
        }
        for key in Set(before.layers.keys).union(after.layers.keys) {
            let new = after.layers[key]
            if before.layers[key] == new { continue }
            changes.append((layerKey(key), try new.map(encode)))
        }
        return changes
    }

    private static func encode(_ record: some Encodable) throws(ServiceError) -> [UInt8] {
        do {
            return Array(try JSONEncoder().encode(record))
        } catch {
            throw .serviceException("A record cannot be written")
        }
    }

    private static func read(_ records: RecordStore) throws(ServiceError) -> State {
        var state = State()
        do {
            let decoder = JSONDecoder()
            for (_, value) in try records.records(prefix: "function/") {
                let record = try decoder.decode(FunctionRecord.self, from: Data(value))
                state.functions[record.key] = record
            }
            for (_, value) in try records.records(prefix: "version/") {
                let version = try decoder.decode(FunctionConfiguration.self, from: Data(value))
                let key = FunctionKey(region: version.region, name: version.functionName)
                guard let number = Int(version.version) else { continue }
                state.functions[key]?.versions[number] = version
            }
            for (_, value) in try records.records(prefix: "layer/") {
                let record = try decoder.decode(LayerRecord.self, from: Data(value))
                state.layers[record.key] = record
            }
        } catch {
            throw .serviceException("The functions in the store cannot be read: \(error)")
        }
        state.countReservations()
        return state
    }
}
