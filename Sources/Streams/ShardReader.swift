package import Storage

/// Reads the records of a shard in order.
package enum ShardReader {
    /// What one read found.
    package struct Page: Sendable {
        package var records: [(sequence: UInt64, record: ChangeRecord)] = []
        /// Where the next read begins.
        package var next: UInt64
        /// Whether all records that were committed before the read have been seen.
        package var isAtEnd = false

        package init(next: UInt64) { self.next = next }

        /// Nothing, where nothing comes after.
        package init(ending next: UInt64) {
            self.next = next
            isAtEnd = true
        }
    }

    /// Reads records from a sequence number on.
    ///
    /// - Parameters:
    ///   - through: the last committed sequence number, asked for before the read.
    ///   - keptSince: records of earlier milliseconds are past retention and passed over.
    ///   - takes: whether a record still fits into the answer.
    /// - Throws: `StorageError.corrupt` for a record that cannot be read; may wait for the device.
    package static func read(
        _ store: any ReadView, stream: UInt32, shard: UInt32, from first: UInt64,
        through last: UInt64, keptSince: Int64, takes: (ChangeRecord) -> Bool
    ) throws(StorageError) -> Page {
        var page = Page(next: first)
        guard first <= last, last < .max else { return Page(ending: first) }
        let range = StreamKeys.records(stream, shard, first..<(last + 1))
        let cursor = try store.cursor(.streams, lower: range.lower, upper: range.upper)
        try cursor.seek(nil)
        while cursor.isValid {
            let sequence = StreamKeys.sequence(ofRecord: cursor.key)
            let value = cursor.value
            if ChangeRecord.milliseconds(ofEncoded: value) > keptSince {
                guard let record = ChangeRecord(encoded: value) else {
                    throw .corrupt("the record \(sequence) of a stream cannot be read")
                }
                guard takes(record) else { return page }
                page.records.append((sequence, record))
            }
            page.next = sequence + 1
            try cursor.next()
        }
        page.next = last + 1
        page.isAtEnd = true
        return page
    }

    /// The sequence number of a shard's last record up to one; nil where there is none.
    package static func lastRecord(
        _ store: any ReadView, stream: UInt32, shard: UInt32, through last: UInt64
    ) throws(StorageError) -> UInt64? {
        guard last < .max else { return nil }
        let range = StreamKeys.records(stream, shard, 0..<(last + 1))
        let cursor = try store.cursor(.streams, lower: range.lower, upper: range.upper)
        try cursor.seekBackward(nil)
        return cursor.isValid ? StreamKeys.sequence(ofRecord: cursor.key) : nil
    }
}
