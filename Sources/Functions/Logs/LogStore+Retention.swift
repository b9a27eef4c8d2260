internal import Dispatch
internal import Logging
internal import Operations
internal import Storage
internal import Synchronization

/// What keeps logs from growing without bound, and removes what was deleted.
///
/// Events are removed oldest first, whatever stream they are in.
extension LogStore {
    /// How many records are read and removed in one go.
    private static let stepCount = 1_000

    /// The first time, in milliseconds, that a group still shows.
    func oldestShown(_ group: LogGroup) -> Int {
        let days = group.retentionInDays ?? limits.retentionDays
        return max(0, now - days * 86_400_000)
    }

    private func bytesMax(_ group: LogGroup) -> Int {
        group.retentionInDays == nil ? limits.groupBytesMax : limits.retainedGroupBytesMax
    }

    /// Trims every group, soon.
    func trimAll() {
        let names = state.withLock { Array($0.groups.keys) }
        state.withLock { $0.trims.formUnion(names) }
        runTrims()
    }

    /// Trims those of some groups that have become too large, soon.
    func trim(_ names: [LogGroupName]) {
        let isNeeded = state.withLock { state in
            for name in names {
                guard let group = state.groups[name], group.storedBytes > bytesMax(group) else {
                    continue
                }
                state.trims.insert(name)
            }
            return !state.trims.isEmpty
        }
        if isNeeded { runTrims() }
    }

    private func runTrims() {
        worker.async {
            while let name = self.state.withLock({ $0.trims.popFirst() }) {
                do throws(StorageError) {
                    try self.trim(name)
                } catch {
                    self.logger.error("Log group \(name.name) cannot be trimmed: \(error)")
                }
            }
        }
    }

    /// Removes a group's events that are too old, or too many.
    ///
    /// A group that is too large loses an eighth, so that it isn't trimmed for every event.
    private func trim(_ name: LogGroupName) throws(StorageError) {
        guard let group = state.withLock({ $0.groups[name] }) else { return }
        let oldest = oldestShown(group)
        let isTooLarge = group.storedBytes > bytesMax(group)
        var excess = isTooLarge ? group.storedBytes - bytesMax(group) / 8 * 7 : 0
        let prefix = LogKeys.events(group: group.id)
        var after = LogKeys.event(group.trimmedTo, group: group.id)
        while true {
            let found = try records.records(
                from: after, to: prefix + [0xFF], limit: Self.stepCount, byteCountMax: 4 << 20)
            var keys: [[UInt8]] = []
            var last: LogPosition?
            var freed = 0
            for record in found {
                guard let position = LogKeys.position(ofEvent: record.key),
                    position.timestamp < oldest || excess > 0
                else { break }
                let byteCount = LogEventRecord.byteCount(
                    messageBytes: max(0, record.value.count - 16))
                excess -= byteCount
                freed += byteCount
                keys.append(record.key)
                last = position
            }
            guard let last else { break }
            remove(keys, of: group, freed: freed, upTo: last)
            guard keys.count == found.count else { break }
            after = LogKeys.event(
                LogPosition(timestamp: last.timestamp, sequence: last.sequence &+ 1),
                group: group.id)
        }
        removeEmptyStreams(of: name, id: group.id, before: oldest)
    }

    private func remove(
        _ keys: [[UInt8]], of group: LogGroup, freed: Int, upTo last: LogPosition
    ) {
        let isDue = state.withLock { state in
            guard state.groups[group.name]?.id == group.id else { return false }
            for key in keys { state.changes.append((key, nil)) }
            state.groups[group.name]?.trimmedTo = last
            let left = max(0, (state.groups[group.name]?.storedBytes ?? 0) - freed)
            state.groups[group.name]?.storedBytes = left
            state.dirtyGroups.insert(group.name)
            for stream in group.streams.values {
                guard let first = stream.firstEventTimestamp, first < last.timestamp else {
                    continue
                }
                state.groups[group.name]?.streams[stream.name]?.firstEventTimestamp =
                    min(last.timestamp, stream.lastEventTimestamp ?? last.timestamp)
                state.dirtyStreams.insert(StreamName(group: group.name, stream: stream.name))
            }
            return state.schedule()
        }
        if isDue { writeSoon() }
    }

    /// Removes the streams that printing made and whose last event is gone.
    private func removeEmptyStreams(of name: LogGroupName, id: UInt64, before oldest: Int) {
        let isDue = state.withLock { state in
            guard let group = state.groups[name], group.id == id else { return false }
            for stream in group.streams.values where stream.isImplicit {
                guard let last = stream.lastEventTimestamp,
                    last < max(oldest, group.trimmedTo.timestamp)
                else { continue }
                state.groups[name]?.remove(stream: stream.name)
                state.changes.append((LogKeys.stream(stream.id, group: id), nil))
            }
            return state.schedule()
        }
        if isDue { writeSoon() }
    }

    // MARK: What was deleted

    /// Goes on with what an earlier process deleted.
    func finishPurges() {
        worker.async {
            do throws(StorageError) {
                for mark in try self.records.records(prefix: LogKeys.purges) {
                    guard mark.key.count == 9 || mark.key.count == 17 else { continue }
                    try self.purge(
                        group: LogKeys.number(mark.key[1..<9]),
                        stream: mark.key.count == 17 ? LogKeys.number(mark.key[9..<17]) : nil)
                }
            } catch {
                self.logger.error("Deleted logs cannot be removed: \(error)")
            }
        }
    }

    /// Removes the events of a deleted group or stream, then the mark that they are there.
    ///
    /// The mark must be durable before, and nothing may be added to them any more.
    func purge(group: UInt64, stream: UInt64?) throws(StorageError) {
        var after = LogKeys.events(group: group)
        let end = after + [0xFF]
        var freed = 0
        while true {
            let found = try records.records(
                from: after, to: end, limit: Self.stepCount, byteCountMax: 4 << 20)
            guard let last = found.last else { break }
            let gone = found.filter { record in
                stream == nil || LogEventRecord(record.value)?.streamID == stream
            }
            freed += gone.reduce(0) {
                $0 + LogEventRecord.byteCount(messageBytes: max(0, $1.value.count - 16))
            }
            state.withLock { state in
                for record in gone { state.changes.append((record.key, nil)) }
            }
            flush { _ in }
            after = last.key + [0]
        }
        let isDue = state.withLock { state in
            state.changes.append((LogKeys.purge(group: group, stream: stream), nil))
            if let name = state.groups.first(where: { $0.value.id == group })?.key {
                let left = max(0, (state.groups[name]?.storedBytes ?? 0) - freed)
                state.groups[name]?.storedBytes = left
                state.dirtyGroups.insert(name)
            }
            return state.schedule()
        }
        if isDue { writeSoon() }
    }
}
