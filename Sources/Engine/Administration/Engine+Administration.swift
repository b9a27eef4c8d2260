package import Operations
internal import Storage
internal import Synchronization

extension Engine: AdministrationHandler {
    /// The time that everything goes by, in seconds since 1970.
    package var now: Timestamp { environment.now() }

    package func administer(
        _ request: AdministrationRequest,
        completion: @escaping @Sendable (Result<AdministrationResponse, ServiceError>) -> Void
    ) {
        switch request {
        case .readClock:
            completion(
                Result { () throws(ServiceError) in .clock(try movableClock().reading) })
        case .advanceClock(let seconds):
            moveClock(completion) { clock throws(ServiceError) in
                try clock.advance(bySeconds: seconds)
            }
        case .setClock(let time):
            moveClock(completion) { clock throws(ServiceError) in try clock.move(to: time) }
        case .provokeConflicts(let rate, let seed):
            completion(
                Result { () throws(ServiceError) in
                    try provokeConflicts(rate: rate, seed: seed)
                    return .provokedConflicts(rate: rate, seed: seed)
                })
        case .readPartitions(let tableName, let region):
            completion(
                Result { () throws(ServiceError) in
                    .partitions(try partitions(of: tableName, region: region), throttle.mode)
                })
        case .readThrottling:
            completion(.success(.throttling(throttle.mode)))
        case .setThrottling(let mode):
            throttle.set(mode)
            completion(.success(.throttling(mode)))
        case .splitPartition(let tableName, let region, let partition):
            splitPartition(tableName: tableName, region: region, partition: partition) { result in
                completion(result.map { .partitionCount($0) })
            }
        }
    }

    private func movableClock() throws(ServiceError) -> VirtualClock {
        guard let clock else {
            throw .validation("The server runs by the machine's clock, which cannot be moved")
        }
        return clock
    }

    /// Moves the clock and does what becomes due.
    ///
    /// The move is in the store before anything sees it. It is exclusive, so that the next move
    /// starts from where this one ends.
    private func moveClock(
        _ completion: @escaping @Sendable (Result<AdministrationResponse, ServiceError>) -> Void,
        plan: @escaping @Sendable (VirtualClock) throws(ServiceError) -> VirtualClock.Move
    ) {
        let clock: VirtualClock
        do throws(ServiceError) {
            clock = try movableClock()
        } catch {
            completion(.failure(error))
            return
        }
        let planned = Mutex<VirtualClock.Move?>(nil)
        commitPath.submit(
            WriteIntent(
                stage: { staging throws(ServiceError) in
                    let move = try plan(clock)
                    planned.withLock { $0 = move }
                    staging.batch.put(
                        .catalogue, StoredClock.key,
                        StoredClock.encode(secondsAhead: move.secondsAhead))
                    return OperationOutcome(.empty)
                },
                completion: { [maintenance, serviceClock] result in
                    if case .failure(let error) = result {
                        completion(.failure(error))
                        return
                    }
                    if let move = planned.withLock({ $0 }) { clock.make(move) }
                    serviceClock.didMove()
                    maintenance.catchUp { completion(.success(.clock(clock.reading))) }
                },
                isExclusive: true))
    }
}
