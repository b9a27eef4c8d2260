internal import Glibc
internal import Metering
internal import Operations
internal import Synchronization

/// Finds storage ids by names, for what tells no place: errors, streams, settings.
final class ResourceNames: Sendable {
    private struct Name: Hashable, Sendable {
        var region: String
        var table: String
        var index: String?
    }

    private struct State: Sendable {
        var ids: [Name: UInt32] = [:]
        /// When the names were read, in seconds of uptime.
        var time = -1
    }

    private let directory: any ResourceDirectory
    private let state = Mutex(State())

    init(_ directory: any ResourceDirectory) { self.directory = directory }

    /// The storage id of a table, or of an index of it; 0 where there is none.
    ///
    /// - Parameter table: a name or an ARN.
    func id(region: String, table: String, index: String? = nil) -> UInt32 {
        guard !table.isEmpty else { return 0 }
        var name = Name(region: region, table: table, index: index)
        if table.hasPrefix("arn:") {
            let parts = table.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
            guard parts.count == 6, parts[5].hasPrefix("table/") else { return 0 }
            name.region = String(parts[3])
            name.table = String(parts[5].dropFirst("table/".count).prefix { $0 != "/" })
        }
        // A name may have come to stand for another table.
        if let id = state.withLock({ $0.ids[name] }), directory.resource(id: id) != nil {
            return id
        }
        guard let id = refresh()[name], directory.resource(id: id) != nil else { return 0 }
        return id
    }

    /// Tables have changed: the names are read again when they are next asked for in vain.
    func expire() { state.withLock { $0.time = -1 } }

    /// Reads the names again where they may have changed, at most once a second: faulty requests
    /// may come in masses.
    private func refresh() -> [Name: UInt32] {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let seconds = time.tv_sec
        let known = state.withLock { state -> [Name: UInt32]? in
            if state.time == seconds { return state.ids }
            state.time = seconds
            return nil
        }
        if let known { return known }
        var ids: [Name: UInt32] = [:]
        for resource in directory.resources() {
            ids[
                Name(
                    region: resource.region, table: resource.tableName, index: resource.indexName)
            ] = resource.id
        }
        state.withLock { $0.ids = ids }
        return ids
    }
}
