internal import FoundationEssentials
package import Items
package import Storage
internal import Synchronization

/// What one group of commits does to streams: records, shards and streams, staged in its batch.
///
/// For the commit path's thread alone, one writer at a time. Sequence numbers are given in the
/// order of the commit path, and lost with the batch if that is not committed.
package final class StreamWriter {
    /// The group's time.
    package let now: Double
    private let milliseconds: Int64
    private let catalogue: StreamCatalogue
    private let batch: any WriteBatch
    private let firstSequence: UInt64
    private var lastSequence: UInt64
    private var streams: [StreamName: ChangeStream]
    private var changes: [StreamName: ChangeStream?] = [:]
    private var trimmed: UInt64?
    private var advance: SequenceHistory.Advance?
    /// The stream and shard of each record, in order.
    ///
    /// Kept whether or not anybody wants to know: who begins to while the group is under way
    /// doesn't find its records yet, and must be told.
    private var touched: [(stream: UInt32, shard: UInt32)] = []

    package init(catalogue: StreamCatalogue, batch: any WriteBatch, now: Double) {
        self.catalogue = catalogue
        self.batch = batch
        self.now = now
        milliseconds = Milliseconds.of(now)
        let (streams, last) = catalogue.contents.withLock {
            ($0.streams, $0.history.last.sequence)
        }
        self.streams = streams
        firstSequence = max(last, catalogue.floor)
        lastSequence = firstSequence
    }

    /// Stages the record of an item's change in an open shard.
    package func append(
        _ old: ItemBytes?, _ new: ItemBytes?, to stream: UInt32, shard: UInt32, view: StreamView,
        keySchema: StreamKeySchema, isTimeToLiveDeletion: Bool
    ) {
        guard
            let record = ChangeRecord(
                of: old, to: new, view: view, keySchema: keySchema, milliseconds: milliseconds,
                isTimeToLiveDeletion: isTimeToLiveDeletion)
        else { return }
        batch.put(.streams, StreamKeys.record(stream, shard, nextSequence()), record.encoded)
        touched.append((stream, shard))
    }

    // MARK: Streams and shards

    /// The stream with a name, changes staged in this group included.
    package func stream(_ name: StreamName) -> ChangeStream? { streams[name] }

    /// Makes a stream with a shard for each range of the partition hash.
    ///
    /// - Parameter lowerHashes: where the ranges begin, in order; the first is 0.
    /// - Returns: the numbers of the open shards, in the ranges' order.
    package func create(_ descriptor: StreamDescriptor, lowerHashes: [UInt64]) -> [UInt32] {
        var stream = ChangeStream(descriptor: descriptor)
        for hashes in Self.ranges(lowerHashes) {
            put(stream.open(hashes, parentID: nil, at: now, nextSequence: nextSequence), of: stream)
        }
        put(stream)
        return stream.openShards.map(\.number)
    }

    /// Switches a stream off: all its shards end.
    package func disable(_ name: StreamName) {
        guard var stream = streams[name], stream.isEnabled else { return }
        for shard in stream.openShards { close(shard, of: &stream) }
        stream.descriptor.disabledAt = now
        put(stream)
    }

    /// Replaces open shards by children: those whose range is cut, and those that are due.
    ///
    /// - Parameters:
    ///   - lowerHashes: where the ranges begin, in order; the first is 0.
    ///   - isDue: whether a shard whose range stays is replaced, too.
    /// - Returns: the numbers of the open shards, in the ranges' order.
    package func reshape(
        _ name: StreamName, lowerHashes: [UInt64], isDue: (Shard) -> Bool = { _ in false }
    ) -> [UInt32] {
        guard var stream = streams[name] else { return [] }
        let ranges = Self.ranges(lowerHashes)
        for shard in stream.openShards {
            let children = ranges.filter {
                $0.lowerBound >= shard.lowerHash && $0.upperBound <= shard.upperHash
            }
            guard children.count > 1 || isDue(shard) else { continue }
            close(shard, of: &stream)
            for hashes in children {
                let child = stream.open(
                    hashes, parentID: shard.id, at: now, nextSequence: nextSequence)
                put(child, of: stream)
            }
        }
        put(stream)
        return stream.openShards.map(\.number)
    }

    // MARK: Retention

    /// Deletes a stream with all its records.
    package func remove(_ name: StreamName) {
        guard let stream = streams[name] else { return }
        batch.delete(.streams, StreamKeys.descriptor(stream.id))
        for shard in stream.shards {
            batch.delete(.streams, StreamKeys.shard(stream.id, shard.number))
        }
        batch.deleteRange(
            .streams, lower: StreamKeys.record(stream.id, 0, 0),
            upper: StreamKeys.record(stream.id, .max, .max))
        streams[name] = nil
        changes[name] = .some(nil)
    }

    /// Deletes the records of a stream up to a sequence number, and the shards that end at or
    /// before it.
    ///
    /// - Parameter lastRecord: the last record of a shard that is to be deleted; nil for none (a
    ///   range deletion that deletes nothing would still slow reads).
    package func trim(
        _ name: StreamName, through sequence: UInt64, lastRecord: (Shard) -> UInt64?
    ) {
        guard var stream = streams[name], sequence < .max else { return }
        var isChanged = false
        for shard in stream.shards where shard.startingSequence <= sequence {
            if let last = lastRecord(shard) {
                let range = StreamKeys.records(stream.id, shard.number, 0..<(last + 1))
                batch.deleteRange(.streams, lower: range.lower, upper: range.upper)
                stream.markTrimmed(shard.number, through: last)
                if let changed = stream.shard(number: shard.number) { put(changed, of: stream) }
                isChanged = true
            }
            if let ending = shard.endingSequence, ending <= sequence {
                batch.delete(.streams, StreamKeys.shard(stream.id, shard.number))
                stream.shards.removeAll { $0.number == shard.number }
                isChanged = true
            }
        }
        // Its descriptor stays as it is.
        if isChanged { show(stream) }
    }

    /// Numbers up to one count as trimmed for good: to be called with every trimming.
    package func markTrimmed(through sequence: UInt64) { trimmed = max(trimmed ?? 0, sequence) }

    // MARK: The end of a group

    /// Stages what the group's sequence numbers leave behind; to be called once, at its end.
    package func finish() {
        let history = catalogue.contents.withLock { $0.history }
        if lastSequence > firstSequence {
            let advance = history.advance(to: lastSequence, at: milliseconds)
            self.advance = advance
            for mark in advance.removed {
                batch.delete(.streams, StreamKeys.history(mark.sequence))
            }
            if let mark = advance.added {
                var value: [UInt8] = []
                StreamKeys.append(UInt64(clamping: mark.milliseconds), to: &value)
                batch.put(.streams, StreamKeys.history(mark.sequence), value)
            }
        }
        if let trimmed, trimmed < .max {
            batch.deleteRange(
                .streams, lower: StreamKeys.history(0), upper: StreamKeys.history(trimmed + 1))
        }
        guard advance != nil || trimmed != nil else { return }
        let last = advance?.last ?? history.last
        var value: [UInt8] = []
        value.reserveCapacity(24)
        StreamKeys.append(last.sequence, to: &value)
        StreamKeys.append(UInt64(clamping: last.milliseconds), to: &value)
        StreamKeys.append(max(history.trimmed, trimmed ?? 0), to: &value)
        batch.put(.streams, StreamKeys.position, value)
    }

    /// Makes the group's changes visible, once its batch is committed.
    package func publish() {
        catalogue.publish(streams: changes, advance: advance, trimmed: trimmed)
    }

    /// Tells the observers of streams which shards got records; after `publish`.
    package func notify() {
        guard !touched.isEmpty, !catalogue.observers.isEmpty else { return }
        var shards: [UInt32: Set<UInt32>] = [:]
        for place in touched { shards[place.stream, default: []].insert(place.shard) }
        for stream in streams.values {
            guard let numbers = shards[stream.id] else { continue }
            let ids = numbers.sorted().compactMap { stream.shard(number: $0)?.id }
            catalogue.observers.notify(stream.id, shardIds: ids)
        }
    }

    // MARK: Parts

    private func nextSequence() -> UInt64 {
        lastSequence += 1
        return lastSequence
    }

    private func close(_ shard: Shard, of stream: inout ChangeStream) {
        stream.close(shard.number, nextSequence: nextSequence)
        if let closed = stream.shard(number: shard.number) { put(closed, of: stream) }
    }

    private func show(_ stream: ChangeStream) {
        streams[stream.name] = stream
        changes[stream.name] = .some(stream)
    }

    private func put(_ stream: ChangeStream) {
        show(stream)
        put(stream.descriptor, under: StreamKeys.descriptor(stream.id))
    }

    private func put(_ shard: Shard, of stream: ChangeStream) {
        put(shard, under: StreamKeys.shard(stream.id, shard.number))
    }

    private func put(_ value: some Encodable, under key: [UInt8]) {
        if let json = try? JSONEncoder().encode(value) { batch.put(.streams, key, Array(json)) }
    }

    private static func ranges(_ lowerHashes: [UInt64]) -> [ClosedRange<UInt64>] {
        lowerHashes.indices.map { index in
            let upper = index + 1 < lowerHashes.count ? lowerHashes[index + 1] - 1 : .max
            return lowerHashes[index]...upper
        }
    }
}
