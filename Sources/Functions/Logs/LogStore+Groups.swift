internal import Dispatch
internal import Logging
package import Operations
internal import Storage
internal import Synchronization

extension ServiceError {
    static let logGroupNotFound = ServiceError(
        "ResourceNotFoundException", "The specified log group does not exist.")
    static let logStreamNotFound = ServiceError(
        "ResourceNotFoundException", "The specified log stream does not exist.")
    static let logGroupExists = ServiceError(
        "ResourceAlreadyExistsException", "The specified log group already exists")
    static let logStreamExists = ServiceError(
        "ResourceAlreadyExistsException", "The specified log stream already exists")

    static func invalidParameter(_ message: String) -> ServiceError {
        ServiceError("InvalidParameterException", message)
    }
}

/// Groups and streams: made, changed, deleted. A change is in memory at once and durable after the
/// next `flush`.
extension LogStore {
    /// A group, with its streams; nil where there is none.
    package func group(_ name: LogGroupName) -> LogGroup? {
        state.withLock { $0.groups[name] }
    }

    /// The groups of a region, in the order of their names' bytes.
    package func groups(region: String) -> [LogGroup] {
        state.withLock { state in state.groups.values.filter { $0.name.region == region } }
            .sorted { $0.name.name.utf8.lexicographicallyPrecedes($1.name.name.utf8) }
    }

    package func createGroup(
        _ name: LogGroupName, settings: (inout LogGroup) -> Void = { _ in }
    ) throws(ServiceError) {
        let now = now
        let isMade = state.withLock { state in
            guard state.groups[name] == nil else { return false }
            state.makeGroup(name, now: now)
            if var group = state.groups[name] {
                settings(&group)
                state.groups[name] = group
            }
            return true
        }
        guard isMade else { throw .logGroupExists }
    }

    /// Changes the settings or tags of a group.
    package func changeGroup(
        _ name: LogGroupName, _ change: (inout LogGroup) throws(ServiceError) -> Void
    ) throws(ServiceError) {
        let result = state.withLock { state -> Result<Void, ServiceError> in
            guard var group = state.groups[name] else { return .failure(.logGroupNotFound) }
            do throws(ServiceError) {
                try change(&group)
            } catch {
                return .failure(error)
            }
            state.groups[name] = group
            state.dirtyGroups.insert(name)
            return .success(())
        }
        try result.get()
    }

    package func deleteGroup(_ name: LogGroupName) throws(ServiceError) {
        let result = state.withLock { state -> Result<UInt64, ServiceError> in
            guard let group = state.groups[name] else { return .failure(.logGroupNotFound) }
            guard !group.isDeletionProtected else {
                return .failure(
                    ServiceError(
                        "ValidationException",
                        "The specified log group has deletion protection enabled."))
            }
            state.groups[name] = nil
            state.dirtyGroups.remove(name)
            state.droppedCounts = state.droppedCounts.filter { $0.key.group != name }
            state.changes.append((LogKeys.group(group.id), nil))
            for stream in group.streams.values {
                state.changes.append((LogKeys.stream(stream.id, group: group.id), nil))
            }
            state.changes.append((LogKeys.purge(group: group.id, stream: nil), []))
            return .success(group.id)
        }
        purgeSoon(group: try result.get(), stream: nil)
    }

    package func createStream(
        _ stream: String, in name: LogGroupName
    ) throws(ServiceError) {
        let now = now
        let result = state.withLock { state -> Result<Void, ServiceError> in
            guard state.groups[name] != nil else { return .failure(.logGroupNotFound) }
            guard state.groups[name]?.streams[stream] == nil else {
                return .failure(.logStreamExists)
            }
            state.makeStream(
                StreamName(group: name, stream: stream), now: now, isImplicit: false)
            return .success(())
        }
        try result.get()
    }

    package func deleteStream(
        _ stream: String, in name: LogGroupName
    ) throws(ServiceError) {
        let result = state.withLock { state -> Result<(UInt64, UInt64), ServiceError> in
            guard let group = state.groups[name] else { return .failure(.logGroupNotFound) }
            guard let found = group.streams[stream] else { return .failure(.logStreamNotFound) }
            state.groups[name]?.remove(stream: stream)
            state.dirtyStreams.remove(StreamName(group: name, stream: stream))
            state.changes.append((LogKeys.stream(found.id, group: group.id), nil))
            state.changes.append((LogKeys.purge(group: group.id, stream: found.id), []))
            return .success((group.id, found.id))
        }
        let (group, id) = try result.get()
        purgeSoon(group: group, stream: id)
    }

    private func purgeSoon(group: UInt64, stream: UInt64?) {
        flush { fault in
            guard fault == nil else { return }
            self.worker.async {
                do throws(StorageError) {
                    try self.purge(group: group, stream: stream)
                } catch {
                    self.logger.error("Deleted logs cannot be removed: \(error)")
                }
            }
        }
    }

    /// Adds events to a stream that is there.
    ///
    /// - Parameter events: in order of time.
    package func put(
        _ events: [(timestamp: Int, message: String)], to stream: String,
        in group: LogGroupName
    ) throws(ServiceError) {
        let now = now
        let byteCount = events.reduce(0) { $0 + $1.message.utf8.count }
        let result = state.withLock { state -> Result<Void, ServiceError> in
            guard state.groups[group] != nil else { return .failure(.logGroupNotFound) }
            guard state.groups[group]?.streams[stream] != nil else {
                return .failure(.logStreamNotFound)
            }
            guard state.pendingBytes + byteCount <= limits.pendingBytesMax else {
                return .failure(
                    ServiceError("ThrottlingException", "Rate exceeded"))
            }
            let name = StreamName(group: group, stream: stream)
            for event in events {
                state.add(
                    Array(event.message.utf8)[...], timestamp: event.timestamp,
                    ingestionTime: now, to: name)
            }
            return .success(())
        }
        try result.get()
    }
}
