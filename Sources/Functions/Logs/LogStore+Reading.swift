internal import Operations
package import Storage
internal import Synchronization

/// An event as it is read.
package struct LogEvent: Sendable {
    package var position: LogPosition
    package var streamName: String
    /// Milliseconds since 1970.
    package var ingestionTime: Int
    package var message: String

    package var timestamp: Int { position.timestamp }
}

/// Which events are wanted.
package struct LogQuery: Sendable {
    /// Events from it on, itself included.
    package var from = LogPosition(timestamp: 0)
    /// Events before it.
    package var to = LogPosition.end
    /// nil: all streams.
    package var streams: Set<String>?
    package var filter = FilterPattern.everything
    /// The last ones rather than the first.
    package var isBackward = false
    package var limit = 10_000

    package init() {}
}

/// What a query found.
package struct LogPage: Sendable {
    /// In the order of their positions, backward or not.
    package var events: [LogEvent] = []
    /// Where to go on; nil where everything was looked at.
    package var next: LogPosition?
}

extension LogStore {
    /// Bytes of messages in an answer, bytes looked at for it, and records read in one go.
    private static let pageBytesMax = 1 << 20
    private static let searchedBytesMax = 16 << 20
    private static let stepCount = 500

    /// Reads a page of a group's events, as written by the last flush.
    ///
    /// May wait for the device.
    package func events(
        _ query: LogQuery, in group: LogGroup
    ) throws(StorageError) -> LogPage {
        var page = LogPage()
        let wanted = query.streams.map { names in
            Set(names.compactMap { group.streams[$0]?.id })
        }
        var lower = max(query.from, LogPosition(timestamp: oldestShown(group)))
        var upper = query.to
        var pageBytes = 0
        var searchedBytes = 0
        while lower < upper {
            let found = try records.records(
                from: LogKeys.event(lower, group: group.id),
                to: LogKeys.event(upper, group: group.id), backward: query.isBackward,
                limit: Self.stepCount, byteCountMax: 1 << 20)
            if found.isEmpty { break }
            for record in found {
                guard let position = LogKeys.position(ofEvent: record.key),
                    let event = LogEventRecord(record.value)
                else { continue }
                if page.events.count >= query.limit || pageBytes >= Self.pageBytesMax
                    || searchedBytes >= Self.searchedBytesMax
                {
                    page.next = query.isBackward ? position.next : position
                    return query.isBackward ? page.reversed : page
                }
                searchedBytes += record.value.count
                // A stream that is deleted has no name any more.
                guard wanted?.contains(event.streamID) ?? true,
                    let streamName = group.streamNames[event.streamID]
                else { continue }
                let message = String(decoding: event.message, as: UTF8.self)
                guard query.filter.matches(message) else { continue }
                pageBytes += event.message.count
                page.events.append(
                    LogEvent(
                        position: position, streamName: streamName,
                        ingestionTime: event.ingestionTime, message: message))
            }
            guard let last = found.last.flatMap({ LogKeys.position(ofEvent: $0.key) }) else {
                break
            }
            if query.isBackward { upper = last } else { lower = last.next }
        }
        return query.isBackward ? page.reversed : page
    }
}

extension LogPosition {
    /// The place right after an event.
    var next: LogPosition {
        LogPosition(timestamp: timestamp, sequence: sequence == .max ? .max : sequence + 1)
    }
}

extension LogPage {
    fileprivate var reversed: LogPage { LogPage(events: events.reversed(), next: next) }
}
